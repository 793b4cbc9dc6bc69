/**
 * What a VMA said, normalised (NORM-1). One sample per key asked; a job's progress is the sum of its disks' (AGG-1).
 * Absent means unknown: a sample never carries a guess.
 * Units: bytes, bytes per second, percent 0..100, seconds for ETA, epoch milliseconds for times.
 */

import type { JobStatus } from './words.ts'

export interface ProgressSample {
  /** The export name or job id that was asked. */
  readonly key: string
  /** The `job_id` that the answer itself carries. */
  readonly jobId?: string
  readonly status?: JobStatus
  /** The VMA's own status word; kept for logs. */
  readonly statusWord?: string
  /** The VMA's own stage word: `current_operation`. */
  readonly stage?: string
  readonly phase?: string
  /** Transfer percent. During set-up stages it is absent and `setupPercent` holds the number. */
  readonly percent?: number
  readonly setupPercent?: number
  readonly bytes?: number
  readonly totalBytes?: number
  readonly speedBps?: number
  readonly etaSeconds?: number
  readonly syncType?: string
  readonly changeId?: string
  readonly previousChangeId?: string
  /** In the VMA's clock. */
  readonly startedAt?: number
  readonly updatedAt?: number
  /** The sender's last sign of life, also one that changed nothing; only our VMA tells the two apart. */
  readonly heardAt?: number
  /** The VMA's clock when it answered, where it says so. */
  readonly serverTime?: number
  /** Tells runs under one key apart: `run.number` and start time where the VMA gives them. */
  readonly run?: string
  readonly error?: string
  readonly disks?: readonly DiskSample[]
  /** Fields that were present and unusable, by their wire name. */
  readonly faults?: readonly string[]
}

/** One disk inside a VMA's answer (v1.0 `disks[]`). */
export interface DiskSample {
  readonly id: string
  readonly status?: JobStatus
  readonly bytes?: number
  readonly totalBytes?: number
  readonly speedBps?: number
  readonly percent?: number
}
