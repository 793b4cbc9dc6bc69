/** The whole fleet in a line: how many jobs do what, how fast, how long yet. */

import type { LiveJob } from '../../client/index.ts'
import { isTerminal } from '../../model/words.ts'
import { formatMibps, formatRange } from '../format.ts'
import { verdictWords } from '../table.ts'

export interface Totals {
  readonly running: number
  readonly completed: number
  readonly failed: number
  /** Running ones by verdict. */
  readonly verdicts: ReadonlyMap<string, number>
  readonly bytesPerSecond: number
  /** Until the last job is through, as far as that is known; null: of none. */
  readonly etaLow: number | null
  readonly etaHigh: number | null
}

export function totalsOf(jobs: readonly LiveJob[]): Totals {
  const running = jobs.filter(({ status }) => !isTerminal(status))
  const verdicts = new Map<string, number>()
  for (const { verdict } of running) verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
  const last = (etas: readonly (number | null)[]): number | null => {
    const known = etas.filter((eta) => eta !== null)
    return known.length === 0 ? null : known.reduce((most, eta) => Math.max(most, eta))
  }
  return {
    running: running.length,
    completed: jobs.filter(({ status }) => status === 'completed').length,
    failed: jobs.filter(({ status }) => status === 'failed' || status === 'cancelled').length,
    verdicts,
    bytesPerSecond: running.reduce((sum, job) => sum + job.transfer_speed_bps, 0),
    etaLow: last(running.map((job) => job.eta_low_seconds)),
    etaHigh: last(running.map((job) => job.eta_high_seconds)),
  }
}

export function totalSegments(totals: Totals): readonly string[] {
  const range = formatRange(totals.etaLow, totals.etaHigh)
  const verdicts = [...totals.verdicts].filter(([name]) => name !== 'finished').toSorted(([a], [b]) => (a < b ? -1 : 1))
  return [
    `${totals.running} running`,
    ...verdicts.map(([name, count]) => `${count} ${verdictWords(name)}`),
    ...(totals.completed > 0 ? [`${totals.completed} completed`] : []),
    ...(totals.failed > 0 ? [`${totals.failed} failed`] : []),
    `${formatMibps(totals.bytesPerSecond)} MiB/s`,
    ...(range === undefined ? [] : [`ETA ${range}`]),
  ]
}
