/** A job as the runtime holds it, without a runtime: its actor is not started. */

import { Job } from '../../src/actors/job.ts'
import type { JobTarget } from '../../src/db/ports.ts'
import type { JobProgress } from '../../src/model/progress.ts'

export const STARTUP_GRACE_MS = 30_000

function target(fields: Partial<JobTarget> = {}): JobTarget {
  return {
    jobId: 'job-1',
    vmContextId: 'ctx-1',
    vmName: 'vm-1',
    vcenterHost: 'vcenter-01',
    status: 'replicating',
    currentOperation: 'Transfer',
    replicationType: 'initial',
    percent: 0,
    bytes: 0,
    totalBytes: 100,
    createdAt: 0,
    startedAt: null,
    disks: [],
    ...fields,
  }
}

export function jobOf(fields: Partial<JobTarget> = {}, adoptedAt = 0): Job {
  return new Job(target(fields), { slot: 0, vma: 0, adoptedAt })
}

export function progress(fields: Partial<JobProgress> = {}): JobProgress {
  return {
    status: 'replicating',
    stage: 'Transfer',
    phase: 'Transfer',
    percent: 0,
    bytes: 0,
    totalBytes: 100,
    speedBps: 0,
    etaSeconds: null,
    disksReporting: 0,
    disks: [],
    ...fields,
  }
}
