/**
 * How old is a change when a GUI and the database have it, and what does that cost? `node bench/feed.ts [--jobs 20000]
 * [--changes 2000] [--warm 12] [--seconds 20] [--rounds 1] [--sides on,off] [--interval 2s] [--short]
 * [--out FILE]`
 *
 * Our VMA, our OMA and a real MariaDB with an fsync for each commit. The change feed is followed, or every job polled
 * (VMA_PROGRESS_FEED=off), in turns; each side has a VMA and a database of its own.
 */

import type { MariaDbServer } from '../test/support/mariadb-server.ts'
import { until } from '../test/support/service.ts'
import type { ClientQuestion, RunFigures } from './feed/client-process.ts'
import { fillDatabase } from './oma/inventory.ts'
import type { PollFigures } from './poll/measure.ts'
import type { PollerQuestion } from './poll/oma-process.ts'
import { pollerSettings } from './poll/settings.ts'
import { benchArguments } from './support/arguments.ts'
import { Child } from './support/child.ts'
import { withMariaDb } from './support/mariadb.ts'
import { cpuSeconds } from './support/proc.ts'
import { Report, rounded, type Row } from './support/report.ts'

const { values, outcome } = benchArguments({
  jobs: { usual: '20000' },
  changes: { usual: '2000' },
  warm: { usual: '12', short: '8' },
  seconds: { usual: '20', short: '12' },
  rounds: { usual: '1' },
  sides: { usual: 'on,off' },
  interval: { usual: '2s' },
})
const jobs = Number(values.jobs)
const [changes, seconds] = [Number(values.changes), Number(values.seconds)]

const after = (s: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, s * 1_000))

async function oneRun(feed: string, server: MariaDbServer, database: string): Promise<Row> {
  const vma = Child.start(new URL('./feed/vma-process.ts', import.meta.url))
  const client = Child.start(new URL('./feed/client-process.ts', import.meta.url))
  const oma = Child.start(new URL('./poll/oma-process.ts', import.meta.url))
  const tell = <T>(question: ClientQuestion): Promise<T> => client.ask<T>(question)
  const ask = <T>(question: PollerQuestion): Promise<T> => oma.ask<T>(question)
  try {
    const url = await vma.ask<string>('start')
    await tell({ ask: 'fill', vma: url, jobs })
    const settings: Readonly<Record<string, string>> = {
      ...pollerSettings({ database, vma: url, interval: values.interval }),
      VMA_PROGRESS_FEED: feed,
    }
    const omaUrl = await ask<string>({ ask: 'start', settings })
    const isAll = async (): Promise<true | undefined> =>
      (await ask<number>({ ask: 'active' })) >= jobs ? true : undefined
    await until('all jobs are followed', isAll, 300_000, 100)
    await tell({ ask: 'listen', oma: omaUrl, token: settings['OMA_API_TOKENS'] ?? '', database })
    await tell({ ask: 'run', perSecond: changes, seconds: Number(values.warm) })
    const before = { vma: vma.cpuSeconds(), mariadb: cpuSeconds(server.pid), client: client.cpuSeconds() }
    await ask({ ask: 'begin' })
    const running = tell<RunFigures>({ ask: 'run', perSecond: changes, seconds })
    await after(seconds)
    const figures = await ask<PollFigures>({ ask: 'end' })
    const cores = (now: number, then: number): number => rounded((now - then) / seconds)
    const used = {
      'VMA cores': cores(vma.cpuSeconds(), before.vma),
      'MariaDB cores': cores(cpuSeconds(server.pid), before.mariadb),
      'client cores': cores(client.cpuSeconds(), before.client),
    }
    return row(feed, await running, figures, used)
  } finally {
    await Promise.all([client.stop(), oma.stop()])
    await vma.stop()
  }
}

function row(feed: string, { postsPerSecond, toGui, toRow }: RunFigures, figures: PollFigures, used: Row): Row {
  return {
    feed,
    'posts/s': postsPerSecond,
    'GUI p50 ms': toGui.p50,
    'GUI p99 ms': toGui.p99,
    'row p50 ms': toRow.p50,
    'row p99 ms': toRow.p99,
    'rows looked at': toRow.count,
    missing: toGui.missing + toRow.missing,
    'polls/s': figures.pollsPerSecond,
    'rows/s': figures.rowsPerSecond,
    'loop p99 ms': figures.loopMs.p99,
    'OMA cores': rounded(figures.cores),
    'main thread': figures.threads.main,
    'fetch threads': figures.threads.fetch,
    'database thread': figures.threads.database,
    ...used,
    'RSS MiB': Math.round(figures.rssBytes / 2 ** 20),
  }
}

const report = new Report('feed')
let headline = ''
await withMariaDb(async (server) => {
  report.mariaDb = server.version
  const rows: Row[] = []
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const feed of values.sides.split(',')) {
      const database = await server.database(`feed_${feed}_${round}`)
      await fillDatabase(database, { contexts: jobs / 2, jobsPerContext: 2 })
      rows.push(await oneRun(feed, server, database))
    }
  }
  report.add({
    id: 'feed',
    title: `${jobs} jobs, one disk each, of which ${changes} change each second; polled every ${values.interval} without the feed`,
    rows,
    notes: [
      'Delays are from the VMA’s answer to the POST. The stream gathers for 100 ms, a row is written every 2 s at most.',
    ],
  })
  const [on] = rows
  headline = `GUI p99 ${on?.['GUI p99 ms']} ms, row p99 ${on?.['row p99 ms']} ms, ${on?.['OMA cores']} cores`
})
report.finish(outcome, headline)
