/**
 * What the rest of the system needs from a database, and nothing more. Two implementations (SQLite, MariaDB/MySQL) pass
 * one contract suite. Everything here is plain data: it crosses threads. Times are epoch milliseconds; the
 * implementation turns them into the database's wall clock and back (`datetime(3)` in the server's zone).
 * An absent optional field leaves its column as it is.
 */

import type { HistoryStore, JobLogStore } from './record-ports.ts'
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

/** API-1's reads: documented JSON, ready to send (times as RFC 3339 with offset in the database's zone). */
export interface ContextStore {
  contexts(): Promise<readonly VmContextJson[]>
  /** Job history ≤ 10 without the current job, CBT history ≤ 20, newest first; null when no VM has this name. */
  context(vmName: string): Promise<VmContextDetailJson | null>
}

export interface VmContextJson {
  readonly context_id: string
  readonly vm_name: string
  readonly vmware_vm_id: string
  readonly vm_path: string
  readonly vcenter_host: string
  readonly datacenter: string
  readonly current_status: string
  readonly current_job_id: string | null
  readonly total_jobs_run: number
  readonly successful_jobs: number
  readonly failed_jobs: number
  readonly last_successful_job_id: string | null
  readonly cpu_count: number
  readonly memory_mb: number
  readonly os_type: string
  readonly power_state: string
  readonly vm_tools_version: string
  readonly created_at: string
  readonly updated_at: string
  readonly first_job_at: string | null
  readonly last_job_at: string | null
  readonly last_status_change: string | null
}

export interface CurrentJobJson {
  readonly id: string
  readonly vm_context_id: string
  readonly source_vm_id: string
  readonly source_vm_name: string
  readonly status: string
  readonly replication_type: string
  readonly progress_percent: number
  readonly current_operation: string
  readonly bytes_transferred: number
  readonly total_bytes: number
  readonly transfer_speed_bps: number
  readonly error_message: string
  readonly change_id: string
  readonly previous_change_id: string
  readonly nbd_export_name: string
  readonly vma_sync_type: string
  readonly vma_current_phase: string
  readonly vma_throughput_mbps: number
  readonly vma_eta_seconds: number | null
  readonly vma_last_poll_at: string | null
  readonly created_at: string
  readonly updated_at: string
}

export interface JobHistoryJson {
  readonly id: string
  readonly status: string
  readonly replication_type: string
  readonly progress_percent: number
  readonly bytes_transferred: number
  readonly total_bytes: number
  readonly created_at: string
  readonly completed_at: string | null
}

export interface VmDiskJson {
  readonly id: number
  readonly job_id: string
  readonly vm_context_id: string
  readonly disk_id: string
  readonly vmdk_path: string
  readonly size_gb: number
  readonly datastore: string
  readonly unit_number: number
  readonly label: string
  readonly capacity_bytes: number
  readonly provisioning_type: string
  readonly ossea_volume_id: number | null
  readonly cpu_count: number
  readonly memory_mb: number
  readonly os_type: string
  readonly vm_tools_version: string
  readonly network_config: string
  readonly display_name: string
  readonly annotation: string
  readonly power_state: string
  readonly vmware_uuid: string
  readonly disk_change_id: string
  readonly sync_status: string
  readonly sync_progress_percent: number
  readonly bytes_synced: number
  readonly created_at: string
  readonly updated_at: string
}

export interface CbtHistoryJson {
  readonly id: number
  readonly job_id: string
  readonly vm_context_id: string
  readonly disk_id: string
  readonly change_id: string
  readonly previous_change_id: string
  readonly sync_type: string
  readonly blocks_changed: number
  readonly bytes_transferred: number
  readonly sync_duration_seconds: number
  readonly sync_success: boolean
  readonly created_at: string
}

export interface VmContextDetailJson {
  readonly context: VmContextJson
  readonly current_job: CurrentJobJson | null
  readonly job_history: readonly JobHistoryJson[]
  readonly disks: readonly VmDiskJson[]
  readonly cbt_history: readonly CbtHistoryJson[]
}

/** DB-6: what the look-up of the schema found. */
export interface SchemaReport {
  /** `table x` and `table.column` of what is optional, missing and therefore skipped. */
  readonly missing: readonly string[]
}

export interface Database extends JobStore, ContextStore, JobLogStore, HistoryStore {
  /** Looks the schema up; throws a sentence naming what is missing when a needed table or column is. */
  open(): Promise<SchemaReport>
  /** Creates what is missing; changes nothing that stands. Returns the names of what it created. */
  migrate(): Promise<readonly string[]>
  ping(): Promise<void>
  close(): Promise<void>
}
