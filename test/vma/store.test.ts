import t from 'tap'
import { HandVma } from '../support/vma.ts'

const MINUTE = 60

t.test('[VMA-3] an unknown job is registered by its first update, unless registration is explicit', async (t) => {
  const open = new HandVma()
  t.equal(open.transfer(1), 'accepted')
  t.equal(open.store.jobs, 1)

  const strict = new HandVma({ registration: 'explicit' })
  t.equal(strict.transfer(1), 'not_registered')
  t.equal(strict.store.jobs, 0)
  t.match(strict.store.counts, { not_registered: 1, accepted: 0 })
  strict.store.register('migration-vol-1', {}, strict.now)
  t.equal(strict.transfer(1), 'accepted')
})

t.test('[VMA-9] an ended job stays readable for its retention', async (t) => {
  const vma = new HandVma()
  vma.completed(100, { total_bytes: 100 })
  vma.pass(15 * MINUTE - 1)
  t.equal(vma.store.sweep(vma.now), 0)
  t.equal(vma.get().status, 'completed')
  vma.pass(1)
  t.equal(vma.store.sweep(vma.now), 1)
  t.equal(vma.store.read('migration-vol-1', vma.now), undefined)
  t.same(vma.store.departures, { expired: 1, evicted: 0 })
})

t.test('[VMA-9] a job that is heard of stays, an idle one goes after a day', async (t) => {
  const vma = new HandVma()
  vma.transfer(1, {}, 'idle')
  vma.transfer(1, {}, 'stalled')
  vma.pass(23 * 60 * MINUTE)
  t.equal(vma.transfer(1, {}, 'stalled'), 'ignored_late', 'a repetition, yet a sign of life')
  vma.pass(60 * MINUTE)
  t.equal(vma.store.sweep(vma.now), 1)
  t.equal(vma.store.read('idle', vma.now), undefined)
  t.equal(vma.get('stalled').bytes_transferred, 1)
})

t.test('[VMA-9] a job that failed stays while its other disks report', async (t) => {
  const vma = new HandVma()
  vma.transfer(1, { disk_id: 'a' })
  vma.transfer(1, { disk_id: 'b' })
  vma.post({ status: 'failed', disk_id: 'a' })
  vma.pass(10 * MINUTE).transfer(2, { disk_id: 'b' })
  vma.pass(10 * MINUTE)
  t.equal(vma.store.sweep(vma.now), 0)
  t.equal(vma.get().status, 'failed')
})

t.test('[VMA-9] when full, the job that ended first goes first, then the one idle for longest', async (t) => {
  const vma = new HandVma({ maxJobs: 3 })
  for (const key of ['old', 'ended', 'young']) vma.pass(1).transfer(1, {}, key)
  vma.pass(1).post({ status: 'failed' }, 'ended')
  vma.pass(1).transfer(2, {}, 'old')
  vma.pass(1).transfer(1, {}, 'fourth')
  t.equal(vma.store.read('ended', vma.now), undefined)
  vma.pass(1).transfer(1, {}, 'fifth')
  t.equal(vma.store.read('young', vma.now), undefined, 'last heard of before the others')
  t.equal(vma.get('old').bytes_transferred, 2)
  t.equal(vma.store.jobs, 3)
  t.same(vma.store.departures, { expired: 0, evicted: 2 })
})

t.test('[VMA-9] the number of jobs is bounded under churn, and a sweep takes a bounded slice', async (t) => {
  const vma = new HandVma({ maxJobs: 2_500 })
  for (let job = 0; job < 10_000; job += 1) vma.post({ status: 'failed', stage: 'Transfer' }, `job-${job}`)
  t.equal(vma.store.jobs, 2_500)
  vma.pass(15 * MINUTE)
  t.equal(vma.store.sweep(vma.now), 1_000)
  t.equal(vma.store.sweep(vma.now), 1_000)
  t.equal(vma.store.sweep(vma.now), 500)
  t.equal(vma.store.jobs, 0)
  t.equal(vma.store.departures.evicted + vma.store.departures.expired, 10_000, 'every job is accounted for')
})

t.test('[VMA-9] a sender gone wild does not grow its job', async (t) => {
  const vma = new HandVma()
  for (let step = 0; step < 1_000; step += 1) {
    vma.pass(1).transfer(step, { stage: `Stage ${step}`, seq: step, error_message: `${step}${'x'.repeat(9_000)}` })
  }
  const job = vma.get()
  t.ok(job.phases.length <= 32)
  t.equal(job.phases.at(-1)?.name, 'Stage 999')
  t.ok(job.errors.length <= 8)
  t.ok(job.errors.every((error) => error.length <= 2_000))
})

t.test('the revision grows with each change and with nothing else', async (t) => {
  const vma = new HandVma()
  vma.transfer(1, {}, 'one')
  vma.transfer(1, {}, 'two')
  vma.transfer(1, {}, 'one')
  t.equal(vma.store.revision, 2)
  t.equal(vma.get('one').revision, 1)
  vma.transfer(2, {}, 'one')
  t.equal(vma.get('one').revision, 3)
})
