/**
 * The store that most would write first: a Map of the documented v1.8.1 documents, changed by each update. It knows no runs, no
 * late updates, no disks and no bounds, so it is the least that any store can cost.
 */

import { Type } from 'typebox'
import { ProgressDocumentSchema } from '../../src/model/wire/progress-document.ts'
import type { ProgressUpdate } from '../../src/model/wire/update.ts'
import type { JobStore } from './fastify.ts'

/** v1.8.1: without what the other documented shape has besides. */
export const MapDocumentSchema = Type.Pick(ProgressDocumentSchema, [
  'job_id',
  'status',
  'sync_type',
  'phase',
  'percentage',
  'current_operation',
  'bytes_transferred',
  'total_bytes',
  'throughput',
  'timing',
  'vm_info',
  'phases',
  'errors',
  'last_error',
])

export class MapStore implements JobStore {
  readonly #jobs = new Map<string, ReturnType<typeof newJob>>()

  update(key: string, update: ProgressUpdate, now: number): string {
    const job = this.#jobs.get(key) ?? newJob(key, now)
    const stage = update.stage ?? job.current_operation
    if (stage !== job.current_operation) {
      job.phases.push({ name: stage, status: '', start_time: time(now), end_time: '', duration_ms: 0 })
      job.timing.phase_start = time(now)
    }
    job.status = update.status ?? job.status
    job.phase = stage
    job.current_operation = stage
    job.percentage = update.percent ?? job.percentage
    job.bytes_transferred = update.bytes_transferred ?? job.bytes_transferred
    job.total_bytes = update.total_bytes ?? job.total_bytes
    job.sync_type = update.sync_type ?? job.sync_type
    const mbps = (update.throughput_bps ?? 0) / 1_048_576
    job.throughput.current_mbps = mbps
    job.throughput.peak_mbps = Math.max(job.throughput.peak_mbps, mbps)
    job.throughput.last_update = time(now)
    job.timing.last_update = time(now)
    this.#jobs.set(key, job)
    return 'accepted'
  }

  read(key: string, now: number): object | undefined {
    const job = this.#jobs.get(key)
    if (job === undefined) return undefined
    const elapsed = now - Date.parse(job.timing.start_time)
    job.timing.elapsed_ms = elapsed
    job.timing.phase_elapsed_ms = now - Date.parse(job.timing.phase_start)
    job.throughput.average_mbps = elapsed > 0 ? job.bytes_transferred / 1_048_576 / (elapsed / 1_000) : 0
    return job
  }
}

function newJob(key: string, now: number) {
  return {
    job_id: key,
    status: 'Queued',
    sync_type: 'full',
    phase: '',
    percentage: 0,
    current_operation: '',
    bytes_transferred: 0,
    total_bytes: 0,
    throughput: { current_mbps: 0, average_mbps: 0, peak_mbps: 0, last_update: time(now) },
    timing: {
      start_time: time(now),
      last_update: time(now),
      elapsed_ms: 0,
      phase_start: time(now),
      phase_elapsed_ms: 0,
      eta_seconds: 0,
    },
    vm_info: { name: 'unknown', path: 'unknown', disk_size_gb: 0, disk_size_bytes: 0, cbt_enabled: false },
    phases: [] as { name: string; status: string; start_time: string; end_time: string; duration_ms: number }[],
    errors: [] as string[],
    last_error: null as string | null,
  }
}

function time(now: number): string {
  return new Date(now).toISOString()
}
