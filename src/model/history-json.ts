/** A job's history as API-3 gives it: times as RFC 3339, bytes and rates as whole numbers. */

import type { JobHistory } from './history.ts'
import type { ProgressHistoryJson } from './wire/history.ts'

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
