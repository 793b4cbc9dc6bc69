/** How a job's rate went: what the OMA kept, and what has been heard since. */

import type { ProgressHistoryJson } from '../../../src/model/wire/history.ts'
import type { Series } from './series.ts'

export interface Point {
  /** Epoch seconds. */
  readonly at: number
  /** null: not known from then on. */
  readonly rate: number | null
}

/** Points that are not after the last kept one are in it already. */
export function curveOf(kept: ProgressHistoryJson['points'], heard: readonly Point[]): Series {
  const times = kept.map((point) => Date.parse(point.at) / 1_000)
  const rates = kept.map((point) => point.rate_bps)
  for (const { at, rate } of heard) {
    const last = times.at(-1)
    if (last !== undefined && at <= last) continue
    times.push(at)
    rates.push(rate)
  }
  return { times, rates }
}
