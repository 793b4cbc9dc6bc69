/** Discovery and targets (POLL-1, POLL-3): one query per table, whatever the number of jobs. */

import { GIB } from '../model/units.ts'
import { marks, number, text, textOrNull, type Executor, type Row } from './executor.ts'
import { fits, type Columns } from './limits.ts'
import type { ActiveJob, JobTarget, TargetDisk } from './ports.ts'
import { timeOf } from './updates.ts'

export interface ReadContext extends Columns {
  readonly on: Executor
  readonly zone: string
}

export async function activeJobs(
  { on }: Pick<ReadContext, 'on'>,
  statuses: readonly string[],
): Promise<readonly ActiveJob[]> {
  if (statuses.length === 0) return []
  const spelled = [
    ...new Set(
      statuses.flatMap((s) => [s.toLowerCase(), s.toUpperCase(), s[0]?.toUpperCase() + s.slice(1).toLowerCase()]),
    ),
  ]
  const rows = await on.all(
    `select id, status from replication_jobs where status in (${marks(spelled.length)})`,
    spelled,
  )
  return rows.map((row) => ({ jobId: text(row, 'id'), status: text(row, 'status') }))
}

export async function targets(ctx: ReadContext, ids: readonly string[]): Promise<readonly JobTarget[]> {
  const jobIds = ids.filter((id) => fits(id, ctx.limits.get('replication_jobs.id')))
  if (jobIds.length === 0) return []
  const disks = await disksByJob(ctx, jobIds)
  const vcenter = ctx.known.get('vm_replication_contexts')?.has('vcenter_host') ? 'c.vcenter_host' : "''"
  const rows = await ctx.on.all(
    `select j.*, c.vm_name as context_vm_name, ${vcenter} as context_vcenter from replication_jobs j left join vm_replication_contexts c on c.context_id = j.vm_context_id where j.id in (${marks(jobIds.length)})`,
    jobIds,
  )
  return rows.map((row) => target(row, disks.get(text(row, 'id')) ?? [], ctx.zone))
}

function target(row: Row, disks: readonly TargetDisk[], zone: string): JobTarget {
  return {
    jobId: text(row, 'id'),
    vmContextId: text(row, 'vm_context_id'),
    vmName: text(row, 'context_vm_name') || text(row, 'source_vm_name'),
    vcenterHost: text(row, 'context_vcenter') || text(row, 'v_center_host'),
    status: text(row, 'status'),
    currentOperation: text(row, 'current_operation'),
    replicationType: text(row, 'replication_type'),
    percent: number(row, 'progress_percent'),
    bytes: number(row, 'bytes_transferred'),
    totalBytes: number(row, 'total_bytes'),
    createdAt: timeOf(row['created_at'], zone),
    startedAt: timeOf(row['started_at'], zone) || null,
    disks,
  }
}

async function disksByJob(
  { on }: ReadContext,
  jobIds: readonly string[],
): Promise<ReadonlyMap<string, readonly TargetDisk[]>> {
  const rows = await on.all(
    `select d.*, v.volume_id as volume_uuid from vm_disks d left join ossea_volumes v on v.id = d.ossea_volume_id where d.job_id in (${marks(jobIds.length)}) order by d.id`,
    jobIds,
  )
  const byJob = new Map<string, TargetDisk[]>()
  for (const row of rows) {
    const jobId = text(row, 'job_id')
    const disks = byJob.get(jobId) ?? []
    byJob.set(jobId, disks)
    disks.push(targetDisk(row))
  }
  return byJob
}

function targetDisk(row: Row): TargetDisk {
  const volume = textOrNull(row, 'volume_uuid')
  return {
    rowId: number(row, 'id'),
    diskId: text(row, 'disk_id'),
    exportName: volume === null || volume === '' ? null : `migration-vol-${volume}`,
    capacityBytes: number(row, 'capacity_bytes') || number(row, 'size_gb') * GIB,
    syncStatus: text(row, 'sync_status'),
    bytesSynced: number(row, 'bytes_synced'),
    changeId: text(row, 'disk_change_id'),
  }
}
