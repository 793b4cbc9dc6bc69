/**
 * How long until an OMA that starts follows its active jobs, and what is kept waiting meanwhile? `node bench/start.ts [--jobs 10000]
 * [--rounds 1] [--interval 2s] [--sides sightline,naive] [--short] [--out FILE]`
 *
 * Real MariaDB, the cheap VMA stand-in. The naive poller reads the same rows in one query and starts a timer for each; it has no
 * HTTP that could be kept waiting, so its loop alone is compared.
 */

import type { MariaDbServer } from '../test/support/mariadb-server.ts'
import { fillDatabase } from './oma/inventory.ts'
import type { DiscoveryCost } from './poll/discovery-cost.ts'
import type { PollFigures } from './poll/measure.ts'
import { pollersIn, startPoller, untilFollowed, type PollerName } from './poll/pollers.ts'
import { pollerSettings } from './poll/settings.ts'
import { benchArguments } from './support/arguments.ts'
import { Child } from './support/child.ts'
import { withMariaDb } from './support/mariadb.ts'
import { Prober } from './support/prober.ts'
import { Report, rounded, type Row } from './support/report.ts'

const { values, outcome } = benchArguments({
  jobs: { usual: '10000' },
  rounds: { usual: '1' },
  interval: { usual: '2s' },
  sides: { usual: 'sightline,naive' },
})
const jobs = Number(values.jobs)
/** As often as the process is asked how far it is: that is work of its main thread too. */
const LOOK_MS = 50

async function oneRun(side: PollerName, database: string): Promise<Row> {
  const vma = Child.start(new URL('./poll/vma-process.ts', import.meta.url))
  const poller = startPoller(side)
  const { ask } = poller
  try {
    const settings = pollerSettings({
      database,
      vma: await vma.ask<string>({ ask: 'start' }),
      interval: values.interval,
    })
    if (side === 'naive') await ask({ ask: 'begin' })
    const startedAt = performance.now()
    const url = await ask<string>({ ask: 'start', settings })
    if (side === 'sightline') await ask({ ask: 'begin' })
    const prober = side === 'sightline' ? new Prober(`${url}/healthz`) : undefined
    await untilFollowed(poller, jobs, LOOK_MS)
    const adoptedMs = performance.now() - startedAt
    const healthz = await prober?.stop()
    const { loopMs, cores, threads } = await ask<PollFigures>({ ask: 'end' })
    const discovery = side === 'sightline' ? await ask<DiscoveryCost>({ ask: 'discovery' }) : undefined
    return {
      poller: side,
      'all followed in s': rounded(adoptedMs / 1_000),
      'jobs/s': Math.round((jobs / adoptedMs) * 1_000),
      'loop p99 ms': loopMs.p99,
      'loop longest ms': loopMs.max,
      'healthz p99 ms': healthz === undefined ? '' : rounded(healthz.p99),
      'healthz longest ms': healthz === undefined ? '' : rounded(healthz.max),
      cores: rounded(cores),
      'main thread': threads.main,
      'database thread': threads.database,
      'discovery query ms': discovery === undefined ? '' : rounded(discovery.queryMs),
      'main thread ms a round': discovery === undefined ? '' : rounded(discovery.mainMs),
    }
  } finally {
    await poller.child.stop()
    await vma.stop()
  }
}

async function allRuns(server: MariaDbServer): Promise<readonly Row[]> {
  const sides = pollersIn(values.sides)
  const rows: Row[] = []
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const side of sides) {
      const database = await server.database(`${side}_${round}`)
      await fillDatabase(database, { contexts: jobs / 2, jobsPerContext: 2 })
      rows.push(await oneRun(side, database))
    }
  }
  return rows
}

const report = new Report('start')
const rows = await withMariaDb(async (server) => {
  report.mariaDb = server.version
  return await allRuns(server)
})
report.add({
  id: 'start',
  title: `${jobs} active jobs, polled every ${values.interval} from when each is followed`,
  rows,
  notes: [
    'From the start of the service, its threads included, until the last job is followed; loop and /healthz (asked every 20 ms) until then.',
    'A round of discovery is measured afterwards, with all jobs paused, so that nothing else is counted.',
  ],
})
const [ours] = rows
report.finish(outcome, `${ours?.['all followed in s']} s, /healthz p99 ${ours?.['healthz p99 ms']} ms meanwhile`)
