/** A job's progress: the sum over its disks (AGG-1…3), monotonic within a run. Plain data: it crosses threads. */

import type { DiskStatus, JobStatus } from './words.ts'

/** Where a disk's total comes from; capacity is the weakest (a sparse disk holds less). */
export type TotalOrigin = 'cbt' | 'allocated' | 'capacity' | 'reported'

export interface DiskProgress {
  /** `vm_disks.disk_id`, or the VMA's disk id where the job's rows are unknown. */
  readonly diskId: string
  /** What the VMA is asked: `migration-vol-<uuid>`. */
  readonly key: string
  readonly reporting: boolean
  readonly status: DiskStatus
  readonly percent: number
  readonly bytes: number
  readonly totalBytes: number
  readonly totalOrigin: TotalOrigin
  readonly speedBps: number
  readonly etaSeconds: number | null
  /** Tells runs under one key apart; absent until the disk has reported. */
  readonly run?: string
  readonly startedAt?: number
  readonly updatedAt?: number
  readonly syncType?: string
  readonly changeId?: string
  readonly previousChangeId?: string
}

/** How a job's bytes have moved lately. Bytes per second; `null` is unknown. */
export interface JobRate {
  /** Robust, over the last minute or less; 0 says that nothing moves. */
  readonly bps: number | null
  /** The median over the last five minutes. */
  readonly usualBps: number | null
  /** When the last byte moved, in our clock; the transfer's start, or when it was first heard of, until one has. */
  readonly movedAt: number
}

export interface JobProgress {
  /** Absent when the VMA's word is unknown or proves nothing: the job keeps its status. */
  readonly status?: JobStatus
  readonly stage: string
  readonly phase: string
  readonly percent: number
  readonly setupPercent?: number
  readonly bytes: number
  readonly totalBytes: number
  readonly speedBps: number
  /** null when unknown or stalled, never 0 for unknown (ETA-1). */
  readonly etaSeconds: number | null
  /** Bounds of the ETA; absent while it is null. */
  readonly etaLowSeconds?: number
  readonly etaHighSeconds?: number
  /** Absent until bytes are to move. */
  readonly rate?: JobRate
  readonly syncType?: string
  readonly startedAt?: number
  /** The run of a job that was asked as a whole (AGG-4); disks carry their own. */
  readonly run?: string
  /** The newest source update over the disks, in our clock. */
  readonly updatedAt?: number
  /** The newest sign of life of a sender, where the VMA tells it apart from updates that changed something. */
  readonly heardAt?: number
  readonly error?: string
  readonly disksReporting: number
  readonly disks: readonly DiskProgress[]
  /** Status words that NORM-2 does not know, for counting. */
  readonly unknownWord?: string
}
