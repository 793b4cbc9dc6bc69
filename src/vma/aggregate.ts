/**
 * A job as the sum of its senders (VMA-6). Disks count by bytes; registered disks that have not reported count with
 * their planned bytes and nothing moved; the job's own updates speak for it where no disk does, and for its end.
 * Within a run bytes and percent are held at the highest that was reached (VMA-7).
 */

import { percentOf } from '../model/units.ts'
import { OWN, plannedDisk, senderOf, totalOf, type End, type Job, type Sender } from './run.ts'
import { stageWord, statusRank } from './words.ts'

export function refresh(job: Job): void {
  const sole = job.senders.length === 1 ? job.senders[0] : undefined
  if (sole !== undefined && (sole.diskId === OWN || silentDisks(job) === 0)) takeSole(job, sole)
  else takeSum(job)
}

/** The usual job: one sender, whose word is the job's. */
function takeSole(job: Job, sender: Sender): void {
  job.stage = sender.stage
  job.status = sender.status
  job.end = sender.end
  job.transferring = sender.transferring
  job.total = totalOf(sender, job.plan)
  job.speedBps = sender.speedBps
  job.gainedBytes = sender.bytes - sender.firstBytes
  job.bytes = Math.max(job.bytes, sender.bytes)
  if (sender.transferring) job.percent = Math.max(job.percent, sender.percent)
}

function takeSum(job: Job): void {
  const own = senderOf(job, OWN)
  const sum = sumOf(job)
  job.transferring = sum.transferring || own?.transferring === true
  job.speedBps = sum.speedBps
  job.gainedBytes = Math.max(sum.gained, own === undefined ? 0 : own.bytes - own.firstBytes)
  job.total = Math.max(sum.total, own?.total ?? 0)
  job.bytes = Math.max(job.bytes, sum.bytes, own?.bytes ?? 0)
  job.end = endOf(job, own)
  if (job.end === 'completed') job.percent = 100
  else if (job.transferring) {
    const percent = percentOf(Math.max(sum.moved, own?.bytes ?? 0), job.total) ?? sum.meanPercent
    job.percent = Math.max(job.percent, percent)
  }
  takeWords(job, own)
}

interface Sum {
  bytes: number
  total: number
  /** As `bytes`, but no disk counts for more than its total, and a disk that tells only percent counts by it. */
  moved: number
  gained: number
  speedBps: number
  meanPercent: number
  transferring: boolean
}

function sumOf(job: Job): Sum {
  const sum: Sum = { bytes: 0, total: 0, moved: 0, gained: 0, speedBps: 0, meanPercent: 0, transferring: false }
  let percents = 0
  let disks = 0
  for (const sender of job.senders) {
    if (sender.diskId === OWN) continue
    disks += 1
    const total = totalOf(sender, job.plan)
    sum.total += total
    sum.bytes += sender.bytes
    sum.gained += sender.bytes - sender.firstBytes
    sum.speedBps += sender.speedBps
    sum.moved += movedOf(sender, total)
    if (sender.transferring) percents += sender.percent
    sum.transferring ||= sender.transferring
  }
  for (const disk of job.plan?.disks ?? []) {
    if (senderOf(job, disk.id) !== undefined) continue
    disks += 1
    sum.total += disk.plannedBytes
  }
  sum.meanPercent = disks === 0 ? 0 : percents / disks
  sum.total = Math.min(sum.total, Number.MAX_SAFE_INTEGER)
  sum.bytes = Math.min(sum.bytes, Number.MAX_SAFE_INTEGER)
  return sum
}

function movedOf(sender: Sender, total: number): number {
  if (sender.end === 'completed') return total
  if (!sender.transferring) return 0
  return sender.bytes > 0 ? Math.min(sender.bytes, total) : (total * sender.percent) / 100
}

/** Registered disks that have not reported in this run. */
export function silentDisks(job: Job): number {
  let silent = 0
  for (const disk of job.plan?.disks ?? []) if (senderOf(job, disk.id) === undefined) silent += 1
  return silent
}

/** Disks known by registration or by their updates. */
export function knownDisks(job: Job): number {
  let reporting = 0
  for (const sender of job.senders) if (sender.diskId !== OWN) reporting += 1
  return reporting + silentDisks(job)
}

/** AGG-3 on this side: failed as soon as one is, completed when every disk is. The job's own end is the job's end. */
function endOf(job: Job, own: Sender | undefined): End {
  let open = silentDisks(job)
  for (const sender of job.senders) {
    if (sender.end === 'failed') return 'failed'
    if (sender.end === 'open' && sender.diskId !== OWN) open += 1
  }
  return own?.end === 'completed' || open === 0 ? 'completed' : 'open'
}

function takeWords(job: Job, own: Sender | undefined): void {
  if (job.end !== 'open') return takeEndWords(job)
  if (own !== undefined && stageWord(own.stage).kind === 'closing') {
    job.stage = own.stage
    job.status = own.status
    return
  }
  const open = job.senders.filter((sender) => sender.diskId !== OWN && sender.end === 'open')
  const least = leastAdvanced(open)
  if (least === undefined) {
    job.stage = newest(job.senders)?.stage ?? job.stage
    job.status = 'Queued'
    return
  }
  // A stage of set-up beside a percent of the transfer would be read as percent of set-up.
  job.stage = (leastAdvanced(open.filter((sender) => sender.transferring)) ?? least).stage
  job.status = least.status
}

function takeEndWords(job: Job): void {
  const last = newest(job.senders.filter((sender) => sender.end === job.end))
  if (last === undefined) return
  job.stage = last.stage
  job.status = last.status
}

function leastAdvanced(senders: readonly Sender[]): Sender | undefined {
  let least: Sender | undefined
  for (const sender of senders) if (least === undefined || rankOf(sender) < rankOf(least)) least = sender
  return least
}

/** `in_progress` says "at work" and the stage says at what; `completed` of an open sender is that of a stage. */
function rankOf(sender: Sender): number {
  const stage = stageWord(sender.stage)
  const rank = statusRank(sender.status)
  return rank === undefined || stage.kind === 'setup' ? stage.rank : Math.min(rank, stage.rank)
}

function newest(senders: readonly Sender[]): Sender | undefined {
  let last: Sender | undefined
  for (const sender of senders) if (last === undefined || sender.updatedAt >= last.updatedAt) last = sender
  return last
}

/** Where a disk's total comes from: the sender's word is better than any plan. */
export function originOf(job: Job, diskId: string): string {
  const sender = senderOf(job, diskId)
  if (sender !== undefined && (sender.total > 0 || sender.end === 'completed')) return 'reported'
  return plannedDisk(job.plan, diskId)?.origin ?? 'reported'
}
