/** The handle of a VMA process that tells the truth: killed as a power cut would, started again on the same port. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { VmaPlan } from '../fakes/scripted-vma-process.ts'

const FILE = fileURLToPath(new URL('../fakes/scripted-vma-process.ts', import.meta.url))

export class TrueVma {
  readonly #port: number
  readonly #plan: VmaPlan
  #process: ChildProcess | undefined

  constructor(port: number, plan: VmaPlan) {
    this.#port = port
    this.#plan = plan
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [FILE, JSON.stringify({ ...this.#plan, port: this.#port })], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    this.#process = child
    const listens = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
    if (listens.done === true) throw new Error('the VMA process ended before it listened')
  }

  async kill(): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
}
