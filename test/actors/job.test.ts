import t from 'tap'
import { SimulatedClock } from 'xstate'
import { Job } from '../../src/actors/job.ts'
import { writableOf } from '../../src/actors/rows.ts'
import type { JobTarget } from '../../src/db/ports.ts'
import { pollingMachine } from '../../src/machines/polling.ts'
import type { JobProgress } from '../../src/model/progress.ts'

const CREATED = Date.parse('2025-09-05T15:24:00Z')
const ADOPTED = CREATED + 10_000

const target: JobTarget = {
  jobId: 'job-1',
  vmContextId: 'ctx-1',
  vmName: 'web-1',
  vcenterHost: 'vc',
  status: 'pending',
  currentOperation: '',
  percent: 0,
  bytes: 0,
  totalBytes: 0,
  replicationType: 'initial',
  createdAt: CREATED,
  startedAt: null,
  disks: [],
}

const policy = {
  intervalMs: 2_000,
  backoffBaseMs: 5_000,
  maxErrors: 5,
  startupGraceMs: 30_000,
  contactTimeoutMs: 300_000,
}

function adopted() {
  const clock = new SimulatedClock()
  const job = new Job(target, { slot: 0, vma: 0, adoptedAt: ADOPTED })
  job.startActor({ machine: pollingMachine, policy, clock, onCrash: (_, cause) => t.fail(String(cause)) }, ADOPTED)
  t.teardown(() => job.stopActor())
  const hear = (at: number, movedAt: number): void => {
    const amounts = { percent: 5, bytes: 5, totalBytes: 100, speedBps: 0, etaSeconds: 19, disksReporting: 0, disks: [] }
    const rate: JobProgress['rate'] = { bps: 5, usualBps: null, movedAt }
    job.progress = { stage: 'Transfer', phase: 'Transfer', ...amounts, updatedAt: at, rate }
    job.status = 'replicating'
    job.contactAt = at
    job.send({ type: 'SAMPLE', at, terminal: false })
  }
  return { job, hear }
}

t.test('[VERDICT-1] a job tells once that it does something else now', async (t) => {
  const { job, hear } = adopted()
  t.same(job.verdict, { state: 'waiting', since: CREATED })
  hear(ADOPTED + 2_000, ADOPTED)
  t.equal(job.judge(ADOPTED + 2_000), true)
  t.equal(job.judge(ADOPTED + 4_000), false)
  t.same(job.verdict, { state: 'moving', since: ADOPTED + 2_000 })
  hear(ADOPTED + 60_000, ADOPTED)
  t.equal(job.judge(ADOPTED + 60_000), true)
  t.same(job.verdict, { state: 'stalled', since: ADOPTED })
  job.send({ type: 'VMA_DOWN', at: ADOPTED + 70_000 })
  t.equal(job.judge(ADOPTED + 70_000), true)
  t.same(job.verdict, { state: 'vma_unreachable', since: ADOPTED + 70_000 })
})

t.test('[VERDICT-1] who looks at a job sees the verdict of now, and takes no change away', async (t) => {
  const { job, hear } = adopted()
  hear(ADOPTED + 2_000, ADOPTED)
  t.match(job.view(ADOPTED + 3_000), { at: ADOPTED + 3_000, verdict: { state: 'moving', since: ADOPTED + 3_000 } })
  t.equal(job.verdict.state, 'waiting')
  t.equal(job.judge(ADOPTED + 4_000), true)
})

t.test('[ETA-1] the last row of a job that failed has no ETA', async (t) => {
  const { job, hear } = adopted()
  hear(ADOPTED + 2_000, ADOPTED)
  t.equal(writableOf(job).etaSeconds, 19)
  job.status = 'failed'
  t.equal(writableOf(job).etaSeconds, null)
})
