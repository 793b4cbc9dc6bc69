/** The demo's side of the simulation process: starts it, tells it what to do, and never leaves it behind. */

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { FromSimulation, SampleJob, ToSimulation } from './simulation-messages.ts'

export type Stopped = Extract<FromSimulation, { type: 'stopped' }>

export interface SimulationEvents {
  readonly onTrouble: (message: string) => void
  /** It ended without being told to. */
  readonly onLost: (reason: string) => void
}

/** How long a clean end may take before the process is killed. */
const STOP_DEADLINE_MS = 5_000
const STDERR_KEPT = 4_000

export class Simulation {
  readonly #child: ChildProcess
  readonly #events: SimulationEvents
  readonly #exited: Promise<unknown>
  #waiting: ((message: FromSimulation) => void) | undefined
  #stopping = false
  #stderr = ''
  #fault = ''

  constructor(events: SimulationEvents) {
    this.#events = events
    // In a checkout it runs as TypeScript, in the package as the compiled JavaScript beside this file.
    const file = new URL(`./simulation-process.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)
    this.#child = fork(file, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    this.#exited = once(this.#child, 'exit')
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_KEPT)
    })
    this.#child.on('message', (message: FromSimulation) => this.#hear(message))
    this.#child.on('error', (error) => {
      this.#fault = error.message
    })
    this.#child.on('exit', () => {
      if (!this.#stopping) events.onLost(this.#fault || this.#stderr.trim() || 'it ended without a word')
    })
  }

  /** Starts the VMA; answers its port. */
  async serve(host: string, port: number): Promise<number> {
    const answer = await this.#ask({ type: 'serve', host, port }, 'serving')
    return answer.port
  }

  /** Starts the fleet; answers the first job that runs. */
  async begin(order: Omit<Extract<ToSimulation, { type: 'begin' }>, 'type'>): Promise<SampleJob> {
    const answer = await this.#ask({ type: 'begin', ...order }, 'running')
    return answer.sample
  }

  /** Ends it, in the end by force; what it did, if it lived to tell. */
  async stop(): Promise<Stopped | undefined> {
    this.#stopping = true
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return undefined
    const timer = setTimeout(() => this.kill(), STOP_DEADLINE_MS)
    try {
      const stopped = this.#child.connected ? this.#ask({ type: 'stop' }, 'stopped') : Promise.reject(new Error('gone'))
      const last = await Promise.race([stopped.catch(() => undefined), this.#exited.then(() => undefined)])
      await this.#exited
      return last
    } finally {
      clearTimeout(timer)
    }
  }

  kill(): void {
    this.#stopping = true
    this.#child.kill('SIGKILL')
  }

  /** Sends an order and waits for its answer; an end of the process is an error. */
  #ask<Type extends FromSimulation['type']>(
    order: ToSimulation,
    type: Type,
  ): Promise<Extract<FromSimulation, { type: Type }>> {
    const isAnswer = (message: FromSimulation): message is Extract<FromSimulation, { type: Type }> =>
      message.type === type
    const answered = new Promise<Extract<FromSimulation, { type: Type }>>((resolve) => {
      this.#waiting = (message) => {
        if (isAnswer(message)) resolve(message)
      }
    })
    const lost = this.#exited.then(() => {
      throw new Error(`the simulation process ended: ${this.#fault || this.#stderr.trim() || 'without a word'}`)
    })
    // A channel that is closed already needs no error of its own: the end of the process is the answer.
    this.#child.send(order, () => undefined)
    return Promise.race([answered, lost])
  }

  #hear(message: FromSimulation): void {
    if (message.type === 'trouble') this.#events.onTrouble(message.message)
    if (message.type === 'fault') this.#fault = message.message
    this.#waiting?.(message)
  }
}
