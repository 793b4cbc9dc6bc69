/**
 * How many jobs does one OMA poll, how late, and at what cost? `node bench/poll.ts [--jobs 10000] [--warm 25] [--seconds 20]
 * [--sides sightline,naive] [--rounds 1] [--interval 2s] [--short] [--out FILE]`
 *
 * Real MariaDB with an fsync for each commit, a VMA stand-in that answers from a text, the documents' 2 s. The baseline
 * (poll/naive-process.ts) is the documented design as one would write it at once. Each side has a database of its own.
 */

import type { MariaDbServer } from '../test/support/mariadb-server.ts'
import { fillDatabase } from './oma/inventory.ts'
import type { PollFigures } from './poll/measure.ts'
import { afterSeconds, pollersIn, startPoller, untilFollowed, type PollerName } from './poll/pollers.ts'
import { pollerSettings } from './poll/settings.ts'
import { benchArguments } from './support/arguments.ts'
import { Child } from './support/child.ts'
import { withMariaDb } from './support/mariadb.ts'
import { cpuSeconds } from './support/proc.ts'
import { Prober } from './support/prober.ts'
import { Report, rounded, type Row } from './support/report.ts'

const { values, outcome } = benchArguments({
  jobs: { usual: '10000' },
  warm: { usual: '25', short: '20' },
  seconds: { usual: '20', short: '12' },
  rounds: { usual: '1' },
  sides: { usual: 'sightline,naive' },
  interval: { usual: '2s' },
})
const jobs = Number(values.jobs)
const MiB = 2 ** 20

async function oneRun(side: PollerName, server: MariaDbServer, database: string): Promise<Row> {
  const vma = Child.start(new URL('./poll/vma-process.ts', import.meta.url))
  const poller = startPoller(side)
  const { ask } = poller
  try {
    const settings = pollerSettings({
      database,
      vma: await vma.ask<string>({ ask: 'start' }),
      interval: values.interval,
    })
    const startedAt = performance.now()
    const url = await ask<string>({ ask: 'start', settings })
    await untilFollowed(poller, jobs)
    const adoptedMs = performance.now() - startedAt
    await afterSeconds(Number(values.warm))
    const cpu = { vma: vma.cpuSeconds(), mariadb: cpuSeconds(server.pid) }
    await ask({ ask: 'begin' })
    const prober = side === 'sightline' ? new Prober(`${url}/healthz`) : undefined
    await afterSeconds(Number(values.seconds))
    const healthz = await prober?.stop()
    const figures = await ask<PollFigures>({ ask: 'end' })
    const cores = (now: number, then: number): number => rounded((now - then) / Number(values.seconds))
    return row(side, figures, {
      'MariaDB cores': cores(cpuSeconds(server.pid), cpu.mariadb),
      'VMA cores': cores(vma.cpuSeconds(), cpu.vma),
      'adopted in s': rounded(adoptedMs / 1_000),
      'healthz p99 ms': healthz === undefined ? '' : rounded(healthz.p99),
    })
  } finally {
    await poller.child.stop()
    await vma.stop()
  }
}

function row(side: PollerName, figures: PollFigures, more: Row): Row {
  const { threads } = figures
  return {
    poller: side,
    'polls/s': figures.pollsPerSecond,
    'late p50 ms': figures.lateMs.p50,
    'late p99 ms': figures.lateMs.p99,
    'loop p99 ms': figures.loopMs.p99,
    'rows/s': figures.rowsPerSecond,
    cores: rounded(figures.cores),
    'main thread': threads.main,
    'fetch threads': threads.fetch,
    'database thread': threads.database,
    'CPU µs/poll': rounded(figures.usPerPoll),
    ...more,
    'RSS MiB': Math.round(figures.rssBytes / MiB),
    failed: figures.failed,
  }
}

let outcomeLine = ''
const report = new Report('poll')
await withMariaDb(async (server) => {
  report.mariaDb = server.version
  const sides = pollersIn(values.sides)
  const rows: Row[] = []
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const side of sides) {
      const database = await server.database(`${side}_${round}`)
      await fillDatabase(database, { contexts: jobs / 2, jobsPerContext: 2 })
      rows.push(await oneRun(side, server, database))
    }
  }
  report.add({
    id: 'poll',
    title: `${jobs} jobs, one disk each, polled every ${values.interval} by plain GETs`,
    rows,
    notes: [
      `Wanted: ${rounded(jobs / (Number.parseFloat(values.interval) || 2))} polls/s. Threads in cores; what is missing to the ` +
        'sum are V8’s and libuv’s helpers. The VMA stand-in and MariaDB are processes of their own.',
    ],
  })
  const [ours] = rows
  outcomeLine = `${ours?.['polls/s']} polls/s, late p99 ${ours?.['late p99 ms']} ms, ${ours?.['cores']} cores`
})
report.finish(outcome, outcomeLine)
