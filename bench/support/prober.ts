/** Asks one URL again and again, at an even pace: how long do others wait for an answer? Late counts from when it was due. */

import { Agent, get } from 'node:http'
import { DelayHistogram, type Delays } from '../../src/telemetry/delays.ts'

const EVERY_MS = 20

export class Prober {
  readonly #url: string
  readonly #agent = new Agent({ keepAlive: true })
  readonly #delays = new DelayHistogram()
  readonly #loop: Promise<void>
  #isOver = false

  constructor(url: string) {
    this.#url = url
    this.#loop = this.#run()
    // Told by `stop`; without one there is another fault already.
    this.#loop.catch(() => undefined)
  }

  /** The first fault rejects. */
  async stop(): Promise<Delays> {
    this.#isOver = true
    await this.#loop
    this.#agent.destroy()
    return this.#delays.read()
  }

  async #run(): Promise<void> {
    let dueAt = performance.now()
    while (!this.#isOver) {
      await this.#ask()
      const now = performance.now()
      // Those that would have been due meanwhile waited as well.
      for (; dueAt <= now; dueAt += EVERY_MS) this.#delays.record(now - dueAt)
      await new Promise((resolve) => setTimeout(resolve, dueAt - performance.now()))
    }
  }

  #ask(): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = get(this.#url, { agent: this.#agent }, (response) => {
        response.resume().once('end', resolve)
      })
      request.once('error', reject)
    })
  }
}
