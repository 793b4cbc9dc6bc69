import t, { type Test } from 'tap'
import { SimulatedClock } from 'xstate'
import type { Job } from '../../src/actors/job.ts'
import { JobLog } from '../../src/actors/job-log.ts'
import type { JobLogBatch, JobLogStanding } from '../../src/model/job-log-rows.ts'
import { jobOf, progress, STARTUP_GRACE_MS } from '../support/job.ts'

const away = Object.assign(new Error('connection lost'), { retryable: true })

/** A log with hand-driven time over a database that does what the test says. */
function rig() {
  const clock = new SimulatedClock()
  const written: JobLogBatch[] = []
  const tried: JobLogBatch[] = []
  const asked: (readonly string[])[] = []
  const faults: { readonly cause: unknown; readonly lost: number }[] = []
  const behave: { fail: Error | undefined; standing: readonly JobLogStanding[]; hang: Promise<void> | undefined } = {
    fail: undefined,
    standing: [],
    hang: undefined,
  }
  const log = new JobLog({
    store: {
      jobLogs: async (ids) => {
        asked.push(ids)
        if (behave.fail !== undefined) throw behave.fail
        return behave.standing.filter((one) => ids.includes(one.trackingId))
      },
      writeJobLog: async (batch) => {
        tried.push(batch)
        await behave.hang
        if (behave.fail !== undefined) throw behave.fail
        written.push(batch)
        return { refused: 0 }
      },
    },
    now: () => clock.now(),
    startupGraceMs: STARTUP_GRACE_MS,
    clock,
    onFault: (cause, lost) => faults.push({ cause, lost }),
  })
  const sample = (job: Job, fields: Parameters<typeof progress>[0]): void => {
    job.progress = progress(fields)
    job.status = job.progress.status ?? job.status
    log.hear(job, 'progress')
  }
  const messages = () => written.flatMap((batch) => batch.events.map((event) => event.message))
  return { clock, log, written, tried, asked, faults, behave, sample, messages }
}

/** Lets everything that is due now run; the fake database answers in microtasks. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve))
}

t.test('[LOG-1] changes are written together every 500 ms, and what says nothing new is not', async (t) => {
  const { clock, log, written, asked, sample, messages } = rig()
  const jobs = [jobOf({ jobId: 'job-1' }), jobOf({ jobId: 'job-2' })]
  for (const job of jobs) log.hear(job, 'adopted')
  for (const percent of [1, 2, 3]) for (const job of jobs) sample(job, { percent })
  t.same(written, [])
  clock.increment(500)
  await settle()
  t.same(asked, [jobs.map((job) => job.correlationId)], 'what stands is read for all at once')
  t.equal(written.length, 1)
  t.match(written[0], { repeat: false, tracking: { length: 2 }, steps: { length: 2 }, events: { length: 2 } })
  for (let percent = 4; percent < 10; percent += 1) for (const job of jobs) sample(job, { percent })
  t.equal(log.queued, 0)
  clock.increment(5_000)
  await settle()
  t.equal(written.length, 1)
  sample(jobs[0] as Job, { percent: 10 })
  clock.increment(500)
  await settle()
  t.equal(messages().at(-1), 'Progress reached 10 %')
  t.match(log.stats, { written: 8, dropped: 0, refused: 0, faults: 0 })
  await log.close()
})

t.test(
  '[LOG-1] while the database is away all waits and the tries get rarer; back, nothing is doubled or lost',
  async (t) => {
    const { clock, log, written, tried, behave, sample, messages } = rig()
    const job = jobOf()
    log.hear(job, 'adopted')
    await log.flush()
    behave.fail = away
    sample(job, { percent: 10 })
    await log.flush()
    sample(job, { percent: 20 })
    const tries = async (ms: number): Promise<number> => {
      const before = tried.length
      for (let passed = 0; passed < ms; passed += 250) {
        clock.increment(250)
        await settle()
      }
      return tried.length - before
    }
    const first = await tries(10_000)
    await tries(20_000)
    t.ok(first > (await tries(10_000)), 'the tries get rarer')
    t.ok((await tries(30_000)) >= 3, 'and never cease')
    t.ok(
      tried.slice(2).every((batch) => batch.repeat && batch.events.length === 1),
      'a batch is repeated as it was',
    )
    behave.fail = undefined
    await tries(10_000)
    t.same(messages(), [
      'Starting progress polling for replication job',
      'Progress reached 10 %',
      'Progress reached 20 %',
    ])
    t.equal(written.at(-1)?.repeat, false)
    t.equal(log.queued, 0)
    t.equal(log.stats.dropped, 0)
    await log.close()
  },
)

t.test('[LOG-1] a batch that the database refuses for good is given up, counted and told', async (t) => {
  const { log, faults, behave, sample, messages } = rig()
  const job = jobOf()
  log.hear(job, 'adopted')
  await log.flush()
  behave.fail = new Error('no such table')
  sample(job, { percent: 10 })
  for (let i = 0; i < 5; i += 1) await log.flush()
  t.equal(log.stats.dropped, 2, 'the row and the event')
  t.same(
    faults.map(({ lost }) => lost),
    [0, 0, 0, 0, 2],
  )
  behave.fail = undefined
  sample(job, { percent: 20 })
  await log.flush()
  t.equal(messages().at(-1), 'Progress reached 20 %')
  await log.close()
})

t.test('[LOG-1] a restart reads what stands and goes on from there', async (t) => {
  const { log, behave, sample, messages, written } = rig()
  const job = jobOf({ percent: 34 })
  const steps = [{ seq: 1, name: 'Transfer', running: true, startedAt: 5 }]
  const standing = { status: 'replicating', percent: 34, runs: [], startedAt: 5, steps } as const
  behave.standing = [{ trackingId: job.correlationId, ...standing }]
  log.hear(job, 'adopted')
  sample(job, { percent: 35 })
  sample(job, { percent: 41 })
  await log.flush()
  t.same(messages(), ['Resuming progress polling for replication job', 'Progress reached 40 %'])
  t.same(written[0]?.steps, [])
  await log.close()
})

t.test('[LOG-1] what happens before the log is read is held in order, also the whole life of a job', async (t) => {
  const { log, behave, sample, messages, written } = rig()
  const job = jobOf()
  behave.fail = away
  log.hear(job, 'adopted')
  sample(job, { percent: 12 })
  await log.flush()
  log.panic(job, new RangeError('boom'))
  sample(job, { percent: 100 })
  job.status = 'completed'
  log.hear(job, 'ended')
  job.phase = 'ended'
  log.hear(job, 'removed')
  behave.fail = undefined
  await log.flush()
  t.same(
    messages().filter((message) => !message.startsWith('Progress')),
    ['Starting progress polling for replication job', 'panic: boom', 'Job completed, stopping progress polling'],
  )
  t.equal(messages().filter((message) => message.startsWith('Progress')).length, 10)
  t.match(written.at(-1)?.tracking, [{ status: 'completed', percent: 100 }])
  t.match(written.at(-1)?.steps, [{ status: 'completed' }])
  await log.close()
})

t.test('[LOG-1] a panic is an error with its stack, of a job that is gone too', async (t) => {
  const { log, written } = rig()
  const job = jobOf()
  log.hear(job, 'adopted')
  log.panic(job, new RangeError('boom'))
  log.panic(jobOf({ jobId: 'job-gone' }), 'thrown text')
  await log.flush()
  const events = written.flatMap((batch) => batch.events).filter((event) => event.level === 'ERROR')
  t.match(
    events.find((event) => event.jobId === 'job-1'),
    { message: 'panic: boom', attrs: { error: 'RangeError', stack: /job-log\.test\.ts/ } },
  )
  t.match(
    events.find((event) => event.jobId === 'job-gone'),
    { message: 'panic: thrown text' },
  )
  await log.close()
})

t.test('[LOG-1] poll errors: expected ones within the start-up grace only', async (t) => {
  const { log, written } = rig()
  const job = jobOf()
  log.hear(job, 'adopted')
  for (const at of [STARTUP_GRACE_MS - 1, STARTUP_GRACE_MS]) {
    job.lastError = { code: 'not_found', message: 'the VMA does not know this key', at }
    log.hear(job, 'fault')
    log.hear(job, 'progress')
  }
  await log.flush()
  t.same(
    written.flatMap((batch) => batch.events.map((event) => event.level)),
    ['INFO', 'DEBUG', 'INFO', 'WARN', 'INFO'],
  )
  await log.close()
})

t.test('[LOG-1] a job that is let go and comes back at once is read after what it said before', async (t) => {
  const { log, behave, tried, asked } = rig()
  const job = jobOf()
  log.hear(job, 'adopted')
  await log.flush()
  log.hear(job, 'removed')
  log.hear(jobOf(), 'adopted')
  behave.fail = away
  await log.flush()
  t.equal(asked.length, 1, 'not read while something is unwritten')
  t.match(tried.at(-1)?.tracking, [{ status: 'released' }])
  behave.fail = undefined
  await log.flush()
  t.equal(asked.length, 2)
  await log.close()
})

t.test('[LOG-1] close writes what is left, and waits for the database no longer than told', async (t) => {
  await t.test('a database that comes back in time', async (t) => {
    const { clock, log, behave, faults, messages, sample } = rig()
    const job = jobOf()
    log.hear(job, 'adopted')
    await log.flush()
    sample(job, { percent: 10 })
    behave.fail = away
    const closed = log.close(3_000)
    await settle()
    behave.fail = undefined
    clock.increment(500)
    await closed
    t.equal(messages().at(-1), 'Progress reached 10 %')
    t.equal(log.stats.dropped, 0)
    t.equal(faults.at(-1)?.lost, 0)
  })
  const inVain = async (t: Test, away: Partial<ReturnType<typeof rig>['behave']>): Promise<void> => {
    const { clock, log, behave, faults } = rig()
    log.hear(jobOf(), 'adopted')
    Object.assign(behave, away)
    const closed = log.close(3_000)
    for (let i = 0; i < 6; i += 1) {
      await settle()
      clock.increment(500)
    }
    await closed
    t.ok(log.stats.dropped > 0)
    t.equal(faults.at(-1)?.lost, log.stats.dropped)
    t.match(faults.at(-1)?.cause, { message: /ends before the database took/ })
    const { faults: before } = log.stats
    clock.increment(60_000)
    await settle()
    t.equal(log.stats.faults, before, 'nothing goes on afterwards')
  }
  await t.test('one that stays away', (t) => inVain(t, { fail: away }))
  await t.test('one that never answers', (t) => inVain(t, { hang: Promise.withResolvers<void>().promise }))
})
