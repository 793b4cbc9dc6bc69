/** One update changes the state of its job, or changes nothing because it is late (VMA-5 … VMA-8). */

import type { ProgressUpdate } from '../model/wire/update.ts'
import { MAX_DISKS } from '../model/wire/update.ts'
import { percentOf } from '../model/units.ts'
import { isClosingStage } from '../model/words.ts'
import { knownDisks, refresh } from './aggregate.ts'
import { claimOf, isBehindInSetup, judge, type Claim, type Verdict } from './order.ts'
import { beginRun, NO_SEQ, OWN, Sender, senderOf, totalOf, type Job } from './run.ts'
import { shared, sharedList } from './words.ts'

export type Outcome = 'accepted' | 'late' | 'too_many_disks'

/** More phases than any sender has are a sender gone wild; the newest are kept. */
const MAX_PHASES = 32
const MAX_ERRORS = 8
const MAX_ERROR_LENGTH = 2_000

/** The job's first update begins its run: registration alone is no start. */
export function applyUpdate(job: Job, update: ProgressUpdate, now: number): Outcome {
  const diskId = update.disk_id ?? OWN
  const held = senderOf(job, diskId)
  const claim = claimOf(held, update)
  job.heardAt = now
  const verdict = held === undefined ? judgeNewSender(job, update, claim) : judgeHeard(job, held, update, claim, now)
  if (verdict === 'late') return 'late'
  if (verdict === 'restart') {
    beginRun(job, now)
    take(job, reborn(diskId, held, update), update, claimOf(undefined, update), now)
  } else if (held !== undefined) {
    take(job, held, update, claim, now)
  } else {
    if (job.senders.length >= MAX_DISKS) return 'too_many_disks'
    if (job.senders.length === 0) job.startedAt = now
    take(job, new Sender(shared(diskId)), update, claim, now)
  }
  return 'accepted'
}

/** What still comes from the sender's life before is late, in the new run too. */
function reborn(diskId: string, held: Sender | undefined, update: ProgressUpdate): Sender {
  const sender = new Sender(shared(diskId))
  const replaced = update.boot_id && held?.bootId && held.bootId !== update.boot_id
  sender.priorBootId = (replaced ? held.bootId : held?.priorBootId) ?? ''
  return sender
}

/**
 * A disk not yet seen in this run joins it. The job's own updates speak for the whole job: at work after its end, or in
 * set-up after its transfer began, they start a new run.
 */
function judgeNewSender(job: Job, update: ProgressUpdate, claim: Claim): Verdict {
  if (job.senders.length === 0) return 'news'
  if (update.disk_id) {
    const own = senderOf(job, OWN)
    return own !== undefined && own.end !== 'open' && claim.end === 'open' ? 'restart' : 'news'
  }
  if (job.end !== 'open') {
    if (claim.end === 'failed') return 'news'
    return claim.end === 'open' && !isClosingStage(claim.stage) ? 'restart' : 'late'
  }
  return claim.kind === 'setup' && claim.end === 'open' && setsUpAnew(job) ? 'restart' : 'news'
}

function judgeHeard(job: Job, held: Sender, update: ProgressUpdate, claim: Claim, now: number): Verdict {
  const verdict = judge(held, update, claim, now)
  const besideDisks = held.diskId === OWN && job.senders.length > 1 && !held.transferring
  if (!besideDisks || claim.kind !== 'setup' || claim.end !== 'open' || isOlder(held, update)) return verdict
  if (job.end !== 'open') return 'restart'
  return setsUpAnew(job) && isBehindInSetup(held, update, claim) ? 'restart' : verdict
}

function isOlder(held: Sender, update: ProgressUpdate): boolean {
  if (update.boot_id && update.boot_id === held.priorBootId) return true
  if (update.boot_id && held.bootId && update.boot_id !== held.bootId) return false
  return update.seq !== undefined && update.seq <= held.seq
}

/** With several disks in separate processes, set-up beside a transfer is that of another disk and no restart. */
function setsUpAnew(job: Job): boolean {
  return job.transferring && knownDisks(job) <= 1
}

function take(job: Job, sender: Sender, update: ProgressUpdate, claim: Claim, now: number): void {
  const isNew = sender.updatedAt === 0
  if (isNew) job.senders = job.senders.concat(sender)
  const begins = enterTransfer(sender, claim)
  if (update.total_bytes) sender.total = update.total_bytes
  if (sender.stage !== claim.stage) sender.stage = shared(claim.stage)
  if (sender.status !== claim.status) sender.status = shared(claim.status)
  const moved = takeBytes(sender, update, claim, isNew, now)
  takePercent(job, sender, update, claim)
  takeOrder(sender, update)
  sender.end = claim.end
  sender.updatedAt = now
  if (update.sync_type) job.syncType = shared(update.sync_type)
  if (begins || moved) job.movedAt = now
  if (update.error_message) takeError(job, update.error_message.slice(0, MAX_ERROR_LENGTH), claim.end === 'failed')
  settle(job, now)
}

/** Percent falls once in a run: from that of set-up to that of the transfer. */
function enterTransfer(sender: Sender, claim: Claim): boolean {
  if (sender.transferring || claim.kind === 'setup' || claim.kind === 'error') return false
  sender.transferring = true
  sender.percent = 0
  return true
}

/**
 * VMA-5. More bytes than the total are kept as they came (clients round the total, or grow a disk); percent is capped.
 * During set-up bytes are not those of the transfer.
 */
function takeBytes(sender: Sender, update: ProgressUpdate, claim: Claim, isNew: boolean, now: number): boolean {
  const before = sender.bytes
  const bytes = claim.kind === 'setup' ? before : Math.max(before, update.bytes_transferred ?? 0)
  sender.bytes = bytes
  if (isNew) sender.firstBytes = bytes
  if (bytes > before) sender.movedIn = sender.stage
  sender.speedBps = speedOf(sender, update, claim, isNew ? 0 : bytes - before, now)
  return bytes > before
}

function speedOf(sender: Sender, update: ProgressUpdate, claim: Claim, moved: number, now: number): number {
  if (claim.end !== 'open' || claim.kind === 'setup') return 0
  if (update.throughput_bps) return update.throughput_bps
  if (moved === 0) return 0
  const elapsed = now - sender.updatedAt
  return elapsed > 0 ? (moved / elapsed) * 1_000 : sender.speedBps
}

function takePercent(job: Job, sender: Sender, update: ProgressUpdate, claim: Claim): void {
  if (claim.end === 'completed') {
    sender.percent = 100
    return
  }
  if (claim.kind === 'setup') {
    sender.percent = Math.max(sender.percent, update.percent ?? 0)
    job.setupPercent = Math.max(job.setupPercent ?? 0, sender.percent)
    return
  }
  const percent = update.percent ?? percentOf(sender.bytes, totalOf(sender, job.plan)) ?? 0
  if (percent > sender.percent) sender.movedIn = sender.stage
  sender.percent = Math.max(sender.percent, percent)
}

function takeOrder(sender: Sender, update: ProgressUpdate): void {
  const boot = update.boot_id
  if (boot && boot !== sender.bootId) {
    if (sender.bootId !== '') sender.priorBootId = sender.bootId
    sender.bootId = boot
    sender.seq = NO_SEQ
  }
  if (update.seq !== undefined) sender.seq = update.seq
}

/** Sums up after a change of a sender or of the registration. */
export function settle(job: Job, now: number): void {
  const before = job.end
  refresh(job)
  job.updatedAt = now
  job.peakBps = Math.max(job.peakBps, job.speedBps)
  if (job.end === 'open') job.endedAt = 0
  else if (job.end !== before) job.endedAt = now
  takePhase(job, now)
}

function takeError(job: Job, message: string, failed: boolean): void {
  if (failed) job.lastError = message
  if (job.errors.at(-1) !== message) job.errors = [...job.errors.slice(1 - MAX_ERRORS), message]
}

function takePhase(job: Job, now: number): void {
  if (job.phases.at(-1) === job.stage) return
  // concat makes lists of exactly their length; push and spread leave room that most jobs never fill
  job.phases = sharedList(job.phases.slice(1 - MAX_PHASES).concat(job.stage))
  job.phaseStarts = job.phaseStarts.slice(1 - MAX_PHASES).concat(now)
}
