/**
 * What happens at twice the load that one machine holds, beside half of that load, in one life of one OMA?
 * `node bench/overload.ts [--most 24000] [--interval 500ms] [--seconds 60] [--warm 10] [--jobs N] [--flood 4000] [--only polls,feed]
 * [--short] [--out FILE]`
 *
 * polls: first it is found how many polls a second the OMA makes when it has more than enough to do (`--jobs` N: taken for known
 * to be N/interval instead). Then the same process has jobs for half of that, for twice of it, and for half again.
 * feed: a VMA that tells by itself of `--flood` jobs, each every 5 s, then each every 50 ms, then every 5 s again.
 * The OMA has core 0 to itself; MariaDB, the VMA and the probes share core 1.
 */

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDuration } from '../src/model/units.ts'
import { connect } from '../test/support/inventory.ts'
import { MariaDbServer } from '../test/support/mariadb-server.ts'
import { fillDatabase } from './oma/inventory.ts'
import type { OmaQuestion } from './overload/oma-process.ts'
import { feedRow, pollRow, turned } from './overload/rows.ts'
import { after, Stand, type Measured } from './overload/stand.ts'
import type { VmaQuestion } from './overload/vma-process.ts'
import { benchArguments } from './support/arguments.ts'
import { Child, CLIENT_CORE, SERVER_CORE } from './support/child.ts'
import { canPin } from './support/proc.ts'
import { Report, rounded } from './support/report.ts'

const { values, outcome } = benchArguments({
  most: { usual: '24000' },
  interval: { usual: '500ms' },
  seconds: { usual: '60', short: '15' },
  warm: { usual: '10', short: '5' },
  jobs: {},
  flood: { usual: '4000' },
  only: { usual: 'polls,feed' },
})
const [seconds, warm] = [Number(values.seconds), Number(values.warm)]
const CALIBRATION_S = 10
const span = { seconds, warm }
/** What migratekits do, and a flood. */
const USUAL_MS = 5_000
const FLOOD_MS = 50
const intervalMs = parseDuration(values.interval)
if (intervalMs === undefined) throw new Error(`--interval takes a duration such as 500ms, not ${values.interval}`)
const perJob = 1_000 / intervalMs
const most = Math.max(Number(values.most), 2 * Number(values.jobs ?? 0))

/** All its threads; those that it starts later are where it is. */
function pin(pid: number, core: number): void {
  if (canPin()) spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' })
}

async function polls(stand: Stand, report: Report): Promise<void> {
  const calibration = { warm, seconds: CALIBRATION_S }
  const all = values.jobs === undefined ? await stand.measure({ name: 'all', jobs: most }, calibration) : undefined
  const holds = all?.figures.pollsPerSecond ?? Number(values.jobs) * perJob
  const jobs = (share: number): number => Math.min(most, Math.round((holds * share) / perJob))
  const wanted = most * perJob
  const before = await stand.measure({ name: 'half', jobs: jobs(0.5) }, span)
  const over = await stand.measure({ name: 'twice', jobs: jobs(2) }, span)
  const punctualMs = Math.max(100, 2 * before.figures.lateMs.p99)
  const { heard, punctual } = await stand.recover(jobs(0.5), punctualMs)
  const again = await stand.measure({ name: 'half again', jobs: jobs(0.5) }, span)
  const phases = [...(all === undefined ? [] : [all]), before, over, again]
  headline = `${Math.round(holds)} polls/s held; at twice that /healthz p99 ${rounded(over.health.p99)} ms, ${over.figures.fairness.starved} starved`
  report.add({
    id: 'overload-polls',
    title: `Jobs polled every ${values.interval}, ${seconds} s each; the OMA makes ${Math.round(holds)} polls/s on its core`,
    rows: turned(phases.map((phase) => pollRow(phase, perJob))),
    notes: [
      `Recovery: the OMA heard after ${rounded(heard)} s (discovery) that jobs were gone; polls were as punctual as before (p99 at most ${Math.round(punctualMs)} ms) ${rounded(Math.max(0, punctual - heard))} s later.`,
      ...(wanted < 2 * holds ? [`Not twice the load: take more jobs than ${most} (--most).`] : []),
    ],
  })
}

async function feed(stand: Stand, vma: Child, report: Report): Promise<void> {
  const jobs = Number(values.flood)
  const phase = async (name: string, everyMs: number): Promise<{ measured: Measured; updates: number }> => {
    const tell: VmaQuestion = { ask: 'report', jobs, everyMs }
    await vma.ask<number>(tell)
    await stand.have(jobs)
    await after(warm)
    const before = await vma.ask<number>({ ask: 'updates' } satisfies VmaQuestion)
    const measured = await stand.measure({ name, jobs }, { seconds, warm: 0 })
    const now = await vma.ask<number>({ ask: 'updates' } satisfies VmaQuestion)
    return { measured, updates: (now - before) / seconds }
  }
  const phases = [
    await phase('every 5 s', USUAL_MS),
    await phase('every 50 ms', FLOOD_MS),
    await phase('every 5 s again', USUAL_MS),
  ]
  report.add({
    id: 'overload-feed',
    title: `The change feed of ${jobs} jobs, each of which the VMA is told of so often, ${seconds} s each`,
    rows: turned(phases.map(({ measured, updates }) => feedRow(measured, updates))),
    notes: [
      'What the OMA has not read when a newer state comes is not told at all: more updates a sample, not more to do.',
    ],
  })
}

const report = new Report('overload')
const folder = mkdtempSync(join(tmpdir(), 'sightline-bench-overload-'))
// MariaDB runs as another user than root.
chmodSync(folder, 0o755)
const server = await MariaDbServer.start(folder)
const vma = Child.start(new URL('./overload/vma-process.ts', import.meta.url), { core: CLIENT_CORE })

async function withOma(part: 'polls' | 'feed', run: (stand: Stand) => Promise<void>): Promise<void> {
  const database = await server.database(part)
  await fillDatabase(database, { contexts: (part === 'polls' ? most : Number(values.flood)) / 2, jobsPerContext: 2 })
  const on = connect(database)
  await on.run("update replication_jobs set status = 'cancelled'")
  const oma = Child.start(new URL('./overload/oma-process.ts', import.meta.url), { core: SERVER_CORE })
  const settings = {
    DATABASE_URL: database,
    DATABASE_TIME_ZONE: 'UTC',
    VMA_PROGRESS_CLIENT_URL: vmaUrl,
    VMA_PROGRESS_POLL_INTERVAL: values.interval,
    VMA_PROGRESS_FEED: part === 'feed' ? 'on' : 'off',
    OMA_HTTP_PORT: '0',
    OMA_API_TOKENS: 'bench',
  }
  try {
    const url = await oma.ask<string>({ ask: 'start', settings } satisfies OmaQuestion)
    const stand = new Stand(on, oma, { url, vma: vmaUrl })
    try {
      await run(stand)
    } finally {
      await stand.close()
    }
  } finally {
    await oma.stop()
    await on.close()
  }
}

let vmaUrl = ''
let headline = ''
try {
  pin(server.pid, CLIENT_CORE)
  vmaUrl = await vma.ask<string>({ ask: 'start' } satisfies VmaQuestion)
  const parts = new Set(values.only.split(','))
  if (parts.has('polls')) {
    await vma.ask({ ask: 'report', jobs: most, everyMs: USUAL_MS } satisfies VmaQuestion)
    await withOma('polls', (stand) => polls(stand, report))
  }
  if (parts.has('feed')) await withOma('feed', (stand) => feed(stand, vma, report))
} finally {
  await vma.stop()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
report.finish(outcome, headline)
