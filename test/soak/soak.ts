/**
 * `npm run test:soak [-- --for 20m --jobs 50000 --at-once 2000 --clients 24 --seed 1 --report 3s --calm --json FILE --keep]`
 *
 * A long life in short: tens of thousands of jobs through two thousand at a time, with troubles, clients that come and go,
 * and a sample of what every process holds. Ends with 1 when something leaked, or when a job did not end exactly once.
 * A short form: `npm run test:soak -- --for 2m --jobs 3000 --at-once 300`.
 */

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Report, rounded, type Row } from '../../bench/support/report.ts'
import { formatDuration, parseDuration } from '../../src/model/units.ts'
import { soak, type SoakResult } from './run.ts'

const { values } = parseArgs({
  options: {
    for: { type: 'string', default: '20m' },
    jobs: { type: 'string', default: '50000' },
    'at-once': { type: 'string', default: '2000' },
    clients: { type: 'string', default: '24' },
    seed: { type: 'string', default: '1' },
    report: { type: 'string', default: '3s' },
    calm: { type: 'boolean', default: false },
    json: { type: 'string' },
    /** Keeps the folder with the logs. */
    keep: { type: 'boolean', default: false },
  },
})

function duration(name: 'for' | 'report'): number {
  const ms = parseDuration(values[name])
  if (ms === undefined || ms <= 0) throw new Error(`--${name} takes a duration such as 20m, not ${values[name]}`)
  return ms
}

function count(name: 'jobs' | 'at-once' | 'clients' | 'seed'): number {
  const n = Number(values[name])
  if (!Number.isInteger(n) || n < 1) throw new Error(`--${name} takes a whole number from 1, not ${values[name]}`)
  return n
}

const MOST_SAMPLE_MS = 10_000
const forMs = duration('for')
const folder = mkdtempSync(join(tmpdir(), 'sightline-soak-'))
// MariaDB runs as another user than root.
chmodSync(folder, 0o755)
try {
  const result = await soak({
    forMs,
    jobs: count('jobs'),
    atOnce: count('at-once'),
    clients: count('clients'),
    seed: count('seed'),
    reportMs: duration('report'),
    calm: values.calm,
    sampleMs: Math.min(MOST_SAMPLE_MS, forMs / 30),
    folder,
    tell: (line) => console.log(line),
  })
  print(result)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result)}\n`)
  process.exitCode = result.faults.length === 0 ? 0 : 1
} finally {
  if (values.keep) console.log(`kept: ${folder}`)
  else rmSync(folder, { recursive: true, force: true })
}

function print({ judged, ends, troubles, clients, posts, refusedPosts, seconds, faults }: SoakResult): void {
  const rows = judged.map(({ figure, baseline, slope, end, fault }): Row => ({
    figure,
    before: rounded(baseline),
    mean: rounded(slope.mean),
    'slope/h': rounded(slope.perHour),
    '%/h': rounded(slope.percentPerHour),
    growth: rounded(slope.growth),
    end: rounded(end),
    verdict: fault === undefined ? 'ok' : 'FAULT',
  }))
  const statuses = Object.entries(ends.byStatus).map(([status, n]) => `${n} ${status}`)
  const done = Object.entries(troubles).map(([kind, n]) => `${n} × ${kind}`)
  new Report('soak').add({
    id: 'soak',
    title: `${ends.jobs} jobs in ${formatDuration(Math.round(seconds) * 1_000)}; slopes over the second half of the samples`,
    rows,
    notes: [
      `Ends: ${statuses.join(', ')}; ${ends.lostWithVma} transfers went well that their VMA had forgotten in a crash.`,
      `Troubles: ${done.join(', ')}. ${clients.came} clients came and went, ${clients.asked} REST answers, ${posts} posts (${refusedPosts} not taken).`,
    ],
  })
  console.log(faults.length === 0 ? '\nGood: nothing leaked, every job ended once.' : `\n${faults.join('\n')}`)
}
