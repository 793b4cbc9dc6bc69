/** One run of a load generator, from its first request to its last answer. */

import { createHistogram } from 'node:perf_hooks'
import type { LoadResult } from './load.ts'

export class Stopwatch {
  readonly startedAt = performance.now()
  readonly #cpu = process.cpuUsage()
  /** Whole microseconds. */
  readonly #latencies = createHistogram({ lowest: 1, highest: 600_000_000, figures: 3 })

  took(ms: number): void {
    this.#latencies.record(Math.max(1, Math.round(ms * 1_000)))
  }

  stop(answers: number, failures: number): LoadResult {
    const seconds = (performance.now() - this.startedAt) / 1_000
    const { user, system } = process.cpuUsage(this.#cpu)
    const ms = (percentile: number): number => (answers === 0 ? 0 : this.#latencies.percentile(percentile) / 1_000)
    return {
      answers,
      failures,
      seconds,
      perSecond: answers / seconds,
      busy: (user + system) / 1e6 / seconds,
      p50: ms(50),
      p99: ms(99),
      max: ms(100),
    }
  }
}
