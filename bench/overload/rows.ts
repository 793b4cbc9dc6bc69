/** The figures of a phase, for people. */

import { slopeOf } from '../../test/soak/slopes.ts'
import { rounded, type Row } from '../support/report.ts'
import type { Measured } from './stand.ts'

export function pollRow(measured: Measured, perJob: number): Row {
  const { name, jobs, figures } = measured
  return {
    phase: name,
    jobs,
    'wanted/s': Math.round(jobs * perJob),
    'polls/s': figures.pollsPerSecond,
    'late p50, p99 ms': `${rounded(figures.lateMs.p50)}, ${rounded(figures.lateMs.p99)}`,
    ...fairRow(measured),
    ...serviceRow(measured),
  }
}

/** `updates`: what the VMA was told in the span, a second. */
export function feedRow(measured: Measured, updates: number): Row {
  const { name, jobs, figures } = measured
  return {
    phase: name,
    jobs,
    'updates/s': Math.round(updates),
    'heard/s': Math.round(figures.heardPerSecond),
    'updates a sample': rounded(updates / figures.heardPerSecond),
    ...fairRow(measured),
    ...serviceRow(measured),
  }
}

function fairRow({ figures: { fairness, failed } }: Measured): Readonly<Record<string, string | number>> {
  const { least, median, most } = fairness.intervalMs
  return {
    'interval of a job: least, median, most ms': [least, median, most].map(Math.round).join(', '),
    'Jain index': Number(fairness.jain.toFixed(4)),
    'longest gap: median, worst ms': [fairness.medianGapMs, fairness.maxGapMs].map(Math.round).join(', '),
    'starved jobs': fairness.starved,
    'failed polls': failed,
  }
}

function serviceRow({ figures, health, post, rss }: Measured): Readonly<Record<string, string | number>> {
  return {
    'results, rows conflated': `${figures.conflated}, ${figures.replacedRows}`,
    'results, rows waiting at the end': `${figures.mailboxDepth}, ${figures.rowsWaiting}`,
    '/healthz p50, p99 ms': `${rounded(health.p50)}, ${rounded(health.p99)}`,
    'POST p50, p99 ms': `${rounded(post.p50)}, ${rounded(post.p99)}`,
    'loop p99 ms': figures.loopMs.p99,
    'cores: main, fetch, database': [figures.threads.main, figures.threads.fetch, figures.threads.database].join(', '),
    'RSS MiB': Math.round(figures.rssBytes / 2 ** 20),
    'RSS rises MiB/min': rounded(slopeOf(rss).perHour / 60),
  }
}

/** Rows as columns: there are many figures and few phases. */
export function turned(rows: readonly Row[]): Row[] {
  return Object.keys(rows[0] ?? {})
    .filter((name) => name !== 'phase')
    .map((figure) => ({ figure, ...Object.fromEntries(rows.map((one) => [String(one['phase']), one[figure] ?? ''])) }))
}
