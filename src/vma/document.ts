/** The state of a job as `GET /api/v1/progress/{jobId}` answers it (VMA-4): both documented shapes in one document. */

import type { ProgressDocument } from '../model/wire/progress-document.ts'
import { utcSeconds, utcMillis } from '../model/wire/time.ts'
import { GIB, round2, toMbps } from '../model/units.ts'
import { knownDisks, originOf, silentDisks } from './aggregate.ts'
import { OWN, senderOf, totalOf, type Job, type Sender } from './run.ts'

/** No byte for this long in a transfer: it stands still, whatever the last update said of its speed. */
const STALLED_MS = 60_000

export function documentOf(job: Job, now: number): ProgressDocument {
  // A clock that was set back must not make a duration negative.
  const until = Math.max(job.startedAt, job.end === 'open' ? now : job.endedAt)
  const speedBps = speedAt(job, now)
  const view: View = {
    until,
    speedBps,
    eta: etaOf(job, speedBps),
    start: utcSeconds(job.startedAt),
    updated: utcSeconds(job.updatedAt),
    percentage: job.transferring ? job.percent : (job.setupPercent ?? 0),
  }
  return { ...flatShape(job, view), ...nestedShape(job, view, now), ...newFields(job, view, now) }
}

/** What several parts of the document tell. */
interface View {
  /** Now, or the end of the run. */
  readonly until: number
  readonly speedBps: number
  readonly eta: number | null
  readonly start: string
  readonly updated: string
  readonly percentage: number
}

/** v1.8.1, API reference. */
function flatShape(job: Job, view: View) {
  const { until, start, updated } = view
  const phaseAt = job.phaseStarts.at(-1) ?? job.startedAt
  return {
    job_id: job.key,
    status: job.status,
    sync_type: job.syncType,
    phase: job.stage,
    percentage: view.percentage,
    current_operation: job.stage,
    bytes_transferred: job.bytes,
    total_bytes: job.total,
    throughput: {
      current_mbps: round2(toMbps(view.speedBps)),
      average_mbps: round2(toMbps(averageOf(job, until))),
      peak_mbps: round2(toMbps(job.peakBps)),
      last_update: updated,
    },
    timing: {
      start_time: start,
      last_update: updated,
      elapsed_ms: until - job.startedAt,
      phase_start: utcSeconds(phaseAt),
      phase_elapsed_ms: Math.max(0, until - phaseAt),
      eta_seconds: view.eta ?? 0,
    },
    vm_info: vmInfo(job),
    phases: phasesOf(job, until),
    errors: [...job.errors],
    last_error: job.lastError,
  }
}

/** v1.0, architecture document. */
function nestedShape(job: Job, view: View, now: number) {
  return {
    stage: job.stage,
    started_at: view.start,
    updated_at: view.updated,
    aggregate: {
      total_bytes: job.total,
      bytes_transferred: job.bytes,
      throughput_bps: Math.round(view.speedBps),
      percent: view.percentage,
    },
    cbt: {
      type: job.plan?.cbt?.type || job.syncType,
      previous_change_id: job.plan?.cbt?.previous_change_id ?? '',
      change_id: job.plan?.cbt?.change_id ?? '',
    },
    nbd: { exports: [...(job.plan?.exports ?? [])] },
    disks: disksOf(job, now),
  }
}

function newFields(job: Job, view: View, now: number) {
  const disks = knownDisks(job)
  return {
    setup_progress_percent: job.setupPercent,
    progress: { eta_seconds: view.eta, disks_total: disks, disks_reporting: disks - silentDisks(job) },
    run: {
      number: job.runNumber,
      started_at: utcMillis(job.startedAt),
      updated_at: utcMillis(job.updatedAt),
      heard_at: utcMillis(job.heardAt),
      ended_at: job.endedAt === 0 ? null : utcMillis(job.endedAt),
    },
    revision: job.revision,
    server_time: utcMillis(now),
  }
}

/** VMA-5: current throughput; nothing once the transfer stands still or has ended. */
function speedAt(job: Job, now: number): number {
  return job.end === 'open' && now - job.movedAt < STALLED_MS ? job.speedBps : 0
}

/** VMA-5: bytes / elapsed; of a run that had begun before we heard of it only what we saw. */
function averageOf(job: Job, until: number): number {
  const elapsed = until - job.startedAt
  return elapsed > 0 ? (job.gainedBytes / elapsed) * 1_000 : 0
}

/** null when unknown or stalled. */
function etaOf(job: Job, speedBps: number): number | null {
  if (job.end === 'completed') return 0
  if (job.end === 'failed' || job.total <= 0) return null
  const left = job.total - job.bytes
  if (left <= 0) return 0
  const seconds = speedBps > 0 ? Math.ceil(left / speedBps) : Number.NaN
  return Number.isSafeInteger(seconds) ? seconds : null
}

function vmInfo(job: Job): ProgressDocument['vm_info'] {
  const size = job.plan?.diskSizeBytes ?? job.total
  return {
    name: job.plan?.name ?? 'unknown',
    path: job.plan?.path ?? 'unknown',
    disk_size_gb: Math.floor(size / GIB),
    disk_size_bytes: size,
    cbt_enabled: job.plan?.cbtEnabled ?? false,
  }
}

/** A phase ends where the next begins. Its sender may have left it as `in_progress`; that a next one came says more. */
function phasesOf(job: Job, until: number): ProgressDocument['phases'] {
  return job.phases.map((name, index) => {
    const startedAt = job.phaseStarts[index] ?? job.startedAt
    const isLast = index === job.phases.length - 1
    const endedAt = isLast ? job.endedAt : (job.phaseStarts[index + 1] ?? until)
    return {
      name,
      status: isLast ? job.status : 'Completed',
      start_time: utcSeconds(startedAt),
      end_time: endedAt === 0 ? '' : utcSeconds(endedAt),
      duration_ms: Math.max(0, (endedAt || until) - startedAt),
    }
  })
}

function disksOf(job: Job, now: number): ProgressDocument['disks'] {
  const disks: ProgressDocument['disks'] = []
  for (const disk of job.plan?.disks ?? []) disks.push(diskOf(job, disk.id, disk.label, disk.plannedBytes, now))
  for (const { diskId } of job.senders) {
    if (diskId !== OWN && !disks.some((disk) => disk.id === diskId)) disks.push(diskOf(job, diskId, '', 0, now))
  }
  return disks
}

function diskOf(job: Job, id: string, label: string, planned: number, now: number): ProgressDocument['disks'][number] {
  const sender = senderOf(job, id)
  const origin = originOf(job, id)
  if (sender === undefined) {
    return { id, label, planned_bytes: planned, ...NOT_STARTED, origin }
  }
  return {
    id,
    label,
    planned_bytes: totalOf(sender, job.plan),
    bytes_transferred: sender.bytes,
    throughput_bps: Math.round(diskSpeedAt(sender, now)),
    percent: sender.transferring ? sender.percent : 0,
    status: sender.status,
    stage: sender.stage,
    origin,
  }
}

const NOT_STARTED = { bytes_transferred: 0, throughput_bps: 0, percent: 0, status: 'Queued', stage: '' } as const

function diskSpeedAt(sender: Sender, now: number): number {
  return now - sender.updatedAt < STALLED_MS ? sender.speedBps : 0
}
