/**
 * What the rest of the system needs from a database, and nothing more. Two implementations (SQLite, MariaDB/MySQL) pass
 * one contract suite. Everything here is plain data: it crosses threads. Times are epoch milliseconds; the
 * implementation turns them into the database's wall clock and back (`datetime(3)` in the server's zone).
 * An absent optional field leaves its column as it is.
 */

import type { PartFields } from '../model/selection.ts'
import type { CurrentJobJson, DetailPart, VmDiskJson } from '../model/wire/vm-contexts.ts'
import type { HistoryStore, JobEventStore, JobLogStore } from './record-ports.ts'
import type { DiskStatus, JobStatus, TerminalStatus } from '../model/words.ts'

/** POLL-1: one line of discovery. `status` is the column as it stands, whatever its case. */
export interface ActiveJob {
  readonly jobId: string
  readonly status: string
}

/** POLL-3: all that polling needs to know of a job, read for many jobs in one query per table. */
export interface JobTarget {
  readonly jobId: string
  readonly vmContextId: string
  readonly vmName: string
  readonly vcenterHost: string
  readonly status: string
  readonly currentOperation: string
  readonly replicationType: string
  readonly percent: number
  readonly bytes: number
  readonly totalBytes: number
  readonly createdAt: number
  readonly startedAt: number | null
  readonly disks: readonly TargetDisk[]
}

export interface TargetDisk {
  readonly rowId: number
  readonly diskId: string
  /** `migration-vol-<volume uuid>`; null while no volume is linked. */
  readonly exportName: string | null
  /** capacity_bytes, else size_gb in bytes; 0 when neither is known. */
  readonly capacityBytes: number
  readonly syncStatus: string
  readonly bytesSynced: number
  readonly changeId: string
}

/** One due row of `replication_jobs` (DB-2). Never written over a terminal status (STAT-3). */
export interface ProgressRow {
  readonly jobId: string
  readonly status: JobStatus
  readonly currentOperation: string
  /** Two decimals at most (`percentForRow`). */
  readonly percent: number
  readonly setupPercent?: number
  readonly bytes: number
  readonly totalBytes: number
  readonly speedBps: number
  readonly syncType?: string
  readonly replicationType?: 'initial' | 'incremental'
  readonly phase: string
  readonly throughputMbps: number
  readonly etaSeconds: number | null
  readonly lastPollAt: number
  /** '' clears what an earlier fault wrote. */
  readonly errorMessage?: string
  readonly errorClassification?: string
  readonly errorDetails?: string
  /** Set once: written only where the column is null. */
  readonly startedAt?: number
  readonly updatedAt: number
  readonly disks: readonly DiskRow[]
}

/** One row of `vm_disks`, found by its job and disk id. */
export interface DiskRow {
  readonly diskId: string
  readonly status: DiskStatus
  readonly percent: number
  readonly bytes: number
}

export interface WriteReport {
  /** Rows of replication_jobs that matched: the others are terminal or gone. */
  readonly jobs: number
  readonly disks: number
  /** DB-4: disk rows that could not be written, with the reason; the jobs' rows were. */
  readonly diskError?: string
}

/** DB-3: the end of one job; one transaction, and repeating it changes nothing. */
export interface JobEnd {
  readonly row: ProgressRow
  readonly status: Exclude<TerminalStatus, 'cancelled'>
  readonly vmContextId: string
  readonly completedAt: number
  readonly disks: readonly DiskEnd[]
  /** The job's row of `job_tracking`; where it stands it ends with the job. */
  readonly trackingId?: string
}

export interface DiskEnd extends DiskRow {
  readonly changeId: string
  readonly previousChangeId: string
  /** `full` is written as `initial`. */
  readonly syncType: 'initial' | 'incremental'
  readonly durationSeconds: number
  readonly success: boolean
}

export interface EndResult {
  readonly jobId: string
  /**
   * `already`: the row was terminal before (by us or another writer); `gone`: no such row; `unplanned`: the job has disks
   * that its completion does not speak of, and nothing was written.
   */
  readonly outcome: 'ended' | 'already' | 'gone' | 'unplanned' | 'error'
  readonly error?: string
  /** DB-4: rows of disks (or of their CBT history) that could not be written, with the reason; the job did end. */
  readonly diskError?: string
  /** Worth another try (connection lost, deadlock, lock wait); absent unless `outcome` is `error`. */
  readonly retryable?: boolean
}

/** RECOVER-3: a job that was failed for want of contact goes on, as its VMA says. */
export interface Revival {
  readonly jobId: string
  readonly vmContextId: string
  /** What it is doing now. A job that its VMA reports as completed is revived as at work, then ended. */
  readonly status: Exclude<JobStatus, TerminalStatus>
  readonly at: number
}

export interface ReviveResult {
  readonly jobId: string
  /** `revived`: the job is active (also when it was before); `refused`: it ended otherwise, or a later job of its VM exists. */
  readonly outcome: 'revived' | 'refused' | 'gone' | 'error'
  /** Why it was refused. */
  readonly reason?: string
  readonly error?: string
  readonly diskError?: string
  readonly retryable?: boolean
}

/** What the OMA's runtime asks of a database. */
export interface JobStore {
  /** One query, whatever the number of jobs. Statuses compare case-insensitively. */
  activeJobs(statuses: readonly string[]): Promise<readonly ActiveJob[]>
  /** Unknown ids are left out. */
  targets(jobIds: readonly string[]): Promise<readonly JobTarget[]>
  /** One statement per table, whatever the number of rows (DB-1). */
  writeProgress(rows: readonly ProgressRow[]): Promise<WriteReport>
  endJobs(ends: readonly JobEnd[]): Promise<readonly EndResult[]>
  /** Jobs that only silence failed (POLL-7) after `since` and that no later job of their VM has followed. One query. */
  lostJobs(since: number): Promise<readonly ActiveJob[]>
  /** One transaction a job; repeating it changes nothing. */
  reviveJobs(revivals: readonly Revival[]): Promise<readonly ReviveResult[]>
}

/** API-1's reads: documented JSON (times as RFC 3339 with offset in the database's zone), written in the database's thread. */
export interface ContextStore {
  contextPage(query: ContextQuery): Promise<ContextPage>
  /** In the order of the names; a name that stands in several vCenters gives one for each, an unknown name none. */
  contextDetails(query: DetailQuery): Promise<readonly ContextParts[]>
}

export interface ContextSort {
  readonly field: 'vm_name' | 'last_job_at' | 'updated_at' | 'current_status'
  readonly descending: boolean
}

/** What is absent restricts nothing. */
export interface ContextQuery {
  readonly statuses?: readonly string[]
  /** Part of the name, whatever its case. */
  readonly nameHas?: string
  readonly sort: ContextSort
  readonly limit?: number
  readonly after?: PageEnd
  /** In the order of the answer. */
  readonly fields?: readonly string[]
}

/** The last row of a page: the next one begins after it. */
export interface PageEnd {
  readonly key: string
  readonly contextId: string
}

export interface ContextPage {
  readonly count: number
  /**
   * A JSON array in UTF-8. 5 000 contexts are 3.5 MB: as bytes they stop the main thread for 2 to 4 ms (two copies, and
   * sending), as objects for 30 (12 to take them over from the database's thread, 20 to write them).
   */
  readonly json: Uint8Array
  /** null on the last page. */
  readonly next: PageEnd | null
}

export interface DetailQuery {
  readonly names: readonly string[]
  /** Only this vCenter's, whatever the case of its name. */
  readonly vcenter?: string
  readonly parts?: PartFields<DetailPart>
}

/** One VM context in full. Texts are JSON, ready to send; what live progress is merged into comes as objects, whole. */
export interface ContextParts {
  readonly vmName: string
  readonly vcenterHost: string
  readonly currentJobId: string | null
  readonly context?: string
  readonly currentJob?: CurrentJobJson | null
  /** At most 10, newest first, without the current job. */
  readonly jobHistory?: string
  readonly disks?: readonly VmDiskJson[]
  /** At most 20, newest first. */
  readonly cbtHistory?: string
}

/** DB-6: what the look-up of the schema found. */
export interface SchemaReport {
  /** `table x` and `table.column` of what is optional, missing and therefore skipped. */
  readonly missing: readonly string[]
}

export interface Database extends JobStore, ContextStore, JobLogStore, JobEventStore, HistoryStore {
  /** Looks the schema up; throws a sentence naming what is missing when a needed table or column is. */
  open(): Promise<SchemaReport>
  /** Creates what is missing; changes nothing that stands. Returns the names of what it created. */
  migrate(): Promise<readonly string[]>
  ping(): Promise<void>
  close(): Promise<void>
}
