/** Jobs as the runtime holds them, without threads: what the VMA says is told by hand. */

import { Job } from '../../src/actors/job.ts'
import type { JobTarget } from '../../src/db/ports.ts'
import type { DiskProgress, JobProgress } from '../../src/model/progress.ts'

export function jobOf(jobId: string, adoptedAt: number, target: Partial<JobTarget> = {}): Job {
  const whole: JobTarget = {
    jobId,
    vmContextId: 'ctx-1',
    vmName: 'pgtest1',
    vcenterHost: 'vcenter-01',
    status: 'replicating',
    currentOperation: '',
    replicationType: 'initial',
    percent: 0,
    bytes: 0,
    totalBytes: 0,
    createdAt: adoptedAt,
    startedAt: null,
    disks: [],
    ...target,
  }
  return new Job(whole, { slot: 0, vma: 0, adoptedAt })
}

export function progressOf(bytes: number, fields: Partial<JobProgress> = {}): JobProgress {
  return {
    status: 'replicating',
    stage: 'Transfer',
    phase: 'Transfer',
    percent: Math.min(100, bytes / 1_000),
    bytes,
    totalBytes: 100_000,
    speedBps: 0,
    etaSeconds: null,
    disksReporting: 0,
    disks: [],
    ...fields,
  }
}

export function silentDisk(diskId: string): DiskProgress {
  return {
    diskId,
    key: `migration-vol-${diskId}`,
    reporting: false,
    status: 'pending',
    percent: 0,
    bytes: 0,
    totalBytes: 50_000,
    totalOrigin: 'capacity',
    speedBps: 0,
    etaSeconds: null,
  }
}
