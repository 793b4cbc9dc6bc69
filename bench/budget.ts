/**
 * Where do the microseconds of one poll go? `node bench/budget.ts [--jobs 2000] [--rounds 30] [--short] [--out FILE]`
 *
 * Each stage alone in a tight loop in this process, by its processor time: caches are warm here, so at a few thousand polls
 * a second each stage costs two to three times as much. What a change of one stage is worth can be seen here and nowhere else.
 */

import { MariaDbServer } from '../test/support/mariadb-server.ts'
import { MysqlDatabase } from '../src/db/mysql.ts'
import type { ProgressRow } from '../src/db/ports.ts'
import { SpanHeaders, tracePrefix } from '../src/workers/poll-trace.ts'
import { VmaClient, type VmaAnswer } from '../src/workers/vma-client.ts'
import { deliveries, fetches, parsedDocument } from './budget/stages.ts'
import { fillDatabase, jobId } from './oma/inventory.ts'
import { benchArguments } from './support/arguments.ts'
import { Child } from './support/child.ts'
import { cpuSeconds } from './support/proc.ts'
import { median, Report, rounded, type Row } from './support/report.ts'

const { values, outcome } = benchArguments({
  jobs: { usual: '2000' },
  rounds: { usual: '30', short: '15' },
})
const jobs = Number(values.jobs)
const rounds = Number(values.rounds)

function cpuUs(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Median over the rounds of what one of the `jobs` costs; the first third warms up. */
async function each(round: () => Promise<number> | number): Promise<number> {
  const costs: number[] = []
  for (let i = 0; i < rounds; i += 1) costs.push((await round()) / jobs)
  return rounded(median(costs.slice(Math.floor(rounds / 3))))
}

const stages: Row[] = []

const fetching = fetches(jobs)
stages.push({
  stage: 'fetch thread: JSON.parse of the answer',
  'CPU µs': await each(() => {
    const texts = fetching.texts()
    const before = cpuUs()
    for (const text of texts) parsedDocument(text)
    return cpuUs() - before
  }),
})
stages.push({
  stage: 'fetch thread: normalise, sum up, rate, ETA, hand over',
  'CPU µs': await each(async () => {
    fetching.prepare()
    const before = cpuUs()
    fetching.pollAll()
    const cost = cpuUs() - before
    await fetching.settle()
    return cost
  }),
})

const main = await deliveries(jobs)
const rowCosts: number[] = []
stages.push({
  stage: 'main thread: to the actor, throttle, verdict, history, log, stream',
  'CPU µs': await each(async () => {
    await main.prepare()
    const before = cpuUs()
    main.deliverAll()
    const cost = cpuUs() - before
    const rowsBefore = cpuUs()
    await main.flush()
    rowCosts.push((cpuUs() - rowsBefore) / jobs)
    return cost
  }),
})
stages.push({ stage: 'main thread: the row, made and handed over as text', 'CPU µs': rounded(median(rowCosts)) })
main.stop()

const vma = Child.start(new URL('./poll/vma-process.ts', import.meta.url))
try {
  const url = await vma.ask<string>({ ask: 'start' })
  const client = new VmaClient({ name: 'vma', url }, { maxConcurrent: 256, timeoutMs: 10_000, now: Date.now })
  const getAll = (trace?: (i: number) => string): Promise<void> =>
    new Promise((resolve, reject) => {
      let left = jobs
      for (let i = 0; i < jobs; i += 1) {
        const done = (answer: VmaAnswer): void => {
          left -= 1
          if (!answer.ok) reject(new Error(answer.error.message))
          else if (left === 0) resolve()
        }
        client.get(`migration-vol-${i}`, done, trace?.(i))
      }
    })
  const prefixes = Array.from({ length: jobs }, (_, i) => tracePrefix(i.toString(16).padStart(32, 'a')))
  const costOf = async (trace?: (i: number) => string): Promise<number> => {
    const before = cpuUs()
    await getAll(trace)
    return cpuUs() - before
  }
  const traced: number[] = []
  // By turns, so that both meet the same machine.
  const withParsing = await each(async () => {
    const plain = await costOf()
    traced.push(((await costOf((i) => prefixes[i] ?? '')) - plain) / jobs)
    return plain
  })
  stages.push({ stage: 'fetch thread: the request with its system calls, and JSON.parse', 'CPU µs': withParsing })
  const added = rounded(median(traced.slice(Math.floor(rounds / 3))))
  stages.push({ stage: 'fetch thread: what its traceparent adds, and reading it in the answer', 'CPU µs': added })
  const spans = new SpanHeaders('0badcafe')
  stages.push({
    stage: 'fetch thread: of that, the header made alone',
    'CPU µs': await each(() => {
      const before = cpuUs()
      // Flat, as it is when it goes to the socket.
      for (const prefix of prefixes) Buffer.byteLength(spans.next(prefix), 'latin1')
      return cpuUs() - before
    }),
  })
  client.close()
} finally {
  await vma.stop()
}

const server = await MariaDbServer.start()
const { version } = server
try {
  const url = await server.database('budget')
  await fillDatabase(url, { contexts: jobs, jobsPerContext: 1 })
  const database = new MysqlDatabase(url, 'UTC', 8)
  await database.open()
  let moved = 0
  const rowsNow = (): ProgressRow[] => {
    moved += 1_000_000
    const at = Date.now()
    return Array.from({ length: jobs }, (_, i) => main.rowOf(jobId(i), moved, at))
  }
  const serverCosts: number[] = []
  const ours = await each(async () => {
    const rows = rowsNow()
    const serverBefore = cpuSeconds(server.pid)
    const before = cpuUs()
    await database.writeProgress(rows)
    const cost = cpuUs() - before
    serverCosts.push(((cpuSeconds(server.pid) - serverBefore) * 1e6) / jobs)
    return cost
  })
  stages.push({ stage: 'database thread: a row of the job and one of its disk', 'CPU µs': ours })
  stages.push({ stage: 'MariaDB: both rows', 'CPU µs': rounded(median(serverCosts)) })
  await database.close()
} finally {
  await server.stop()
}

const report = new Report('budget')
report.mariaDb = version
report.add({
  id: 'stages',
  title: `One poll of a job with one disk, stage by stage (${jobs} jobs, ${rounds} rounds)`,
  rows: stages,
  notes: ['Caches are warm here: at a few thousand polls a second each stage costs two to three times as much.'],
})
report.finish(outcome, stages.map((row) => row['CPU µs']).join(' + ') + ' µs')
process.exit()
