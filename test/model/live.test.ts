import t from 'tap'
import { liveJob, type LiveView } from '../../src/model/live.ts'
import type { JobProgress } from '../../src/model/progress.ts'
import { rfc3339 } from '../../src/model/time.ts'
import type { VerdictState } from '../../src/model/verdict.ts'

const NOW = Date.parse('2025-09-05T15:30:00Z')

const progress: JobProgress = {
  stage: 'Transfer',
  phase: 'Transfer',
  percent: 50,
  bytes: 50,
  totalBytes: 100,
  speedBps: 5,
  etaSeconds: 10,
  etaLowSeconds: 8,
  etaHighSeconds: 15,
  updatedAt: NOW - 3_999,
  disksReporting: 2,
  disks: [disk('completed', 0), disk('syncing', 10)],
}

function disk(status: 'completed' | 'syncing', etaSeconds: number): JobProgress['disks'][number] {
  const amounts = { percent: 50, bytes: 25, totalBytes: 50, totalOrigin: 'reported', speedBps: 5 } as const
  return { diskId: status, key: 'migration-vol-a', reporting: true, status, ...amounts, etaSeconds }
}

function live(state: VerdictState, fields: Partial<LiveView> = {}) {
  const view: LiveView = {
    at: NOW,
    verdict: { state, since: NOW - 60_000 },
    jobId: 'job-1',
    vmName: 'web-1',
    vmContextId: 'ctx-1',
    vcenterHost: 'vc',
    status: 'replicating',
    replicationType: 'initial',
    operation: 'Transfer',
    percent: 50,
    bytes: 50,
    totalBytes: 100,
    errorMessage: '',
    createdAt: NOW - 600_000,
    startedAt: null,
    completedAt: null,
    lastContactAt: NOW - 2_000,
    lastWriteAt: NOW - 1_000,
    lastError: null,
    pollState: 'waiting',
    errors: 0,
    nextPollAt: NOW,
    progress,
    ...fields,
  }
  return liveJob(view, (at) => rfc3339(at, 'UTC'))
}

t.test('[VERDICT-1] a live job says what it is doing, since when, and how old its news are', async (t) => {
  t.match(live('slow'), {
    verdict: 'slow',
    verdict_since: '2025-09-05T15:29:00Z',
    source_update_age_seconds: 3,
    contact_age_seconds: 2,
    write_age_seconds: 1,
  })
})

t.test('[VERDICT-1] an age is null where there was nothing, and 0 where clocks differ', async (t) => {
  t.match(live('waiting', { progress: undefined, lastContactAt: null, lastWriteAt: NOW + 500 }), {
    source_update_age_seconds: null,
    contact_age_seconds: null,
    write_age_seconds: 0,
  })
})

t.test('[ETA-1] given with its bounds while the job moves', async (t) => {
  t.match(live('moving'), { eta_seconds: 10, vma_eta_seconds: 10, eta_low_seconds: 8, eta_high_seconds: 15 })
})

t.test('[ETA-1] null with its bounds when the job is not known to move, whatever was known last', async (t) => {
  for (const state of ['stalled', 'source_silent', 'vma_unreachable', 'suspended', 'finished'] as const) {
    const job = live(state)
    t.match(job, { eta_seconds: null, vma_eta_seconds: null, eta_low_seconds: null, eta_high_seconds: null }, state)
    t.match(job.disks, [{ eta_seconds: 0 }, { eta_seconds: null }], state)
  }
  t.match(live('moving', { progress: { ...progress, etaSeconds: null } }), {
    eta_seconds: null,
    eta_high_seconds: null,
  })
})

t.test('[ETA-1] a completed job has 0 seconds left', async (t) => {
  const done = { ...progress, etaSeconds: 0, etaLowSeconds: 0, etaHighSeconds: 0 }
  t.match(live('finished', { status: 'completed', progress: done }), { eta_seconds: 0, eta_high_seconds: 0 })
})
