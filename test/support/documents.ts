/** The documents' own answers, as they stand there. */

export const EXPORT = 'migration-vol-c290646c-41ba-4d50-a31f-f497320ca0bd'

/** API reference v1.8.1, GET /api/v1/progress/{jobId}. */
export const V181 = {
  job_id: EXPORT,
  status: 'Queued',
  sync_type: 'full',
  phase: 'Transfer',
  percentage: 2.1728515625,
  current_operation: 'Transfer',
  bytes_transferred: 933232640,
  total_bytes: 42949672960,
  throughput: { current_mbps: 0, average_mbps: 0, peak_mbps: 0, last_update: '2025-09-05T15:26:15Z' },
  timing: {
    start_time: '2025-09-05T15:24:43Z',
    last_update: '2025-09-05T15:26:15Z',
    elapsed_ms: 91984,
    phase_start: '2025-09-05T15:24:43Z',
    phase_elapsed_ms: 91984,
    eta_seconds: 0,
  },
  vm_info: { name: 'unknown', path: 'unknown', disk_size_gb: 40, disk_size_bytes: 42949672960, cbt_enabled: false },
  phases: [
    { name: 'Transfer', status: 'Queued', start_time: '2025-09-05T15:24:43Z', end_time: '', duration_ms: 91984 },
  ],
  errors: [],
  last_error: null,
}

/** Architecture document v1.0, GET /api/v1/progress/{jobId}. */
export const V10 = {
  job_id: 'job-123',
  stage: 'Transfer',
  status: 'Streaming',
  started_at: '2025-09-04T12:00:00Z',
  updated_at: '2025-09-04T12:00:10Z',
  aggregate: { total_bytes: 1234567890, bytes_transferred: 456789012, throughput_bps: 98765432, percent: 37.0 },
  cbt: { type: 'incremental', previous_change_id: '123-abc', change_id: '456-def' },
  nbd: {
    exports: [{ name: 'job-123-disk-0', device: '/dev/nbdX', connected: true, started_at: '2025-09-04T12:00:02Z' }],
  },
  disks: [
    {
      id: 'disk-0',
      label: 'Hard disk 1',
      planned_bytes: 987654321,
      bytes_transferred: 345678901,
      throughput_bps: 54321098,
      percent: 35.0,
      status: 'Streaming',
    },
  ],
}

/** As migratekit reports of the documented job's only disk. */
export async function reportTransfer(vmaUrl: string, bytes: number, totalBytes: number): Promise<void> {
  await fetch(`${vmaUrl}/api/v1/progress/${EXPORT}/update`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      stage: 'Transfer',
      status: 'in_progress',
      bytes_transferred: bytes,
      total_bytes: totalBytes,
    }),
  })
}
