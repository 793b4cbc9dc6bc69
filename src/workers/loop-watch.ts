/** How late and how busy the event loop of this thread is. Costs one native timer of 10 ms. */

import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { ThreadFigures } from './protocol.ts'

const RESOLUTION_MS = 10
/** What is told is of the last window that is over: a scrape every 15 s sees nearly all of them. */
const WINDOW_MS = 10_000

export class LoopWatch {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  readonly #timer: NodeJS.Timeout
  #last: ThreadFigures | undefined

  constructor() {
    this.#delay.enable()
    this.#timer = setInterval(() => {
      this.#last = this.#present()
      this.#delay.reset()
    }, WINDOW_MS)
    this.#timer.unref()
  }

  read(): ThreadFigures {
    return { ...(this.#last ?? this.#present()), busySeconds: busySeconds() }
  }

  close(): void {
    clearInterval(this.#timer)
    this.#delay.disable()
  }

  #present(): ThreadFigures {
    const seconds = (ns: number): number => Math.max(0, ns / 1e9 - RESOLUTION_MS / 1_000)
    const isEmpty = this.#delay.count === 0
    return {
      p50: isEmpty ? 0 : seconds(this.#delay.percentile(50)),
      p99: isEmpty ? 0 : seconds(this.#delay.percentile(99)),
      max: isEmpty ? 0 : seconds(this.#delay.max),
      busySeconds: busySeconds(),
    }
  }
}

function busySeconds(): number {
  return performance.eventLoopUtilization().active / 1_000
}
