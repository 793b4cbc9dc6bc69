/** The whole fleet in a few numbers. */

import type { Row } from './fleet.ts'
import { GROUPS, isIn, type Group } from './query.ts'
import { isRunning, STATES } from './state.ts'

export interface Totals {
  readonly counts: Readonly<Record<Group, number>>
  /** Of the running jobs whose numbers are true now. */
  readonly bytesPerSecond: number
  /** Of the running jobs. */
  readonly bytesMoved: number
  readonly bytesTotal: number
  /** Until the last of them is done; null while none says. */
  readonly etaLow: number | null
  readonly etaHigh: number | null
  /** Running jobs without an estimate: the fleet may take longer. */
  readonly withoutEta: number
}

export function totalsOf(rows: Iterable<Row>): Totals {
  const counts = Object.fromEntries(GROUPS.map((group) => [group, 0])) as Record<Group, number>
  const sum = { bytesPerSecond: 0, bytesMoved: 0, bytesTotal: 0, withoutEta: 0 }
  let etaLow: number | null = null
  let etaHigh: number | null = null
  for (const row of rows) {
    for (const group of GROUPS) if (isIn(group, row)) counts[group] += 1
    const { job } = row
    if (job === undefined || !isRunning(job)) continue
    sum.bytesMoved += job.bytes_transferred
    sum.bytesTotal += job.total_bytes
    if (!STATES[row.state].isStale) sum.bytesPerSecond += job.transfer_speed_bps
    if (job.eta_low_seconds === null || job.eta_high_seconds === null || STATES[row.state].isStale) sum.withoutEta += 1
    else {
      etaLow = Math.max(etaLow ?? 0, job.eta_low_seconds)
      etaHigh = Math.max(etaHigh ?? 0, job.eta_high_seconds)
    }
  }
  return { counts, ...sum, etaLow, etaHigh }
}
