/**
 * How many jobs does one OMA poll, how late, and at what cost? `node bench/poll.ts [--jobs 10000] [--warm 12] [--seconds 20]
 * [--sides sightline,naive] [--rounds 1] [--json FILE]`
 *
 * Real MariaDB with an fsync for each commit, a VMA stand-in that answers from a text, the documents' 2 s. The baseline
 * (poll/naive-process.ts) is the documented design as one would write it at once. Each side has a database of its own.
 */

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import mysql from 'mysql2/promise'
import { MariaDbServer } from '../test/support/mariadb-server.ts'
import { until } from '../test/support/service.ts'
import { fillDatabase } from './oma/inventory.ts'
import type { PollFigures } from './poll/measure.ts'
import type { PollerQuestion } from './poll/oma-process.ts'
import { Child } from './support/child.ts'
import { cpuSeconds } from './support/proc.ts'
import { Report, rounded, type Row } from './support/report.ts'

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '10000' },
    warm: { type: 'string', default: '12' },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '1' },
    sides: { type: 'string', default: 'sightline,naive' },
    interval: { type: 'string', default: '2s' },
    json: { type: 'string' },
  },
})
const FILES = { sightline: './poll/oma-process.ts', naive: './poll/naive-process.ts' } as const
type SideName = keyof typeof FILES
const jobs = Number(values.jobs)
const MiB = 2 ** 20

const after = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1_000))

/** The tests' server does not wait for its disk; a deployed one does, for each commit. */
async function likeADeployedOne({ port }: MariaDbServer): Promise<void> {
  const root = await mysql.createConnection({ host: '127.0.0.1', port, user: 'root' })
  await root.query('set global innodb_flush_log_at_trx_commit = 1')
  await root.end()
}

async function oneRun(side: SideName, server: MariaDbServer, database: string): Promise<Row> {
  const vma = Child.start(new URL('./poll/vma-process.ts', import.meta.url))
  const poller = Child.start(new URL(FILES[side], import.meta.url))
  const ask = <T>(question: PollerQuestion): Promise<T> => poller.ask<T>(question)
  try {
    const emptyRss = poller.memory().rssBytes
    const settings = {
      DATABASE_URL: database,
      DATABASE_TIME_ZONE: 'UTC',
      VMA_PROGRESS_CLIENT_URL: await vma.ask<string>('start'),
      VMA_PROGRESS_MAX_CONCURRENT: '256',
      VMA_PROGRESS_POLL_INTERVAL: values.interval,
      OMA_HTTP_PORT: '0',
      OMA_API_TOKENS: 'bench',
    }
    const startedAt = performance.now()
    await ask({ ask: 'start', settings })
    const isAll = async (): Promise<true | undefined> =>
      (await ask<number>({ ask: 'active' })) >= jobs ? true : undefined
    await until('all jobs are followed', isAll, 300_000, 100)
    const adoptedMs = performance.now() - startedAt
    await after(Number(values.warm))
    const cpu = { vma: vma.cpuSeconds(), mariadb: cpuSeconds(server.pid) }
    await ask({ ask: 'begin' })
    await after(Number(values.seconds))
    const figures = await ask<PollFigures>({ ask: 'end' })
    const cores = (now: number, then: number): number => rounded((now - then) / Number(values.seconds))
    return row(side, figures, {
      'MariaDB cores': cores(cpuSeconds(server.pid), cpu.mariadb),
      'VMA cores': cores(vma.cpuSeconds(), cpu.vma),
      'adopted in s': rounded(adoptedMs / 1_000),
      'RSS KB/job': rounded((figures.rssBytes - emptyRss) / 1_000 / jobs),
    })
  } finally {
    await poller.stop()
    await vma.stop()
  }
}

function row(side: SideName, figures: PollFigures, more: Row): Row {
  return {
    poller: side,
    'polls/s': figures.pollsPerSecond,
    'late p50 ms': figures.lateMs.p50,
    'late p99 ms': figures.lateMs.p99,
    'loop p99 ms': figures.loopMs.p99,
    'rows/s': figures.rowsPerSecond,
    cores: rounded(figures.cores),
    'main, others': [figures.mainCores, ...figures.otherCores.slice(0, 2)].map((cores) => cores.toFixed(2)).join(' '),
    'CPU µs/poll': rounded(figures.usPerPoll),
    ...more,
    'RSS MiB': Math.round(figures.rssBytes / MiB),
    failed: figures.failed,
  }
}

const report = new Report('poll')
const folder = mkdtempSync(join(tmpdir(), 'sightline-bench-poll-'))
// MariaDB runs as another user than root.
chmodSync(folder, 0o755)
const server = await MariaDbServer.start(folder)
try {
  await likeADeployedOne(server)
  const sides = values.sides.split(',').filter((side): side is SideName => side in FILES)
  const rows: Row[] = []
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const side of sides) {
      const database = await server.database(`${side}_${round}`)
      await fillDatabase(database, { contexts: jobs / 2, jobsPerContext: 2 })
      rows.push(await oneRun(side, server, database))
    }
  }
  report.add({
    title: `${jobs} jobs, one disk each, polled every ${values.interval} by plain GETs`,
    rows,
    notes: [`Wanted: ${rounded(jobs / (Number.parseFloat(values.interval) || 2))} polls/s.`],
  })
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
report.finish(values.json)
