/**
 * What do the OMA's answers cost while it tracks ten thousand jobs, and how long do they keep its event loop? `node bench/http.ts
 * [--database sqlite|mariadb] [--contexts N] [--interval 2s] [--rounds N] [--seconds N] [--short] [--out FILE]`
 *
 * node:http is the rival: a server that gives the very same bytes from memory. It has nothing to read, to merge or to track,
 * so the ratio is the price of our work.
 */

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MariaDbServer } from '../test/support/mariadb-server.ts'
import { until } from '../test/support/service.ts'
import type { Delays } from '../src/telemetry/delays.ts'
import type { ServerQuestion } from './intake/server.ts'
import { posts } from './intake/traffic.ts'
import { fillDatabase, jobId, vmName } from './oma/inventory.ts'
import type { OmaQuestion } from './oma/server.ts'
import type { Answers } from './oma/static-server.ts'
import { benchArguments } from './support/arguments.ts'
import { Child } from './support/child.ts'
import { LoadGenerator, type Load, type LoadRequest } from './support/load.ts'
import { Report, rounded } from './support/report.ts'
import { inTurn, limitNote, rowsOf, type Side } from './support/rounds.ts'

const { values, outcome } = benchArguments({
  database: { usual: 'sqlite' },
  contexts: { usual: '5000' },
  interval: { usual: '2s', short: '20s' },
  rounds: { usual: '3', short: '1' },
  seconds: { usual: '4', short: '2' },
})
const TOKEN = 'a-token-for-the-bench'
const inventory = { contexts: Number(values.contexts), jobsPerContext: 2 }
const jobs = inventory.contexts * inventory.jobsPerContext
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)
/** Of the VMs and jobs, as many are asked for one by one. */
const ASKED = 500
const TRACKED_MS = 120_000

/** What is to be undone, the latest first. */
const undo: (() => Promise<unknown> | void)[] = []

function started<T extends { stop(): Promise<unknown> }>(what: T): T {
  undo.push(() => what.stop())
  return what
}

async function databaseUrl(folder: string): Promise<string> {
  if (values.database === 'sqlite') return `sqlite:${join(folder, 'bench.db')}`
  return await started(await MariaDbServer.start(folder)).database('bench')
}

async function startVma(client: LoadGenerator): Promise<string> {
  const vma = started(Child.start(new URL('./intake/server.ts', import.meta.url)))
  const url = await vma.ask<string>('start' satisfies ServerQuestion)
  const lists = posts({ keys: jobs, transferUpdates: 2, connections: 10 })
  await client.run({ url, lists, seconds: 0, by: { generator: 'once', depth: 8 } })
  return url
}

async function startOma(database: string, vma: string): Promise<Side> {
  const child = started(Child.start(new URL('./oma/server.ts', import.meta.url)))
  const ask = <T>(question: OmaQuestion): Promise<T> => child.ask<T>(question)
  const url = await ask<string>({ ask: 'start', database, vma, token: TOKEN, interval: values.interval })
  await until(
    `all ${jobs} jobs are tracked`,
    async () => ((await ask<number>({ ask: 'jobs' })) >= jobs ? true : undefined),
    TRACKED_MS,
    500,
  )
  const before = child.cpuSeconds()
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  const otherwiseBusy = (child.cpuSeconds() - before) / (IDLE_MS / 1_000)
  return { name: 'sightline', child, url, otherwiseBusy, loopDelays: () => ask<Delays>({ ask: 'delays' }) }
}
const IDLE_MS = 6_000

const headers = { Authorization: `Bearer ${TOKEN}` }
const LIST = '/api/v1/vm-contexts'
const LIVE = '/api/v1/progress'

interface Question {
  readonly id: string
  readonly title: string
  readonly paths: readonly string[]
  readonly connections: number
}

const some = (pathOf: (index: number) => string, among: number): string[] =>
  Array.from({ length: ASKED }, (_, i) => pathOf(Math.floor((i * among) / ASKED)))

const QUESTIONS: readonly Question[] = [
  { id: 'contexts', title: `GET ${LIST}, all ${inventory.contexts}`, paths: [LIST], connections: 4 },
  { id: 'contexts-page', title: `GET ${LIST}?limit=50`, paths: [`${LIST}?limit=50`], connections: 16 },
  {
    id: 'context',
    title: `GET ${LIST}/{vm_name}`,
    paths: some((i) => `${LIST}/${vmName(i)}`, inventory.contexts),
    connections: 32,
  },
  { id: 'job', title: `GET ${LIVE}/{jobId}`, paths: some((i) => `${LIVE}/${jobId(i)}`, jobs), connections: 64 },
  { id: 'jobs', title: `GET ${LIVE}, all ${jobs}`, paths: [LIVE], connections: 4 },
]

async function startRival(from: string): Promise<Side> {
  const answers = new Map<string, Uint8Array>()
  for (const path of QUESTIONS.flatMap(({ paths }) => paths)) {
    const response = await fetch(`${from}${path}`, { headers })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    answers.set(path, new Uint8Array(await response.arrayBuffer()))
  }
  const child = started(Child.start(new URL('./oma/static-server.ts', import.meta.url)))
  return { name: 'node:http, same bytes', child, url: await child.ask<string>(answers satisfies Answers) }
}

/** autocannon parses every byte of an answer in JavaScript: for megabytes it is the raw sockets that ask. */
function loadOf({ paths, connections }: Question): Omit<Load, 'url'> {
  const list = paths.map((path): LoadRequest => ({ method: 'GET', path }))
  const lists = Array.from({ length: connections }, (_, i) => [...list.slice(i), ...list.slice(0, i)])
  const by = paths.length > 1 ? ({ generator: 'autocannon' } as const) : ({ generator: 'wire', depth: 1 } as const)
  return { lists, headers, seconds, by }
}

async function bench(folder: string): Promise<void> {
  const report = new Report('http')
  const client = started(LoadGenerator.start(null))
  const database = await databaseUrl(folder)
  await fillDatabase(database, inventory)
  const ours = await startOma(database, await startVma(client))
  const rival = await startRival(ours.url)
  const delays = await ours.loopDelays?.()
  const notes = [
    `Polling ${jobs} jobs every ${values.interval} takes ${rounded((ours.otherwiseBusy ?? 0) * 100)} % of a core by itself; it is taken off ` +
      `the CPU per request. Event loop meanwhile: p99 ${delays?.p99} ms, longest ${delays?.max} ms.`,
  ]
  console.log(notes.join('\n'))
  for (const question of QUESTIONS) {
    const figures = await inTurn({ sides: [ours, rival], client, rounds, load: loadOf(question) })
    const by = question.paths.length > 1 ? 'autocannon' : 'raw sockets'
    const title = `${question.title}, ${question.connections} connections, ${by}`
    report.add({ id: question.id, title, rows: rowsOf(figures), notes: limitNote(figures) })
  }
  report.add({
    id: 'meanwhile',
    title: 'Meanwhile',
    rows: [{ '% of a core for polling': rounded((ours.otherwiseBusy ?? 0) * 100) }],
    notes,
  })
  const costs = report.sections.map(({ id, rows }) => `${id} ${rows[0]?.['CPU µs/request'] ?? ''}`).slice(0, -1)
  report.finish(outcome, `CPU µs/request: ${costs.join(', ')}`)
}

const folder = mkdtempSync(join(tmpdir(), 'sightline-bench-'))
// mariadbd runs as a user of its own.
chmodSync(folder, 0o755)
try {
  await bench(folder)
} finally {
  for (const one of undo.toReversed()) await one()
  rmSync(folder, { recursive: true, force: true })
}
