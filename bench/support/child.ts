/**
 * A part of a bench in a process of its own: it does what it is asked over IPC, its cost can be read, and it is stopped
 * by its handle. The other end is `obey` in parent.ts.
 */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Asked, Told } from './parent.ts'
import { canPin, cpuSeconds, memoryOf, type Memory } from './proc.ts'

/** Where a process runs. Servers and clients never share a core, so that neither takes the other's time. */
export const SERVER_CORE = 0
export const CLIENT_CORE = 1

export interface ChildOptions {
  readonly args?: readonly string[]
  /** For node itself, before the file. */
  readonly nodeArgs?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Absent: any. */
  readonly core?: number
  readonly cwd?: string
  /** A file that its output is added to; absent: it goes where the bench's does. */
  readonly log?: string
}

const STOP_MS = 5_000

export class Child {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  #asked = 0

  private constructor(child: ChildProcess) {
    this.#process = child
    child.on('message', (told: Told) => this.#told(told))
    child.on('exit', (code, signal) => this.#ended(`it ended with ${code ?? signal}`))
    child.on('error', (error) => this.#ended(error.message))
  }

  /** `file` is a module beside the caller's: `new URL('./server.ts', import.meta.url)`. */
  static start(file: URL, options: ChildOptions = {}): Child {
    const { args = [], nodeArgs = [], env = {}, core, cwd, log } = options
    const node = [process.execPath, '--disable-warning=ExperimentalWarning', ...nodeArgs, fileURLToPath(file), ...args]
    const [command = '', ...rest] = core === undefined || !canPin() ? node : ['taskset', '-c', String(core), ...node]
    const output = log === undefined ? 'inherit' : openSync(log, 'a')
    try {
      return new Child(
        spawn(command, rest, {
          stdio: ['ignore', output, output, 'ipc'],
          serialization: 'advanced',
          env: { ...process.env, ...env },
          ...(cwd === undefined ? {} : { cwd }),
        }),
      )
    } finally {
      if (typeof output === 'number') closeSync(output)
    }
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** What `obey`'s handler answers; rejects with its error, or when the process ends before. */
  ask<T>(question: unknown): Promise<T> {
    this.#asked += 1
    const id = this.#asked
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as T), reject })
      this.#process.send({ id, question } satisfies Asked, (error) => {
        if (error !== null) reject(error)
      })
    })
  }

  cpuSeconds(): number {
    return cpuSeconds(this.pid)
  }

  memory(): Memory {
    return memoryOf(this.pid)
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#process
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await exited
    clearTimeout(late)
  }

  #told(told: Told): void {
    const waiting = this.#waiting.get(told.id)
    this.#waiting.delete(told.id)
    if ('error' in told) waiting?.reject(new Error(told.error))
    else waiting?.resolve(told.answer)
  }

  #ended(why: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(`a process of the bench: ${why}`))
    this.#waiting.clear()
  }
}
