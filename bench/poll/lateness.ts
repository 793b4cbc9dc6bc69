/** Lateness of the polls of healthy jobs apart from those whose VMA is slow with them. From when a poll was due. */

import type { Oma } from '../../src/compose-oma.ts'
import { DelayHistogram, type Delays } from '../../src/telemetry/delays.ts'
import { isSlow, type Slowness } from './slowness.ts'

export interface LatenessByKind {
  readonly healthy: Delays & { readonly polls: number }
  readonly slow: Delays & { readonly polls: number }
}

export class KindsOfLateness {
  readonly #slowness: Slowness
  readonly #healthy = new DelayHistogram()
  readonly #slow = new DelayHistogram()

  constructor(slowness: Slowness) {
    this.#slowness = slowness
  }

  record(key: string, lateMs: number): void {
    ;(isSlow(key, this.#slowness) ? this.#slow : this.#healthy).record(lateMs)
  }

  reset(): void {
    this.#healthy.reset()
    this.#slow.reset()
  }

  read(): LatenessByKind {
    const of = (histogram: DelayHistogram) => ({ ...histogram.read(), polls: histogram.count })
    return { healthy: of(this.#healthy), slow: of(this.#slow) }
  }
}

/** Listens where the supervisor is told of each poll's end. */
export function watchLateness({ runtime: { supervisor } }: Oma, kinds: KindsOfLateness): void {
  const deliver = supervisor.deliver.bind(supervisor)
  supervisor.deliver = (result) => {
    const job = supervisor.jobs.at(result.slot)
    const [key] = job?.keys() ?? []
    if (job !== undefined && key !== undefined) kinds.record(key, Date.now() - job.dueAt)
    deliver(result)
  }
}
