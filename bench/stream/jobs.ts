/**
 * Live jobs without a VMA or a database. What a change alters is what a poll alters: bytes, percent, speed, ETA and times, of the
 * job and of its disk. The bytes of a changed job are the time of the change in microseconds, so whoever
 * reads them knows how old they are.
 */

import type { JobRef, LiveStates } from '../../src/http/ports.ts'
import { liveJob, type LiveJobJson } from '../../src/model/live.ts'
import type { JobProgress } from '../../src/model/progress.ts'
import { rfc3339 } from '../../src/model/time.ts'
import { GIB } from '../../src/model/units.ts'
import { monotonicMs } from '../support/monotonic.ts'

const TOTAL_BYTES = 16_384 * GIB
const SPEED_BPS = 112_013_439
const POLL_MS = 2_000
const CREATED_AT = Date.parse('2025-09-05T15:00:00Z')

interface Tracked extends JobRef {
  bytes: number
  /** Epoch ms. */
  at: number
  speedBps: number
  isCompleted: boolean
}

export class BenchJobs implements LiveStates {
  readonly #jobs: readonly Tracked[]
  readonly #byId: ReadonlyMap<string, Tracked>

  constructor(count: number) {
    this.#jobs = Array.from({ length: count }, (_, i) => ({
      jobId: `job-20250905-${String(i).padStart(6, '0')}`,
      vmName: `vm-${String(i).padStart(5, '0')}`,
      bytes: 0,
      at: CREATED_AT,
      speedBps: SPEED_BPS,
      isCompleted: false,
    }))
    this.#byId = new Map(this.#jobs.map((job) => [job.jobId, job]))
  }

  get count(): number {
    return this.#jobs.length
  }

  refs(): readonly JobRef[] {
    return this.#jobs
  }

  get(jobId: string): LiveJobJson | undefined {
    const job = this.#byId.get(jobId)
    return job === undefined ? undefined : liveJob(viewOf(job), (at) => rfc3339(at, 'UTC'))
  }

  /** Changes the `n`-th job, counted on and on. */
  change(n: number, isCompleted = false): JobRef {
    const job = this.#jobs[n % this.#jobs.length]
    if (job === undefined) throw new Error('no jobs')
    job.bytes = Math.round(monotonicMs() * 1_000)
    job.at = Date.now()
    job.speedBps = SPEED_BPS + ((n * 7_919) % 1_000_003)
    job.isCompleted = isCompleted
    return job
  }
}

function viewOf({ jobId, vmName, bytes, at, speedBps, isCompleted }: Tracked): Parameters<typeof liveJob>[0] {
  return {
    at: Date.now(),
    verdict: { state: isCompleted ? 'finished' : 'moving', since: CREATED_AT },
    jobId,
    vmName,
    vmContextId: `ctx-${vmName}`,
    vcenterHost: 'vcenter-01',
    status: isCompleted ? 'completed' : 'replicating',
    replicationType: 'initial',
    operation: 'Transfer',
    percent: (bytes / TOTAL_BYTES) * 100,
    bytes,
    totalBytes: TOTAL_BYTES,
    errorMessage: '',
    createdAt: CREATED_AT,
    startedAt: CREATED_AT,
    completedAt: isCompleted ? at : null,
    lastContactAt: at,
    lastWriteAt: at,
    lastError: null,
    pollState: 'waiting',
    errors: 0,
    nextPollAt: at + POLL_MS,
    progress: progressOf(bytes, at, speedBps),
  }
}

function progressOf(bytes: number, at: number, speedBps: number): JobProgress {
  const percent = (bytes / TOTAL_BYTES) * 100
  const etaSeconds = Math.round((TOTAL_BYTES - bytes) / speedBps)
  const amounts = { percent, bytes, totalBytes: TOTAL_BYTES, speedBps, etaSeconds }
  const disk = { diskId: 'disk-2000', key: 'migration-vol-c290646c-41ba-4d50-a31f-f497320ca0bd', reporting: true }
  return {
    ...amounts,
    stage: 'Transfer',
    phase: 'Transfer',
    etaLowSeconds: Math.round(etaSeconds * 0.9),
    etaHighSeconds: Math.round(etaSeconds * 1.2),
    syncType: 'initial',
    heardAt: at - 500,
    disksReporting: 1,
    disks: [{ ...disk, ...amounts, status: 'syncing', totalOrigin: 'reported' }],
  }
}
