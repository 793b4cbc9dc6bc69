/** The live state of one job as API-3 gives it: the documented job fields, then what only a live tracker knows. */

import type { DiskProgress, JobProgress } from './progress.ts'
import { toMbps } from './units.ts'
import { etaHolds, type Verdict } from './verdict.ts'
import type { LiveDiskJson, LiveJobJson } from './wire/live-job.ts'
import type { JobStatus } from './words.ts'

export type { LiveJobJson } from './wire/live-job.ts'

export interface LiveView {
  /** The moment that ages are counted to, epoch ms. */
  readonly at: number
  readonly verdict: Verdict
  readonly jobId: string
  readonly vmName: string
  readonly vmContextId: string
  readonly vcenterHost: string
  readonly status: JobStatus
  readonly replicationType: string
  readonly operation: string
  readonly percent: number
  readonly bytes: number
  readonly totalBytes: number
  readonly errorMessage: string
  readonly createdAt: number
  readonly startedAt: number | null
  readonly completedAt: number | null
  readonly lastContactAt: number | null
  readonly lastWriteAt: number | null
  readonly lastError: { readonly code: string; readonly message: string; readonly at: number } | null
  readonly pollState: string
  readonly errors: number
  readonly nextPollAt: number | null
  readonly progress: JobProgress | undefined
}

/** `rfc3339` writes a time in the configured zone. */
export function liveJob(view: LiveView, rfc3339: (at: number) => string): LiveJobJson {
  const p = view.progress
  const timed = etaHolds(view.verdict.state, view.status)
  const eta = timed ? (p?.etaSeconds ?? null) : null
  const time = (at: number | null | undefined): string | null => (at === null || at === undefined ? null : rfc3339(at))
  const age = (at: number | null | undefined): number | null => ageSeconds(at, view.at)
  return {
    job_id: view.jobId,
    vm_name: view.vmName,
    vm_context_id: view.vmContextId,
    vcenter_host: view.vcenterHost,
    status: view.status,
    replication_type: view.replicationType,
    current_operation: view.operation,
    progress_percent: view.percent,
    setup_progress_percent: p?.setupPercent ?? null,
    bytes_transferred: view.bytes,
    total_bytes: view.totalBytes,
    transfer_speed_bps: p?.speedBps ?? 0,
    error_message: view.errorMessage,
    vma_sync_type: p?.syncType ?? '',
    vma_current_phase: p?.phase ?? '',
    vma_throughput_mbps: toMbps(p?.speedBps ?? 0),
    vma_eta_seconds: eta,
    vma_last_poll_at: time(view.lastContactAt),
    created_at: rfc3339(view.createdAt),
    started_at: time(view.startedAt),
    completed_at: time(view.completedAt),
    verdict: view.verdict.state,
    verdict_since: rfc3339(view.verdict.since),
    eta_seconds: eta,
    eta_low_seconds: eta === null ? null : (p?.etaLowSeconds ?? eta),
    eta_high_seconds: eta === null ? null : (p?.etaHighSeconds ?? eta),
    source_updated_at: time(p?.heardAt ?? p?.updatedAt),
    source_update_age_seconds: age(p?.heardAt ?? p?.updatedAt),
    contact_age_seconds: age(view.lastContactAt),
    write_age_seconds: age(view.lastWriteAt),
    disks_total: p?.disks.length ?? 0,
    disks_reporting: p?.disksReporting ?? 0,
    disks: p?.disks.map((disk) => liveDisk(disk, timed)) ?? [],
    poller: {
      state: view.pollState,
      consecutive_errors: view.errors,
      next_poll_at: time(view.nextPollAt),
      last_contact_at: time(view.lastContactAt),
      last_write_at: time(view.lastWriteAt),
      last_error: view.lastError === null ? null : { ...view.lastError, at: rfc3339(view.lastError.at) },
    },
  }
}

/** Clocks differ a little: what is told to come from the future has age 0. */
function ageSeconds(at: number | null | undefined, now: number): number | null {
  return at === null || at === undefined ? null : Math.max(0, Math.floor((now - at) / 1_000))
}

function liveDisk(disk: DiskProgress, timed: boolean): LiveDiskJson {
  return {
    disk_id: disk.diskId,
    export_name: disk.key,
    reporting: disk.reporting,
    sync_status: disk.status,
    progress_percent: disk.percent,
    bytes_transferred: disk.bytes,
    total_bytes: disk.totalBytes,
    total_origin: disk.totalOrigin,
    transfer_speed_bps: disk.speedBps,
    eta_seconds: timed || disk.status === 'completed' ? disk.etaSeconds : null,
  }
}
