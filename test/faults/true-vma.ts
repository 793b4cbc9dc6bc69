/** The handle of a VMA process that tells the truth: killed as a power cut would, started again on the same port. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { TruthOptions } from './truth.ts'

const FILE = fileURLToPath(new URL('vma-process.ts', import.meta.url))

export class TrueVma {
  readonly #options: TruthOptions
  #process: ChildProcess | undefined
  #port = 0

  constructor(options: TruthOptions) {
    this.#options = options
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [FILE, JSON.stringify(this.#options), String(this.#port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    this.#process = child
    for await (const line of createInterface({ input: child.stdout })) {
      this.#port = Number(/^port (\d+)$/.exec(line)?.[1])
      return
    }
    throw new Error('the VMA process ended before it listened')
  }

  async kill(): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
}
