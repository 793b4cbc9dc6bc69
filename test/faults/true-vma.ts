/** The handle of a VMA process that tells the truth: killed as a power cut would, started again on the same port. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { VmaPlan } from '../fakes/scripted-vma-process.ts'

const FILE = fileURLToPath(new URL('../fakes/scripted-vma-process.ts', import.meta.url))

export class TrueVma {
  readonly #plan: VmaPlan
  #process: ChildProcess | undefined
  #url = ''

  constructor(plan: VmaPlan) {
    this.#plan = plan
  }

  get url(): string {
    return this.#url
  }

  async start(): Promise<void> {
    const port = this.#url === '' ? 0 : Number(new URL(this.#url).port)
    const child = spawn(process.execPath, [FILE, JSON.stringify({ ...this.#plan, port })], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    this.#process = child
    for await (const line of createInterface({ input: child.stdout })) {
      this.#url = (JSON.parse(line) as { url: string }).url
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
