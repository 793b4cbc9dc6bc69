/**
 * What happens at twice the load that one machine holds, beside half of that load, in one life of one OMA?
 * `node bench/overload.ts [--most 24000] [--interval 500ms] [--seconds 60] [--warm 10] [--jobs N] [--short] [--json FILE]`
 *
 * First it is found how many polls a second the OMA makes on its core when it has more than enough to do (`--jobs` N: taken for
 * known to be N/interval instead). Then the same process has jobs for half of that, for twice of it, and for half again.
 * The OMA has core 0 to itself; MariaDB, the VMA and the probes share core 1. Plain GETs: a feed would spare the polls.
 */

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Connection } from '../src/db/executor.ts'
import { parseDuration } from '../src/model/units.ts'
import type { Delays } from '../src/telemetry/delays.ts'
import { slopeOf, type Point } from '../test/soak/slopes.ts'
import { connect } from '../test/support/inventory.ts'
import { MariaDbServer } from '../test/support/mariadb-server.ts'
import { until } from '../test/support/service.ts'
import { fillDatabase, jobId } from './oma/inventory.ts'
import type { OmaQuestion, SpanFigures } from './overload/oma-process.ts'
import { keyOf } from './intake/traffic.ts'
import { Child, CLIENT_CORE, SERVER_CORE } from './support/child.ts'
import { LoadGenerator, type LoadRequest, type LoadResult } from './support/load.ts'
import { canPin } from './support/proc.ts'
import { Report, rounded, type Row } from './support/report.ts'

const { values } = parseArgs({
  options: {
    most: { type: 'string', default: '24000' },
    interval: { type: 'string', default: '500ms' },
    seconds: { type: 'string' },
    warm: { type: 'string' },
    jobs: { type: 'string' },
    short: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
})
const seconds = Number(values.seconds ?? (values.short ? 20 : 60))
const warm = Number(values.warm ?? (values.short ? 5 : 10))
const CALIBRATION_S = 10
const PROBES_PER_S = 50
const intervalMs = parseDuration(values.interval)
if (intervalMs === undefined) throw new Error(`--interval takes a duration such as 500ms, not ${values.interval}`)
const perJob = 1_000 / intervalMs
const most = Math.max(Number(values.most), 2 * Number(values.jobs ?? 0))

const after = (s: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, s * 1_000))

interface Phase {
  readonly name: string
  readonly jobs: number
}

interface Measured extends Phase {
  readonly figures: SpanFigures
  readonly health: LoadResult
  readonly post: LoadResult
  readonly rss: readonly Point[]
}

class Bench {
  readonly #on: Connection
  readonly #oma: Child
  readonly #url: string
  readonly #vma: string
  readonly #probes: readonly [LoadGenerator, LoadGenerator]

  constructor(on: Connection, oma: Child, { url, vma }: { readonly url: string; readonly vma: string }) {
    this.#on = on
    this.#oma = oma
    this.#url = url
    this.#vma = vma
    this.#probes = [LoadGenerator.start(CLIENT_CORE), LoadGenerator.start(CLIENT_CORE)]
  }

  #ask<T>(ask: Exclude<OmaQuestion['ask'], 'start'>): Promise<T> {
    return this.#oma.ask<T>({ ask })
  }

  /** From now on there are so many jobs: the others are cancelled by another writer. Returns when the OMA has them. */
  async have(jobs: number): Promise<void> {
    await this.#on.run("update replication_jobs set status = 'cancelled' where id >= ? and status <> 'cancelled'", [
      jobId(jobs),
    ])
    await this.#on.run("update replication_jobs set status = 'replicating' where id < ? and status <> 'replicating'", [
      jobId(jobs),
    ])
    const isSo = async (): Promise<true | undefined> =>
      (await this.#ask<number>('active')) === jobs ? true : undefined
    await until(`the OMA has ${jobs} jobs`, isSo, 300_000, 100)
  }

  async measure(phase: Phase, seconds: number): Promise<Measured> {
    await this.have(phase.jobs)
    await after(warm)
    const rss: Point[] = []
    const startedAt = performance.now()
    const sampling = setInterval(() => {
      void this.#ask<number>('rss').then((bytes) =>
        rss.push({ at: (performance.now() - startedAt) / 1_000, value: bytes / 2 ** 20 }),
      )
    }, 1_000)
    await this.#ask('begin')
    const by = { generator: 'paced', perSecond: PROBES_PER_S } as const
    const [health, post] = await Promise.all([
      this.#probes[0].run({ url: this.#url, lists: [[{ method: 'GET', path: '/healthz' }]], seconds, by }),
      this.#probes[1].run({ url: this.#vma, lists: [updates()], seconds, by }),
    ])
    const figures = await this.#ask<SpanFigures>('end')
    clearInterval(sampling)
    return { ...phase, figures, health, post, rss }
  }

  /** Seconds from when the jobs were fewer in the database until three half seconds in a row were as punctual as before. */
  async recover(jobs: number, punctualMs: number): Promise<{ readonly adopted: number; readonly punctual: number }> {
    const startedAt = performance.now()
    const since = (): number => (performance.now() - startedAt) / 1_000
    await this.have(jobs)
    const adopted = since()
    let good = 0
    await this.#ask('lateness')
    const isPunctual = async (): Promise<true | undefined> => {
      const { p99 } = await this.#ask<Delays>('lateness')
      good = p99 <= punctualMs ? good + 1 : 0
      return good >= 3 ? true : undefined
    }
    await until('polls are punctual again', isPunctual, 120_000, 500)
    return { adopted, punctual: since() - 1.5 }
  }

  async close(): Promise<void> {
    await Promise.all(this.#probes.map((probe) => probe.stop()))
  }
}

/** The update of a job that nobody polls, again and again. */
function updates(): LoadRequest[] {
  const path = `/api/v1/progress/${keyOf(0xffffffff)}/update`
  return Array.from({ length: 1_000 }, (_, i) => {
    const body = {
      stage: 'Transfer',
      status: 'in_progress',
      percent: i / 20,
      bytes_transferred: i * 1_000_000,
      total_bytes: 20_000_000_000,
      seq: i,
    }
    return { method: 'POST', path, body: JSON.stringify(body) }
  })
}

function row({ name, jobs, figures, health, post, rss }: Measured): Row {
  const { fairness, lateMs } = figures
  const { least, median, most: latest } = fairness.intervalMs
  return {
    phase: name,
    jobs,
    'wanted/s': Math.round(jobs * perJob),
    'polls/s': figures.pollsPerSecond,
    'late p50, p99 ms': `${rounded(lateMs.p50)}, ${rounded(lateMs.p99)}`,
    'interval of a job: least, median, most ms': [least, median, latest].map(Math.round).join(', '),
    Jain: Number(fairness.jain.toFixed(4)),
    'longest gap: median, worst ms': [fairness.medianGapMs, fairness.maxGapMs].map(Math.round).join(', '),
    starved: fairness.starved,
    failed: figures.failed,
    'conflated results, rows': `${figures.conflated}, ${figures.replacedRows}`,
    '/healthz p50, p99 ms': `${rounded(health.p50)}, ${rounded(health.p99)}`,
    'POST p50, p99 ms': `${rounded(post.p50)}, ${rounded(post.p99)}`,
    'loop p99 ms': figures.loopMs.p99,
    'main, others cores': [figures.mainCores, ...figures.otherCores.slice(0, 2)]
      .map((cores) => cores.toFixed(2))
      .join(' '),
    'RSS MiB': Math.round(figures.rssBytes / 2 ** 20),
    'RSS rises MiB/min': rounded(slopeOf(rss).perHour / 60),
  }
}

/** Rows as columns: there are many figures and few phases. */
function turned(rows: readonly Row[]): Row[] {
  return Object.keys(rows[0] ?? {})
    .filter((name) => name !== 'phase')
    .map((figure) => ({ figure, ...Object.fromEntries(rows.map((one) => [String(one['phase']), one[figure] ?? ''])) }))
}

/** All its threads; those that it starts later are where it is. */
function pin(pid: number, core: number): void {
  if (canPin()) spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' })
}

async function run(bench: Bench, report: Report): Promise<void> {
  const all = values.jobs === undefined ? await bench.measure({ name: 'all', jobs: most }, CALIBRATION_S) : undefined
  const holds = all?.figures.pollsPerSecond ?? Number(values.jobs) * perJob
  const jobs = (share: number): number => Math.min(most, Math.round((holds * share) / perJob))
  const wanted = most * perJob
  const before = await bench.measure({ name: 'half', jobs: jobs(0.5) }, seconds)
  const over = await bench.measure({ name: 'twice', jobs: jobs(2) }, seconds)
  const punctualMs = Math.max(100, 2 * before.figures.lateMs.p99)
  const { adopted, punctual } = await bench.recover(jobs(0.5), punctualMs)
  const again = await bench.measure({ name: 'half again', jobs: jobs(0.5) }, seconds)
  report.add({
    title: `Jobs polled every ${values.interval} for ${seconds} s each; the OMA has one core, which makes ${Math.round(holds)} polls/s`,
    rows: turned([...(all === undefined ? [] : [all]), before, over, again].map(row)),
    notes: [
      `Recovery: ${rounded(punctual)} s after the jobs were halved polls were as punctual as before (p99 at most ${Math.round(punctualMs)} ms); the OMA had heard of it after ${rounded(adopted)} s.`,
      ...(wanted < 2 * holds
        ? [`Not twice the load: ${most} jobs are ${rounded(wanted / holds)} times of it; take more (--most).`]
        : []),
    ],
  })
}

const report = new Report('overload')
const folder = mkdtempSync(join(tmpdir(), 'sightline-bench-overload-'))
// MariaDB runs as another user than root.
chmodSync(folder, 0o755)
const server = await MariaDbServer.start(folder)
const vma = Child.start(new URL('./overload/vma-process.ts', import.meta.url), { core: CLIENT_CORE })
const oma = Child.start(new URL('./overload/oma-process.ts', import.meta.url), { core: SERVER_CORE })
try {
  pin(server.pid, CLIENT_CORE)
  const database = await server.database('overload')
  await fillDatabase(database, { contexts: most / 2, jobsPerContext: 2 })
  const on = connect(database)
  await on.run("update replication_jobs set status = 'cancelled'")
  const vmaUrl = await vma.ask<string>({ jobs: most })
  const settings = {
    DATABASE_URL: database,
    DATABASE_TIME_ZONE: 'UTC',
    VMA_PROGRESS_CLIENT_URL: vmaUrl,
    VMA_PROGRESS_POLL_INTERVAL: values.interval,
    VMA_PROGRESS_FEED: 'off',
    OMA_HTTP_PORT: '0',
    OMA_API_TOKENS: 'bench',
  }
  const url = await oma.ask<string>({ ask: 'start', settings } satisfies OmaQuestion)
  const bench = new Bench(on, oma, { url, vma: vmaUrl })
  try {
    await run(bench, report)
  } finally {
    await bench.close()
    await on.close()
  }
} finally {
  await oma.stop()
  await vma.stop()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
report.finish(values.json)
