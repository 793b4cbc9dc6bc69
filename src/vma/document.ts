/**
 * The state of a job as `GET /api/v1/progress/{jobId}` answers it (VMA-4): both documented shapes in one document.
 *
 * It is written as text at once, not as an object for JSON.stringify: a document has 75 fields and tells most things twice or
 * more, and this takes a third of the time. Every number is finite, every text out of a client's mouth goes through
 * `quoted` or `wordJson`; a property test reads documents of any history back against their schema.
 */

import { GIB, round2, toMbps } from '../model/units.ts'
import { quoted } from '../model/wire/json-text.ts'
import { utcMillis, utcSeconds } from '../model/wire/time.ts'
import { knownDisks, originOf, silentDisks } from './aggregate.ts'
import { OWN, plannedDisk, senderOf, totalOf, type Job, type PlannedExport, type Sender } from './run.ts'
import { wordJson } from './words.ts'

/** No byte for this long in a transfer: it stands still, whatever the last update said of its speed. */
export const STALLED_MS = 60_000

export function documentJson(job: Job, now: number): string {
  // A clock that was set back must not make a duration negative.
  const until = Math.max(job.startedAt, job.end === 'open' ? now : job.endedAt)
  const speedBps = speedAt(job, now)
  const view: View = {
    now,
    until,
    speedBps,
    eta: etaOf(job, speedBps),
    start: `"${utcSeconds(job.startedAt)}"`,
    updated: `"${utcSeconds(job.updatedAt)}"`,
    stage: wordJson(job.stage),
    status: wordJson(job.status),
    syncType: wordJson(job.syncType),
    percentage: `${job.transferring ? job.percent : (job.setupPercent ?? 0)}`,
    bytes: `${job.bytes}`,
    total: `${job.total}`,
  }
  return `{${flatShape(job, view)},${nestedShape(job, view)},${newFields(job, view)}}`
}

/** What several parts of the document tell; texts are JSON already. */
interface View {
  readonly now: number
  /** Now, or the end of the run. */
  readonly until: number
  readonly speedBps: number
  readonly eta: number | null
  readonly start: string
  readonly updated: string
  readonly stage: string
  readonly status: string
  readonly syncType: string
  readonly percentage: string
  readonly bytes: string
  readonly total: string
}

/** v1.8.1, API reference. */
function flatShape(job: Job, view: View): string {
  const { stage, status, syncType, percentage, bytes, total } = view
  const errors = job.errors.length === 0 ? '[]' : JSON.stringify(job.errors)
  return (
    `"job_id":${quoted(job.key)},"status":${status},"sync_type":${syncType},"phase":${stage},"percentage":${percentage},` +
    `"current_operation":${stage},"bytes_transferred":${bytes},"total_bytes":${total},` +
    `"throughput":${throughputOf(job, view)},"timing":${timingOf(job, view)},"vm_info":${vmInfo(job, view)},` +
    `"phases":${phasesOf(job, view)},"errors":${errors},"last_error":${job.lastError === null ? 'null' : quoted(job.lastError)}`
  )
}

/** v1.0, architecture document. */
function nestedShape(job: Job, view: View): string {
  const { stage, start, updated, percentage, bytes, total } = view
  const exports = job.plan === undefined ? '' : job.plan.exports.map(exportJson).join(',')
  return (
    `"stage":${stage},"started_at":${start},"updated_at":${updated},` +
    `"aggregate":{"total_bytes":${total},"bytes_transferred":${bytes},"throughput_bps":${Math.round(view.speedBps)},` +
    `"percent":${percentage}},"cbt":${cbtOf(job, view)},"nbd":{"exports":[${exports}]},"disks":[${disksOf(job, view)}]`
  )
}

function newFields(job: Job, { now, eta }: View): string {
  const disks = knownDisks(job)
  const endedAt = job.endedAt === 0 ? 'null' : `"${utcMillis(job.endedAt)}"`
  return (
    `"setup_progress_percent":${job.setupPercent},` +
    `"progress":{"eta_seconds":${eta},"disks_total":${disks},"disks_reporting":${disks - silentDisks(job)}},` +
    `"run":{"number":${job.runNumber},"started_at":"${utcMillis(job.startedAt)}","updated_at":"${utcMillis(job.updatedAt)}",` +
    `"heard_at":"${utcMillis(job.heardAt)}","ended_at":${endedAt}},` +
    `"revision":${job.revision},"server_time":"${utcMillis(now)}"`
  )
}

function throughputOf(job: Job, { speedBps, until, updated }: View): string {
  return (
    `{"current_mbps":${round2(toMbps(speedBps))},"average_mbps":${round2(toMbps(averageOf(job, until)))},` +
    `"peak_mbps":${round2(toMbps(job.peakBps))},"last_update":${updated}}`
  )
}

function timingOf(job: Job, { until, start, updated, eta }: View): string {
  const phaseAt = job.phaseStarts.at(-1) ?? job.startedAt
  return (
    `{"start_time":${start},"last_update":${updated},"elapsed_ms":${until - job.startedAt},` +
    `"phase_start":"${utcSeconds(phaseAt)}","phase_elapsed_ms":${Math.max(0, until - phaseAt)},"eta_seconds":${eta ?? 0}}`
  )
}

/** VMA-5: current throughput; nothing once the transfer stands still or has ended. */
export function speedAt(job: Job, now: number): number {
  return job.end === 'open' && now - job.movedAt < STALLED_MS ? job.speedBps : 0
}

/** VMA-5: bytes / elapsed; of a run that had begun before we heard of it only what we saw. */
function averageOf(job: Job, until: number): number {
  const elapsed = until - job.startedAt
  return elapsed > 0 ? (job.gainedBytes / elapsed) * 1_000 : 0
}

/** null when unknown or stalled. */
export function etaOf(job: Job, speedBps: number): number | null {
  if (job.end === 'completed') return 0
  if (job.end === 'failed' || job.total <= 0) return null
  const left = job.total - job.bytes
  if (left <= 0) return 0
  const seconds = speedBps > 0 ? Math.ceil(left / speedBps) : Number.NaN
  return Number.isSafeInteger(seconds) ? seconds : null
}

function vmInfo({ plan, total }: Job, view: View): string {
  if (plan === undefined) {
    const gb = Math.floor(total / GIB)
    return `{"name":"unknown","path":"unknown","disk_size_gb":${gb},"disk_size_bytes":${view.total},"cbt_enabled":false}`
  }
  const size = plan.diskSizeBytes ?? total
  return (
    `{"name":${quoted(plan.name ?? 'unknown')},"path":${quoted(plan.path ?? 'unknown')},` +
    `"disk_size_gb":${Math.floor(size / GIB)},"disk_size_bytes":${size},"cbt_enabled":${plan.cbtEnabled}}`
  )
}

function cbtOf({ plan }: Job, { syncType }: View): string {
  const cbt = plan?.cbt
  if (cbt === undefined) return `{"type":${syncType},"previous_change_id":"","change_id":""}`
  const { type, previous_change_id: previous = '', change_id: change = '' } = cbt
  const word = type ? quoted(type) : syncType
  return `{"type":${word},"previous_change_id":${quoted(previous)},"change_id":${quoted(change)}}`
}

function exportJson({ name, device, connected, started_at: startedAt }: PlannedExport): string {
  return `{"name":${quoted(name)},"device":${quoted(device)},"connected":${connected},"started_at":${quoted(startedAt)}}`
}

/** A phase ends where the next begins. Its sender may have left it as `in_progress`; that a next one came says more. */
function phasesOf(job: Job, { until, status }: View): string {
  let text = '['
  const last = job.phases.length - 1
  for (let i = 0; i <= last; i += 1) {
    const startedAt = job.phaseStarts[i] ?? job.startedAt
    const endedAt = i === last ? job.endedAt : (job.phaseStarts[i + 1] ?? until)
    text +=
      `${i === 0 ? '' : ','}{"name":${wordJson(job.phases[i] ?? '')},"status":${i === last ? status : '"Completed"'},` +
      `"start_time":"${utcSeconds(startedAt)}","end_time":"${endedAt === 0 ? '' : utcSeconds(endedAt)}",` +
      `"duration_ms":${Math.max(0, (endedAt || until) - startedAt)}}`
  }
  return `${text}]`
}

/** Registered ones first; without brackets. */
function disksOf(job: Job, view: View): string {
  let text = ''
  for (const { id, label, plannedBytes } of job.plan?.disks ?? []) {
    text += `${text === '' ? '' : ','}${diskJson(job, id, label, plannedBytes, view)}`
  }
  for (const { diskId } of job.senders) {
    if (diskId === OWN || plannedDisk(job.plan, diskId) !== undefined) continue
    text += `${text === '' ? '' : ','}${diskJson(job, diskId, '', 0, view)}`
  }
  return text
}

function diskJson(job: Job, id: string, label: string, planned: number, { now }: View): string {
  const sender = senderOf(job, id)
  const total = sender === undefined ? planned : totalOf(sender, job.plan)
  return (
    `{"id":${wordJson(id)},"label":${label === '' ? '""' : quoted(label)},"planned_bytes":${total},` +
    `${sender === undefined ? NOT_STARTED : senderFields(sender, now)},"origin":${wordJson(originOf(job, id))}}`
  )
}

const NOT_STARTED = '"bytes_transferred":0,"throughput_bps":0,"percent":0,"status":"Queued","stage":""'

function senderFields(sender: Sender, now: number): string {
  return (
    `"bytes_transferred":${sender.bytes},"throughput_bps":${Math.round(diskSpeedAt(sender, now))},` +
    `"percent":${sender.transferring ? sender.percent : 0},` +
    `"status":${wordJson(sender.status)},"stage":${wordJson(sender.stage)}`
  )
}

export function diskSpeedAt(sender: Sender, now: number): number {
  return now - sender.updatedAt < STALLED_MS ? sender.speedBps : 0
}
