/** What a job's rows say (DB-2, DB-3). Pure: from the job's state to plain rows. */

import type { DiskEnd, JobEnd, ProgressRow } from '../db/ports.ts'
import type { DiskProgress } from '../model/progress.ts'
import type { Writable } from '../model/throttle.ts'
import { percentForRow, percentOf, round2, toMbps } from '../model/units.ts'
import { isTerminal, replicationTypeOf } from '../model/words.ts'
import type { Job } from './job.ts'

/** What the write decision looks at. */
export function writableOf(job: Job): Writable {
  const { progress, target, status } = job
  return {
    status,
    terminal: isTerminal(status),
    operation: job.operation,
    percent: progress?.percent ?? target.percent,
    bytes: progress?.bytes ?? target.bytes,
    totalBytes: progress?.totalBytes ?? target.totalBytes,
    speedBps: progress?.speedBps ?? 0,
    etaSeconds: status === 'completed' || !isTerminal(status) ? (progress?.etaSeconds ?? null) : null,
  }
}

/** The job's row as of now. Without any sample yet the amounts are those that stand in the database. */
export function progressRow(job: Job, now: number): ProgressRow {
  const { progress } = job
  const says = writableOf(job)
  const type = replicationTypeOf(progress?.syncType ?? '')
  return {
    jobId: job.jobId,
    status: says.status,
    currentOperation: says.operation,
    percent: percentForRow(says.percent),
    bytes: says.bytes,
    totalBytes: says.totalBytes,
    speedBps: says.speedBps,
    phase: progress?.phase ?? '',
    throughputMbps: round2(toMbps(says.speedBps)),
    etaSeconds: says.etaSeconds,
    lastPollAt: job.contactAt ?? now,
    updatedAt: now,
    ...(progress?.setupPercent === undefined ? {} : { setupPercent: round2(progress.setupPercent) }),
    ...(progress?.syncType === undefined ? {} : { syncType: progress.syncType }),
    ...(type === undefined ? {} : { replicationType: type }),
    ...(progress?.startedAt === undefined ? {} : { startedAt: progress.startedAt }),
    disks: progress?.disks.filter((d) => d.reporting || d.status === 'completed').map(diskRow) ?? [],
  }
}

function diskRow(disk: DiskProgress): ProgressRow['disks'][number] {
  return { diskId: disk.diskId, status: disk.status, percent: percentForRow(disk.percent), bytes: disk.bytes }
}

export interface EndCause {
  readonly status: JobEnd['status']
  readonly errorMessage: string
  readonly errorClassification: string
  readonly errorDetails: string
}

/** The end of a job: its last row, and every disk's outcome. */
export function jobEnd(job: Job, cause: EndCause, now: number): JobEnd {
  const { status, ...error } = cause
  return {
    row: { ...lastRow(job, status, now), ...error, disks: [] },
    status,
    vmContextId: job.target.vmContextId,
    trackingId: job.correlationId,
    completedAt: now,
    disks: job.target.disks.map((known, i) => diskEnd(job, known, job.progress?.disks[i], status, now)),
  }
}

/** A completed job stands at 100, also one whose end is inferred; its bytes stay those that were reported. */
function lastRow(job: Job, status: JobEnd['status'], now: number): ProgressRow {
  const row = progressRow(job, now)
  const over = { status, speedBps: 0, throughputMbps: 0 }
  return status === 'completed'
    ? { ...row, ...over, percent: 100, etaSeconds: 0 }
    : { ...row, ...over, etaSeconds: null }
}

function diskEnd(
  job: Job,
  known: Job['target']['disks'][number],
  disk: DiskProgress | undefined,
  end: JobEnd['status'],
  now: number,
): DiskEnd {
  const success = end === 'completed' || disk?.status === 'completed'
  const startedAt = disk?.startedAt ?? job.startedAt ?? job.target.createdAt
  return {
    diskId: known.diskId,
    status: success ? 'completed' : 'failed',
    percent: success ? 100 : percentForRow(disk?.percent ?? percentOf(known.bytesSynced, known.capacityBytes) ?? 0),
    bytes: disk?.bytes ?? known.bytesSynced,
    changeId: disk?.changeId ?? '',
    previousChangeId: disk?.previousChangeId ?? known.changeId,
    syncType: replicationTypeOf(disk?.syncType ?? job.replicationType) ?? 'initial',
    durationSeconds: Math.max(0, Math.round((now - startedAt) / 1_000)),
    success,
  }
}
