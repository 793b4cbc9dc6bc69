import fc from 'fast-check'
import t from 'tap'
import { aggregateDisks, wholeJob, type PlannedDisk } from '../../src/model/aggregate.ts'
import type { JobProgress } from '../../src/model/progress.ts'
import type { ProgressSample } from '../../src/model/sample.ts'

const GIB = 2 ** 30
const plan: readonly PlannedDisk[] = [
  { diskId: 'disk-2000', key: 'migration-vol-a', planned: { bytes: 40 * GIB, origin: 'capacity' } },
  { diskId: 'disk-2001', key: 'migration-vol-b', planned: { bytes: 100 * GIB, origin: 'capacity' } },
]

function answer(fields: Partial<ProgressSample>): ProgressSample {
  return { key: 'k', status: 'replicating', statusWord: 'Running', stage: 'Transfer', ...fields }
}

t.test('[AGG-1] bytes, totals and speeds are added, percent is bytes/total', async (t) => {
  const job = aggregateDisks(
    plan,
    [
      answer({ bytes: 10 * GIB, totalBytes: 20 * GIB, speedBps: GIB }),
      answer({ bytes: 10 * GIB, totalBytes: 60 * GIB, speedBps: 2 * GIB }),
    ],
    undefined,
  )
  t.match(job, {
    bytes: 20 * GIB,
    totalBytes: 80 * GIB,
    percent: 25,
    speedBps: 3 * GIB,
    disksReporting: 2,
  })
  t.same(
    job.disks.map((d) => d.totalOrigin),
    ['reported', 'reported'],
  )
})

t.test('[AGG-2] a disk without an answer counts with its planned bytes and 0 moved', async (t) => {
  const job = aggregateDisks(plan, [answer({ bytes: 10 * GIB, totalBytes: 20 * GIB }), undefined], undefined)
  t.match(job, { bytes: 10 * GIB, totalBytes: 120 * GIB, disksReporting: 1, status: 'replicating' })
  t.match(job.disks[1], {
    reporting: false,
    status: 'pending',
    bytes: 0,
    totalBytes: 100 * GIB,
    totalOrigin: 'capacity',
  })
})

t.test('[AGG-2] a disk that falls silent keeps what it reached', async (t) => {
  const both = aggregateDisks(
    plan,
    [answer({ bytes: 5, totalBytes: 10 }), answer({ bytes: 5, totalBytes: 10 })],
    undefined,
  )
  const one = aggregateDisks(plan, [answer({ bytes: 6, totalBytes: 10 }), undefined], both)
  t.match(one, { bytes: 11, totalBytes: 20, disksReporting: 1 })
})

t.test('[VERDICT-1] the last source update is the newest of all disks, also of one that is silent now', async (t) => {
  const both = aggregateDisks(plan, [answer({ updatedAt: 5_000 }), answer({ updatedAt: 9_000 })], undefined)
  t.equal(both.updatedAt, 9_000)
  t.equal(aggregateDisks(plan, [answer({ updatedAt: 7_000 }), undefined], both).updatedAt, 9_000)
})

t.test('[AGG-3] completed when every disk is, failed as soon as one is, else the least advanced disk', async (t) => {
  const done = answer({ status: 'completed', bytes: 10, totalBytes: 10 })
  const status = (a: ProgressSample | undefined, b: ProgressSample | undefined) =>
    aggregateDisks(plan, [a, b], undefined).status
  t.equal(status(done, done), 'completed')
  t.equal(status(done, answer({ status: 'failed' })), 'failed')
  t.equal(status(done, answer({ status: 'snapshotting' })), 'snapshotting')
  t.equal(status(answer({ status: 'finalizing' }), answer({ status: 'replicating' })), 'replicating')
  t.equal(status(done, undefined), undefined, 'a silent disk holds back completion')
})

t.test('[AGG-3] a disk that completed and was cleaned up stays completed', async (t) => {
  const done = answer({ status: 'completed', bytes: 10, totalBytes: 10 })
  const first = aggregateDisks(plan, [done, answer({ bytes: 1, totalBytes: 10 })], undefined)
  t.equal(aggregateDisks(plan, [undefined, done], first).status, 'completed')
})

t.test("[AGG-4] the job id's own answer, with the disks it names", async (t) => {
  const sample = answer({
    bytes: 30,
    totalBytes: 100,
    speedBps: 7,
    disks: [{ id: 'disk-2001', status: 'streaming', bytes: 30, totalBytes: 60 }],
  })
  const job = wholeJob(plan, sample, undefined)
  t.match(job, { bytes: 30, totalBytes: 100, percent: 30, disksReporting: 1 })
  t.match(job.disks[1], { bytes: 30, totalBytes: 60, percent: 50, status: 'syncing' })
  t.equal(
    wholeJob(plan.slice(0, 1), answer({ bytes: 5, totalBytes: 10 }), undefined).disks[0]?.bytes,
    5,
    'a single disk is the job',
  )
})

t.test('[AGG-1] within a run nothing falls, whatever order answers come in; a new run starts over', async () => {
  const step = fc.record({
    bytes: fc.integer({ min: 0, max: 1_000 }),
    totalBytes: fc.constantFrom(0, 500, 1_000),
    disk: fc.constantFrom(0, 1),
    stage: fc.constantFrom('Creating Snapshot', 'Transfer'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let before: JobProgress | undefined
      for (const { disk, ...fields } of steps) {
        const sample = answer({ ...fields, run: '1@5' })
        const now: JobProgress = aggregateDisks(plan, disk === 0 ? [sample, undefined] : [undefined, sample], before)
        if (now.percent < (before?.percent ?? 0) || now.percent > 100 || now.bytes < (before?.bytes ?? 0)) return false
        before = now
      }
      const fresh = answer({ bytes: 1, totalBytes: 1_000, run: '2@9' })
      return (
        before === undefined ||
        !before.disks[0]?.run ||
        aggregateDisks(plan, [fresh, undefined], before).disks[0]?.bytes === 1
      )
    }),
  )
})
