/** What is kept of jobs beside their rows: the field's JobLog and a history of ours. Plain data, as in ports.ts. */

import type {
  JobLogBatch,
  JobLogReport,
  JobLogStanding,
  StoredEvent,
  StoredEventsQuery,
} from '../model/job-log-rows.ts'

/** LOG-1: `job_tracking`, `job_steps` and `log_events`. Tables that are missing are left out (DB-6). */
export interface JobLogStore {
  /** What stands of these logs, by correlation id; one query per table. Jobs without a log are left out. */
  jobLogs(trackingIds: readonly string[]): Promise<readonly JobLogStanding[]>
  /** One transaction; a row that the database can't take stops no other. A repeated batch writes nothing twice. */
  writeJobLog(batch: JobLogBatch): Promise<JobLogReport>
}

/** API-8: the lines of `log_events`, whoever wrote them. */
export interface JobEventStore {
  /** Oldest first, the newest `limit` of them; undefined where there is no table of them. */
  jobEvents(query: StoredEventsQuery): Promise<readonly StoredEvent[] | undefined>
}

/** API-3: how a job went, as text of src/model/history.ts. */
export interface HistoryRow {
  readonly jobId: string
  readonly data: string
}

/** A table of ours. Where it is missing reads find nothing and writes do nothing (DB-6). */
export interface HistoryStore {
  /** False where the table is missing; it is looked up at `open` only. */
  keepsHistories(): Promise<boolean>
  /** Unknown ids are left out; ids compare exactly. */
  readHistories(jobIds: readonly string[]): Promise<readonly HistoryRow[]>
  /** All or none; a later row of a job replaces its earlier one. */
  writeHistories(rows: readonly HistoryRow[], updatedAt: number): Promise<void>
  /** Deletes rows that were last written before; at most so many. Returns how many. */
  pruneHistories(before: number, atMost: number): Promise<number>
}
