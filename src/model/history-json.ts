/** A job's history as API-3 gives it: times as RFC 3339, bytes and rates as whole numbers. */

import type { JobHistory } from './history.ts'
import type { JobStatus } from './words.ts'

export interface ProgressHistoryJson {
  readonly job_id: string
  /** Distance of the points; it doubles as the job grows older. */
  readonly resolution_ms: number
  readonly points: readonly ProgressPointJson[]
  readonly stages: readonly ProgressStageJson[]
  /** Entries that did not fit; they are missing after the first. */
  readonly stages_dropped: number
}

export interface ProgressPointJson {
  readonly at: string
  readonly percent: number
  readonly bytes_transferred: number
  /** Mean since the point before; null at the first point and where a new run began. */
  readonly rate_bps: number | null
}

export interface ProgressStageJson {
  readonly stage: string
  readonly status: JobStatus
  readonly started_at: string
  readonly ended_at: string | null
}

/** `rfc3339` writes a time in the configured zone. */
export function historyJson(jobId: string, history: JobHistory, rfc3339: (at: number) => string): ProgressHistoryJson {
  return {
    job_id: jobId,
    resolution_ms: history.resolutionMs,
    points: history.points().map(({ at, bytes, percent, rateBps }) => ({
      at: rfc3339(at),
      percent,
      bytes_transferred: bytes,
      rate_bps: rateBps,
    })),
    stages: history.stages.map(({ stage, status, startedAt, endedAt }) => ({
      stage,
      status,
      started_at: rfc3339(startedAt),
      ended_at: endedAt === null ? null : rfc3339(endedAt),
    })),
    stages_dropped: history.stagesDropped,
  }
}
