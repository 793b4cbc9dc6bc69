/** Reads a job's log for people (API-8): which job is meant, by which ids it is found, and its lines as they are answered. */

import type { JobStore } from '../db/ports.ts'
import type { JobEventStore } from '../db/record-ports.ts'
import type { JobLogQuery, JobLogs } from '../http/ports.ts'
import { LOG_LEVELS, type StoredEvent } from '../model/job-log-rows.ts'
import { withoutSecrets } from '../model/secrets.ts'
import type { JobLogEventJson, JobLogJson } from '../model/wire/job-log.ts'
import { correlationId } from './correlation.ts'

export interface JobEventsOptions {
  readonly store: Pick<JobStore, 'targets'> & JobEventStore
  /** Followed now: then the database need not be asked whether there is such a job. */
  readonly isLive: (jobId: string) => boolean
  readonly rfc3339: (at: number) => string
}

const NO_TABLE = 'the database has no table log_events that can be read: `sightline migrate` makes it'

export class JobEvents implements JobLogs {
  readonly #options: JobEventsOptions

  constructor(options: JobEventsOptions) {
    this.#options = options
  }

  async read(jobId: string, { limit, level }: JobLogQuery): Promise<JobLogJson | undefined> {
    const { store, isLive, rfc3339 } = this.#options
    if (!isLive(jobId) && (await store.targets([jobId])).length === 0) return undefined
    const levels = level === undefined ? {} : { levels: LOG_LEVELS.slice(LOG_LEVELS.indexOf(level)) }
    const stored = await store.jobEvents({ trackingId: correlationId(jobId), jobId, limit, ...levels })
    const events = (stored ?? []).map((event) => answered(event, rfc3339))
    return { job_id: jobId, count: events.length, events, ...(stored === undefined ? { details: NO_TABLE } : {}) }
  }
}

/** Sightline writes no secret; what others wrote is not known (SEC-2). */
function answered({ at, level, message, attrs }: StoredEvent, rfc3339: (at: number) => string): JobLogEventJson {
  const clean = Object.entries(attrs).map(([name, value]) => [
    name,
    typeof value === 'string' ? withoutSecrets(value) : value,
  ])
  return {
    ts: rfc3339(at),
    level,
    message: withoutSecrets(message),
    attrs: Object.fromEntries(clean) as JobLogEventJson['attrs'],
  }
}
