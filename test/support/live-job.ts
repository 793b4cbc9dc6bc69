/** A job as the stream tells it, in the middle of its transfer. */

import type { LiveJob } from '../../src/client/index.ts'
import { GIB, MIB } from '../../src/model/units.ts'

export const TOLD_AT = Date.parse('2025-09-09T11:48:50Z')

const disk = {
  disk_id: 'disk-2000',
  export_name: 'migration-vol-a',
  reporting: true,
  sync_status: 'syncing',
  progress_percent: 50,
  bytes_transferred: 9 * GIB,
  total_bytes: 18 * GIB,
  total_origin: 'reported',
  transfer_speed_bps: 8 * MIB,
  eta_seconds: 1_200,
}

export const MOVING_JOB: LiveJob = {
  job_id: 'job-20250909-114850.709-8034ee1',
  vm_name: 'pgtest1',
  vm_context_id: 'ctx-pgtest1',
  vcenter_host: 'vcenter-01',
  status: 'replicating',
  replication_type: 'initial',
  current_operation: 'Transfer',
  progress_percent: 49.3,
  setup_progress_percent: null,
  bytes_transferred: 17.75 * GIB,
  total_bytes: 36 * GIB,
  transfer_speed_bps: 11.46 * MIB,
  error_message: '',
  vma_sync_type: 'initial',
  vma_current_phase: 'Transfer',
  vma_throughput_mbps: 11.46,
  vma_eta_seconds: 1_631,
  vma_last_poll_at: '2025-09-09T11:48:49Z',
  created_at: '2025-09-09T11:40:00Z',
  started_at: '2025-09-09T11:40:05Z',
  completed_at: null,
  verdict: 'moving',
  verdict_since: '2025-09-09T11:45:45Z',
  eta_seconds: 1_631,
  eta_low_seconds: 1_501,
  eta_high_seconds: 1_890,
  source_updated_at: '2025-09-09T11:48:48Z',
  source_update_age_seconds: 2,
  contact_age_seconds: 1,
  write_age_seconds: 4,
  disks_total: 2,
  disks_reporting: 1,
  disks: [
    disk,
    {
      ...disk,
      disk_id: 'disk-2001',
      reporting: false,
      bytes_transferred: 0,
      progress_percent: 0,
      transfer_speed_bps: 0,
    },
  ],
  poller: {
    state: 'waiting',
    consecutive_errors: 0,
    next_poll_at: '2025-09-09T11:48:54Z',
    last_contact_at: '2025-09-09T11:48:49Z',
    last_write_at: '2025-09-09T11:48:46Z',
    last_error: null,
  },
}
