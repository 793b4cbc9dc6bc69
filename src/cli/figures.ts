/** The OMA's figures for people: one line above the table, one plain line, one summary at the end. */

import type { Tally } from './tally.ts'
import type { TableJob } from './table.ts'
import { isTerminal } from '../model/words.ts'
import type { Meter } from '../telemetry/meter.ts'
import { formatMibps, formatMs } from './format.ts'

/** What the figures need of the OMA's statistics. Delays are milliseconds. */
export interface StatsView {
  readonly polls: { readonly ok: number; readonly failed: Readonly<Partial<Record<string, number>>> }
  readonly lateness: DelaysView
  readonly loopDelay: DelaysView
}

interface DelaysView {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export interface Figures {
  readonly active: number
  readonly completed: number
  readonly failed: number
  readonly bytesPerSecond: number
  readonly pollsPerSecond: number
  readonly pollsFailed: number
  readonly polls: number
  readonly lateness: DelaysView
  readonly loopDelay: DelaysView
}

export function figuresOf(
  jobs: readonly TableJob[],
  stats: StatsView,
  tally: Tally,
  meter: Meter,
  now: number,
): Figures {
  const active = jobs.filter((job) => !isTerminal(job.status))
  const pollsFailed = Object.values(stats.polls.failed).reduce<number>((sum, count) => sum + (count ?? 0), 0)
  const polls = stats.polls.ok + pollsFailed
  return {
    active: active.length,
    completed: tally.completed,
    failed: tally.failed,
    bytesPerSecond: active.reduce((sum, job) => sum + job.transfer_speed_bps, 0),
    pollsPerSecond: meter.mark(now, polls),
    pollsFailed,
    polls,
    lateness: stats.lateness,
    loopDelay: stats.loopDelay,
  }
}

export function summarySegments(figures: Figures): readonly string[] {
  const { lateness, loopDelay } = figures
  return [
    `${figures.active} active`,
    `${figures.completed} done`,
    `${figures.failed} failed`,
    `${formatMibps(figures.bytesPerSecond)} MiB/s`,
    `${figures.pollsPerSecond.toFixed(1)} polls/s`,
    `late p50 ${formatMs(lateness.p50)} p99 ${formatMs(lateness.p99)} ms`,
    `loop p99 ${formatMs(loopDelay.p99)} ms`,
  ]
}

/** The last lines of a demo. */
export function closingLines(figures: Figures): readonly string[] {
  const { lateness, loopDelay } = figures
  const delays = (of: DelaysView): string =>
    `p50 ${formatMs(of.p50)} ms, p99 ${formatMs(of.p99)} ms, max ${formatMs(of.max)} ms`
  return [
    `jobs ended       ${figures.completed + figures.failed} (${figures.completed} completed, ${figures.failed} failed), ${figures.active} were running`,
    `polls            ${figures.polls} (${figures.pollsFailed} failed)`,
    `poll lateness    ${delays(lateness)}`,
    `event-loop delay ${delays(loopDelay)}`,
  ]
}
