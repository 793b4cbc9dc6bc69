/**
 * API-1: a row is up to 10 s old and rounded, so a running job's numbers come from memory, and its disks' with them. Nothing
 * of the list needs it: a context's own fields change with the end of a job only, and that is read where it stands.
 */

import type { ContextParts } from '../db/ports.ts'
import type { LiveJobJson } from '../model/live.ts'
import { pick, type PartFields } from '../model/selection.ts'
import { round2 } from '../model/units.ts'
import type { CurrentJobJson, DetailPart, VmDiskJson } from '../model/wire/vm-contexts.ts'
import type { LiveJobs } from './ports.ts'

/** The documented JSON of one VM context, its parts in the documented order. */
export function contextText(
  parts: ContextParts,
  live: Pick<LiveJobs, 'get'>,
  fields: PartFields<DetailPart> | undefined,
): string {
  const { context, currentJob, jobHistory, disks, cbtHistory } = parts
  const job = heardOf(parts.currentJobId, live)
  const sections: string[] = []
  if (context !== undefined) sections.push(`"context":${context}`)
  if (currentJob !== undefined)
    sections.push(`"current_job":${JSON.stringify(pickOrNull(mergeJob(currentJob, job), fields?.current_job))}`)
  if (jobHistory !== undefined) sections.push(`"job_history":${jobHistory}`)
  if (disks !== undefined)
    sections.push(`"disks":${JSON.stringify(disks.map((disk) => pick(mergeDisk(disk, job), fields?.disks)))}`)
  if (cbtHistory !== undefined) sections.push(`"cbt_history":${cbtHistory}`)
  return `{${sections.join(',')}}`
}

function pickOrNull(object: object | null, fields: readonly string[] | undefined): object | null {
  return object === null ? null : pick(object, fields)
}

/** Before its first answer a followed job knows no more than its row does. */
function heardOf(jobId: string | null, live: Pick<LiveJobs, 'get'>): LiveJobJson | undefined {
  const job = jobId === null ? undefined : live.get(jobId)
  return job === undefined || job.poller.last_contact_at === null ? undefined : job
}

function mergeJob(row: CurrentJobJson | null, live: LiveJobJson | undefined): CurrentJobJson | null {
  if (row === null || live === undefined) return row
  return {
    ...row,
    status: live.status,
    replication_type: live.replication_type || row.replication_type,
    progress_percent: live.progress_percent,
    current_operation: live.current_operation,
    bytes_transferred: live.bytes_transferred,
    total_bytes: live.total_bytes,
    transfer_speed_bps: Math.round(live.transfer_speed_bps),
    error_message: live.error_message,
    vma_sync_type: live.vma_sync_type || row.vma_sync_type,
    vma_current_phase: live.vma_current_phase,
    vma_throughput_mbps: round2(live.vma_throughput_mbps),
    vma_eta_seconds: live.vma_eta_seconds,
    vma_last_poll_at: wholeSeconds(live.vma_last_poll_at),
  }
}

/** As the column holds it. */
function wholeSeconds(time: string | null): string | null {
  return time === null ? null : time.replace(/\.\d+/, '')
}

/** What another job's disk row says is that job's. */
function mergeDisk(row: VmDiskJson, job: LiveJobJson | undefined): VmDiskJson {
  if (job === undefined || row.job_id !== job.job_id) return row
  const live = job.disks.find(({ disk_id }) => disk_id === row.disk_id)
  if (live === undefined || !(live.reporting || live.sync_status === 'completed')) return row
  return {
    ...row,
    sync_status: live.sync_status,
    sync_progress_percent: live.progress_percent,
    bytes_synced: live.bytes_transferred,
  }
}
