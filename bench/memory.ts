/**
 * What does a job cost in memory, a websocket client, a live job of the VMA? `node bench/memory.ts [--sizes 1000,5000,20000]
 * [--warm 8] [--clients 1000] [--only oma,clients,vma] [--short] [--out FILE]`
 *
 * Every figure is over the same process at work but empty, and after a collection. Beside the OMA: bare XState actors; beside the
 * stream: the same hub on `ws`; beside the VMA: Fastify with a Map.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../test/support/service.ts'
import { liveJobMemory } from './intake/memory.ts'
import type { ActorsQuestion } from './memory/actors-process.ts'
import { fillDatabase } from './oma/inventory.ts'
import type { PollerQuestion } from './poll/oma-process.ts'
import { pollerSettings } from './poll/settings.ts'
import { HubSide } from './stream/hub-side.ts'
import { benchArguments } from './support/arguments.ts'
import { Child } from './support/child.ts'
import { Report, rounded, type Row } from './support/report.ts'

const { values, outcome } = benchArguments({
  sizes: { usual: '1000,5000,20000', short: '1000,10000' },
  warm: { usual: '8', short: '6' },
  clients: { usual: '1000' },
  only: { usual: 'oma,clients,vma' },
})
const sizes = [0, ...values.sizes.split(',').map(Number)]
const parts = new Set(values.only.split(','))
const nodeArgs = ['--expose-gc']
/** Slow enough that 20 000 jobs do not keep the machine busy, quick enough that each is heard of several times. */
const INTERVAL = '4s'

const after = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1_000))

interface Taken {
  readonly size: number
  readonly heap: number
  readonly rss: number
}

async function omaWith(size: number, folder: string): Promise<Taken> {
  const database = `sqlite:${join(folder, `${size}.db`)}`
  await fillDatabase(database, { contexts: size / 2, jobsPerContext: 2 })
  const vma = Child.start(new URL('./poll/vma-process.ts', import.meta.url))
  const oma = Child.start(new URL('./poll/oma-process.ts', import.meta.url), { nodeArgs })
  const ask = <T>(question: PollerQuestion): Promise<T> => oma.ask<T>(question)
  try {
    const url = await vma.ask<string>({ ask: 'start' })
    await ask({ ask: 'start', settings: pollerSettings({ database, vma: url, interval: INTERVAL }) })
    const isAll = async (): Promise<true | undefined> =>
      (await ask<number>({ ask: 'active' })) >= size ? true : undefined
    await until('all jobs are followed', isAll, 300_000, 100)
    await after(Number(values.warm))
    return takenOf(size, await ask<NodeJS.MemoryUsage>({ ask: 'memory' }))
  } finally {
    await oma.stop()
    await vma.stop()
  }
}

async function actorsWith(size: number): Promise<Taken> {
  const child = Child.start(new URL('./memory/actors-process.ts', import.meta.url), { nodeArgs })
  const ask = <T>(question: ActorsQuestion): Promise<T> => child.ask<T>(question)
  try {
    await ask({ ask: 'start', jobs: size })
    return takenOf(size, await ask<NodeJS.MemoryUsage>({ ask: 'memory' }))
  } finally {
    await child.stop()
  }
}

function takenOf(size: number, { heapUsed, external, rss }: NodeJS.MemoryUsage): Taken {
  return { size, heap: heapUsed + external, rss }
}

function rowsOf(name: string, [empty, ...taken]: readonly Taken[]): readonly Row[] {
  return taken.map(({ size, heap, rss }) => ({
    process: name,
    jobs: size,
    'heap KB/job': rounded((heap - (empty?.heap ?? 0)) / 1_000 / size),
    'RSS KB/job': rounded((rss - (empty?.rss ?? 0)) / 1_000 / size),
    'RSS MiB': Math.round(rss / 2 ** 20),
    'empty RSS MiB': Math.round((empty?.rss ?? 0) / 2 ** 20),
  }))
}

async function ofJobs(report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-bench-'))
  try {
    const ours: Taken[] = []
    const bare: Taken[] = []
    for (const size of sizes) {
      ours.push(await omaWith(size, folder))
      bare.push(await actorsWith(size))
    }
    report.add({
      id: 'oma',
      title: `OMA: jobs with a disk each, polled every ${INTERVAL}`,
      rows: [...rowsOf('sightline', ours), ...rowsOf('bare XState actors', bare)],
      notes: [
        'Heap is the main thread’s after a collection. RSS is of all threads, and holds what they once needed: what is garbage in the fetch thread and the database’s at that moment too.',
      ],
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function ofClients(report: Report): Promise<void> {
  const clients = Number(values.clients)
  const rows: Row[] = []
  for (const [name, kind] of [
    ['sightline', 'uws'],
    ['ws', 'ws'],
  ] as const) {
    const side = await HubSide.start({ name, args: [kind], format: 'json', clients, jobs: 1_000 })
    rows.push({ server: name, 'RSS KB/client': rounded(side.rssPerClient / 1_000), 'RSS MiB': Math.round(side.rssMib) })
    await side.stop()
  }
  report.add({
    id: 'clients',
    title: `Stream: ${clients} websocket clients of the topic jobs, connected and nothing told yet`,
    rows,
    notes: ['The kernel’s buffers of the sockets are not in it.'],
  })
}

const report = new Report('memory')
if (parts.has('oma')) await ofJobs(report)
if (parts.has('clients')) await ofClients(report)
if (parts.has('vma')) report.add(await liveJobMemory(['sightline', 'fastify-map']))
const job = report.sections.find(({ id }) => id === 'oma')?.rows.findLast((row) => row['process'] === 'sightline')
const live = report.sections.find(({ id }) => id === 'live-jobs')?.rows[0]
report.finish(outcome, `OMA ${job?.['RSS KB/job']} KB RSS a job, VMA ${live?.['RSS bytes/job']} bytes a live job`)
