/**
 * The documents' "VM Context API" (API-1), field for field and in the documented order. A text that a row does not have is
 * '', a number 0; null only where the document has it or where the value is a link, a time or an estimate.
 */

import { Type, type Static } from 'typebox'
import { bytes, count, number, numberOrNull, text, textOrNull, timeOrNull, timeText, whole } from './schema-words.ts'

export const VmContextSchema = Type.Object({
  context_id: text('Names the VM context for good'),
  vm_name: text('Unique within one vCenter'),
  vmware_vm_id: text('The VM’s UUID in its vCenter'),
  vm_path: text('Inventory path'),
  vcenter_host: text('vCenter'),
  datacenter: text('Datacenter'),
  current_status: text('discovered, replicating, ready_for_failover, failed, …'),
  current_job_id: textOrNull('The job that runs; null while none does'),
  total_jobs_run: count('Jobs ever'),
  successful_jobs: count('Jobs that completed'),
  failed_jobs: count('Jobs that failed'),
  last_successful_job_id: textOrNull('The last job that completed'),
  cpu_count: count('CPUs'),
  memory_mb: count('Memory, MiB'),
  os_type: text('Operating system'),
  power_state: text('poweredOn, poweredOff, …'),
  vm_tools_version: text('VMware Tools'),
  created_at: timeText('When it was made'),
  updated_at: timeText('When its row changed last'),
  first_job_at: timeOrNull('First job'),
  last_job_at: timeOrNull('Last job'),
  last_status_change: timeOrNull('When current_status changed last'),
})
export type VmContextJson = Readonly<Static<typeof VmContextSchema>>

/** While the job runs the numbers come from memory, not from the row. */
export const CurrentJobSchema = Type.Object({
  id: text('Job id'),
  vm_context_id: text('Its VM context'),
  source_vm_id: text('The VM’s UUID'),
  source_vm_name: text('The VM’s name'),
  status: text('pending, replicating, completed, failed, …'),
  replication_type: text('initial or incremental'),
  progress_percent: Type.Number({ minimum: 0, maximum: 100, description: 'Percent of the bytes to move' }),
  current_operation: text('Stage, in the VMA’s own word'),
  bytes_transferred: bytes('Moved'),
  total_bytes: bytes('To move'),
  transfer_speed_bps: count('Bytes per second'),
  error_message: text('Why it failed'),
  change_id: text('Change id of this sync'),
  previous_change_id: text('Change id of the sync before'),
  nbd_export_name: text('NBD export'),
  vma_sync_type: text('full, initial or incremental'),
  vma_current_phase: text('Phase, in the VMA’s own word'),
  vma_throughput_mbps: number('MiB/s'),
  vma_eta_seconds: numberOrNull('Seconds that are left; null when not known'),
  vma_last_poll_at: timeOrNull('When the VMA answered last'),
  created_at: timeText('When it was made'),
  updated_at: timeText('When its row changed last'),
})
export type CurrentJobJson = Readonly<Static<typeof CurrentJobSchema>>

export const JobHistorySchema = Type.Object({
  id: text('Job id'),
  status: text('How it ended'),
  replication_type: text('initial or incremental'),
  progress_percent: Type.Number({ minimum: 0, maximum: 100 }),
  bytes_transferred: bytes('Moved'),
  total_bytes: bytes('To move'),
  created_at: timeText('When it was made'),
  completed_at: timeOrNull('When it ended'),
})
export type JobHistoryJson = Readonly<Static<typeof JobHistorySchema>>

export const VmDiskSchema = Type.Object({
  id: whole('Row'),
  job_id: text('The disk’s latest job'),
  vm_context_id: text('Its VM context'),
  disk_id: text('VMware’s name of it'),
  vmdk_path: text('Path in the datastore'),
  size_gb: count('GiB'),
  datastore: text('Datastore'),
  unit_number: whole('SCSI unit'),
  label: text('For people'),
  capacity_bytes: bytes('Capacity'),
  provisioning_type: text('thin or thick'),
  ossea_volume_id: numberOrNull('Row of its volume'),
  cpu_count: count('CPUs of the VM'),
  memory_mb: count('Memory of the VM, MiB'),
  os_type: text('Operating system of the VM'),
  vm_tools_version: text('VMware Tools of the VM'),
  network_config: text('JSON text'),
  display_name: text('Name of the VM'),
  annotation: text('Notes of the VM'),
  power_state: text('poweredOn, poweredOff, …'),
  vmware_uuid: text('The VM’s UUID'),
  disk_change_id: text('Change id of its last sync'),
  sync_status: text('pending, snapshotting, syncing, completed or failed'),
  sync_progress_percent: Type.Number({ minimum: 0, maximum: 100 }),
  bytes_synced: bytes('Moved'),
  created_at: timeText('When the row was made'),
  updated_at: timeText('When it changed last'),
})
export type VmDiskJson = Readonly<Static<typeof VmDiskSchema>>

export const CbtHistorySchema = Type.Object({
  id: whole('Row'),
  job_id: text('Job'),
  vm_context_id: text('VM context'),
  disk_id: text('Disk'),
  change_id: text('Change id after the sync'),
  previous_change_id: text('Change id before it'),
  sync_type: text('initial or incremental'),
  blocks_changed: count('Changed blocks'),
  bytes_transferred: bytes('Moved'),
  sync_duration_seconds: count('Seconds'),
  sync_success: Type.Boolean(),
  created_at: timeText('When the row was made'),
})
export type CbtHistoryJson = Readonly<Static<typeof CbtHistorySchema>>

export const VmContextDetailSchema = Type.Object({
  context: VmContextSchema,
  current_job: Type.Union([CurrentJobSchema, Type.Null()]),
  job_history: Type.Array(JobHistorySchema, { description: 'At most 10, newest first, without the current job' }),
  disks: Type.Array(VmDiskSchema),
  cbt_history: Type.Array(CbtHistorySchema, { description: 'At most 20, newest first' }),
})

/** What one VM context consists of → the fields of each part. */
export const DETAIL_PARTS = {
  context: VmContextSchema,
  current_job: CurrentJobSchema,
  job_history: JobHistorySchema,
  disks: VmDiskSchema,
  cbt_history: CbtHistorySchema,
} as const
export type DetailPart = keyof typeof DETAIL_PARTS

export const VmContextListSchema = Type.Object({
  count: count('Contexts in this answer'),
  vm_contexts: Type.Array(VmContextSchema),
  next_cursor: Type.Optional(text('Where the next page begins; absent on the last one')),
})

export const VmContextBulkSchema = Type.Object({
  count: count('Contexts in this answer'),
  vm_contexts: Type.Array(VmContextDetailSchema),
  not_found: Type.Array(Type.String(), { description: 'Asked-for names that no VM has' }),
})
