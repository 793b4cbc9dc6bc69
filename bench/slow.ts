/**
 * How late are healthy jobs while a fifth of the jobs has a slow VMA? `node bench/slow.ts [--jobs 5000] [--warm 12] [--seconds 20]
 * [--interval 2s] [--only own,shared] [--sides sightline,naive] [--short] [--out FILE]`
 *
 * own: the slow fifth has a VMA of its own, which answers after 20 ms and one request in a hundred never. shared: one VMA has all
 * jobs and is slow in the same way with a fifth of them. The naive poller knows one VMA only.
 */

import type { MariaDbServer } from '../test/support/mariadb-server.ts'
import { fillDatabase } from './oma/inventory.ts'
import type { PollFigures } from './poll/measure.ts'
import { afterSeconds, startPoller, untilFollowed, type PollerName } from './poll/pollers.ts'
import { pollerSettings } from './poll/settings.ts'
import { isSlow, type Slowness } from './poll/slowness.ts'
import type { VmaQuestion } from './poll/vma-process.ts'
import { keyOf } from './intake/traffic.ts'
import { benchArguments } from './support/arguments.ts'
import { Child } from './support/child.ts'
import { withMariaDb } from './support/mariadb.ts'
import { Report, rounded, type Row } from './support/report.ts'

const { values, outcome } = benchArguments({
  jobs: { usual: '5000' },
  warm: { usual: '15', short: '12' },
  seconds: { usual: '20', short: '12' },
  interval: { usual: '2s' },
  only: { usual: 'own,shared' },
  sides: { usual: 'sightline,naive' },
})
const jobs = Number(values.jobs)
const sides = new Set(values.sides.split(','))
const parts = new Set(values.only.split(','))

const SLOW: Slowness = { oneIn: 5, latencyMs: 20, hangsOneIn: 100 }
const SLOW_VCENTER = 'vcenter-02'
const vmaFile = new URL('./poll/vma-process.ts', import.meta.url)

interface Run {
  readonly side: PollerName
  /** One process for each; the second one has the slow jobs. */
  readonly vmas: readonly VmaQuestion[]
}

async function oneRun(server: MariaDbServer, name: string, { side, vmas }: Run): Promise<Row> {
  const database = await server.database(name)
  const vcenterOf = (job: number): string => (isSlow(keyOf(job), SLOW) ? SLOW_VCENTER : 'vcenter-01')
  await fillDatabase(database, { contexts: jobs, jobsPerContext: 1, vcenterOf })
  const running = vmas.map((question) => ({ child: Child.start(vmaFile), question }))
  const poller = startPoller(side)
  const { ask } = poller
  try {
    const urls: string[] = []
    for (const { child, question } of running) urls.push(await child.ask<string>(question))
    const [only = '', second] = urls
    const vma = second === undefined ? only : `healthy=${only},slow=${second}`
    const vcenters = second === undefined ? {} : { [SLOW_VCENTER]: 'slow' }
    await ask({
      ask: 'start',
      settings: pollerSettings({ database, vma, interval: values.interval }),
      vcenters,
      slow: SLOW,
    })
    await untilFollowed(poller, jobs)
    await afterSeconds(Number(values.warm))
    await ask({ ask: 'begin' })
    await afterSeconds(Number(values.seconds))
    return row(side, second === undefined ? 'shared' : 'own', await ask<PollFigures>({ ask: 'end' }))
  } finally {
    await poller.child.stop()
    for (const { child } of running) await child.stop()
  }
}

function row(side: string, vma: string, { lateness, cores, threads, failed, loopMs }: PollFigures): Row {
  const { healthy, slow } = lateness ?? {}
  const perSecond = (polls = 0): number => Math.round(polls / Number(values.seconds))
  return {
    poller: side,
    'VMA of the slow': vma,
    'healthy polls/s': perSecond(healthy?.polls),
    'late p50 ms': healthy?.p50 ?? '',
    'late p99 ms': healthy?.p99 ?? '',
    'latest ms': healthy?.max ?? '',
    'slow polls/s': perSecond(slow?.polls),
    'slow late p50 ms': slow?.p50 ?? '',
    'slow late p99 ms': slow?.p99 ?? '',
    failed,
    cores: rounded(cores),
    'main thread': threads.main,
    'fetch threads': threads.fetch,
    'loop p99 ms': loopMs.p99,
  }
}

const RUNS: readonly (Run & { readonly part: string })[] = [
  {
    part: 'own',
    side: 'sightline',
    vmas: [{ ask: 'start' }, { ask: 'start', slow: { ...SLOW, oneIn: 1 } }],
  },
  { part: 'shared', side: 'sightline', vmas: [{ ask: 'start', slow: SLOW }] },
  { part: 'shared', side: 'naive', vmas: [{ ask: 'start', slow: SLOW }] },
]

const report = new Report('slow')
const rows = await withMariaDb(async (server) => {
  report.mariaDb = server.version
  const all: Row[] = []
  for (const [i, run] of RUNS.entries()) {
    if (parts.has(run.part) && sides.has(run.side)) all.push(await oneRun(server, `run_${i}`, run))
  }
  return all
})
report.add({
  id: 'slow',
  title: `${jobs} jobs every ${values.interval}; a fifth of them slow: ${SLOW.latencyMs} ms, one request in ${SLOW.hangsOneIn} hangs`,
  rows,
  notes: [
    `Wanted: ${(jobs * 4) / 5 / (Number.parseFloat(values.interval) || 2)} healthy polls/s. Late counts from when a poll was due; hanging requests are given up after 10 s and are no answer here.`,
  ],
})
const [ours] = rows
report.finish(outcome, `healthy p99 ${ours?.['late p99 ms']} ms, latest ${ours?.['latest ms']} ms`)
