/** Histograms of delays in milliseconds: lateness of polls, delay of the event loop. Recording costs 0.1 µs. */

import {
  createHistogram,
  monitorEventLoopDelay,
  type IntervalHistogram,
  type RecordableHistogram,
} from 'node:perf_hooks'

export interface Delays {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** A poll that is on time is recorded as 0.001 ms: the histogram holds whole microseconds from 1. */
export class DelayHistogram {
  readonly #histogram: RecordableHistogram = createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 3 })

  record(ms: number): void {
    this.#histogram.record(Math.max(1, Math.round(ms * 1_000)))
  }

  get count(): number {
    return this.#histogram.count
  }

  reset(): void {
    this.#histogram.reset()
  }

  read(): Delays {
    if (this.#histogram.count === 0) return { p50: 0, p99: 0, max: 0 }
    const ms = (value: number): number => Math.round(value / 100) / 10
    return {
      p50: ms(this.#histogram.percentile(50)),
      p99: ms(this.#histogram.percentile(99)),
      max: ms(this.#histogram.max),
    }
  }
}

/** Resolution of the event-loop watch; what it reports is the delay beyond it. */
const RESOLUTION_MS = 10

export class LoopDelay {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })

  start(): void {
    this.#histogram.enable()
  }

  stop(): void {
    this.#histogram.disable()
  }

  /** Forgets what was, so that start-up does not colour the figures of a running service. */
  reset(): void {
    this.#histogram.reset()
  }

  read(): Delays {
    const ms = (ns: number): number => Math.max(0, Math.round((ns / 1e6 - RESOLUTION_MS) * 10) / 10)
    if (this.#histogram.count === 0) return { p50: 0, p99: 0, max: 0 }
    return {
      p50: ms(this.#histogram.percentile(50)),
      p99: ms(this.#histogram.percentile(99)),
      max: ms(this.#histogram.max),
    }
  }
}
