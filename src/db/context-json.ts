/** Rows → the documented JSON (API-1), field for field and in the documented order. */

import { rfc3339 } from '../model/time.ts'
import type {
  CbtHistoryJson,
  CurrentJobJson,
  JobHistoryJson,
  VmContextJson,
  VmDiskJson,
} from '../model/wire/vm-contexts.ts'
import { number, numberOrNull, text, textOrNull, type Row } from './executor.ts'
import { timeOf } from './updates.ts'

function time(row: Row, name: string, zone: string): string {
  return timeOrNull(row, name, zone) ?? ''
}

function timeOrNull(row: Row, name: string, zone: string): string | null {
  const at = timeOf(row[name], zone)
  return at === 0 ? null : rfc3339(at, zone)
}

export function contextJson(row: Row, zone: string): VmContextJson {
  return {
    context_id: text(row, 'context_id'),
    vm_name: text(row, 'vm_name'),
    vmware_vm_id: text(row, 'vmware_vm_id'),
    vm_path: text(row, 'vm_path'),
    vcenter_host: text(row, 'vcenter_host'),
    datacenter: text(row, 'datacenter'),
    current_status: text(row, 'current_status'),
    current_job_id: textOrNull(row, 'current_job_id'),
    total_jobs_run: number(row, 'total_jobs_run'),
    successful_jobs: number(row, 'successful_jobs'),
    failed_jobs: number(row, 'failed_jobs'),
    last_successful_job_id: textOrNull(row, 'last_successful_job_id'),
    cpu_count: number(row, 'cpu_count'),
    memory_mb: number(row, 'memory_mb'),
    os_type: text(row, 'os_type'),
    power_state: text(row, 'power_state'),
    vm_tools_version: text(row, 'vm_tools_version'),
    created_at: time(row, 'created_at', zone),
    updated_at: time(row, 'updated_at', zone),
    first_job_at: timeOrNull(row, 'first_job_at', zone),
    last_job_at: timeOrNull(row, 'last_job_at', zone),
    last_status_change: timeOrNull(row, 'last_status_change', zone),
  }
}

export function currentJobJson(row: Row, zone: string): CurrentJobJson {
  return {
    id: text(row, 'id'),
    vm_context_id: text(row, 'vm_context_id'),
    source_vm_id: text(row, 'source_vm_id'),
    source_vm_name: text(row, 'source_vm_name'),
    status: text(row, 'status'),
    replication_type: text(row, 'replication_type'),
    progress_percent: number(row, 'progress_percent'),
    current_operation: text(row, 'current_operation'),
    bytes_transferred: number(row, 'bytes_transferred'),
    total_bytes: number(row, 'total_bytes'),
    transfer_speed_bps: number(row, 'transfer_speed_bps'),
    error_message: text(row, 'error_message'),
    change_id: text(row, 'change_id'),
    previous_change_id: text(row, 'previous_change_id'),
    nbd_export_name: text(row, 'nbd_export_name'),
    vma_sync_type: text(row, 'vma_sync_type'),
    vma_current_phase: text(row, 'vma_current_phase'),
    vma_throughput_mbps: number(row, 'vma_throughput_mbps'),
    vma_eta_seconds: numberOrNull(row, 'vma_eta_seconds'),
    vma_last_poll_at: timeOrNull(row, 'vma_last_poll_at', zone),
    created_at: time(row, 'created_at', zone),
    updated_at: time(row, 'updated_at', zone),
  }
}

export function historyJson(row: Row, zone: string): JobHistoryJson {
  return {
    id: text(row, 'id'),
    status: text(row, 'status'),
    replication_type: text(row, 'replication_type'),
    progress_percent: number(row, 'progress_percent'),
    bytes_transferred: number(row, 'bytes_transferred'),
    total_bytes: number(row, 'total_bytes'),
    created_at: time(row, 'created_at', zone),
    completed_at: timeOrNull(row, 'completed_at', zone),
  }
}

export function diskJson(row: Row, zone: string): VmDiskJson {
  return {
    id: number(row, 'id'),
    job_id: text(row, 'job_id'),
    vm_context_id: text(row, 'vm_context_id'),
    disk_id: text(row, 'disk_id'),
    vmdk_path: text(row, 'vm_dk_path') || text(row, 'vmdk_path'),
    size_gb: number(row, 'size_gb'),
    datastore: text(row, 'datastore'),
    unit_number: number(row, 'unit_number'),
    label: text(row, 'label'),
    capacity_bytes: number(row, 'capacity_bytes'),
    provisioning_type: text(row, 'provisioning_type'),
    ossea_volume_id: numberOrNull(row, 'ossea_volume_id'),
    cpu_count: number(row, 'cpu_count'),
    memory_mb: number(row, 'memory_mb'),
    os_type: text(row, 'os_type'),
    vm_tools_version: text(row, 'vm_tools_version'),
    network_config: text(row, 'network_config'),
    display_name: text(row, 'display_name'),
    annotation: text(row, 'annotation'),
    power_state: text(row, 'power_state'),
    vmware_uuid: text(row, 'vmware_uuid'),
    disk_change_id: text(row, 'disk_change_id'),
    sync_status: text(row, 'sync_status'),
    sync_progress_percent: number(row, 'sync_progress_percent'),
    bytes_synced: number(row, 'bytes_synced'),
    created_at: time(row, 'created_at', zone),
    updated_at: time(row, 'updated_at', zone),
  }
}

export function cbtJson(row: Row, zone: string): CbtHistoryJson {
  return {
    id: number(row, 'id'),
    job_id: text(row, 'job_id'),
    vm_context_id: text(row, 'vm_context_id'),
    disk_id: text(row, 'disk_id'),
    change_id: text(row, 'change_id'),
    previous_change_id: text(row, 'previous_change_id'),
    sync_type: text(row, 'sync_type'),
    blocks_changed: number(row, 'blocks_changed'),
    bytes_transferred: number(row, 'bytes_transferred'),
    sync_duration_seconds: number(row, 'sync_duration_seconds'),
    sync_success: number(row, 'sync_success') === 1,
    created_at: time(row, 'created_at', zone),
  }
}
