/**
 * Is an update news, late, or the start of a new run (VMA-7, VMA-8)? Judged against what its sender said last.
 * The sender's own `seq` and `boot_id` decide where given. Without them bytes decide: fewer bytes than held are late,
 * and zero bytes in the stage in which bytes had moved are a restart.
 */

import { needsCompletionProof, statusOfWord } from '../model/words.ts'
import type { ProgressUpdate } from '../model/wire/update.ts'
import { NO_SEQ, type End, type Sender } from './run.ts'
import { KIND_RANK, stageWord, statusRank, type StageKind, type StageWord } from './words.ts'

export type Verdict = 'news' | 'late' | 'restart'

/** An update with its words filled in: what it claims the sender to be at. */
export interface Claim {
  readonly stage: string
  readonly status: string
  readonly kind: StageKind
  readonly end: End
}

/**
 * migratekit gives a request up after 5 s: only that long after the end can an update sent before the end still come in.
 */
const STRAGGLER_MS = 5_000

/** Where a word is missing the last one holds, but never that of a run which ended. */
export function claimOf(sender: Sender | undefined, update: ProgressUpdate): Claim {
  const stage = update.stage || sender?.stage || 'Transfer'
  const { kind } = stageWord(stage)
  const status = update.status || (kind === 'done' || kind === 'error' ? stage : heldStatus(sender))
  return { stage, status, kind, end: endOf(status, kind, sender, update) }
}

function heldStatus(sender: Sender | undefined): string {
  return sender === undefined || sender.end !== 'open' ? 'Running' : sender.status
}

/** NORM-3: `completed` of a stage is not completion of the job; all bytes moved, 100 %, or nothing to move is. */
function endOf(status: string, kind: StageKind, sender: Sender | undefined, update: ProgressUpdate): End {
  if (kind === 'done' && !update.status) return 'completed'
  if (statusRank(status) !== TERMINAL_RANK) return 'open'
  if (statusOfWord(status) === 'failed') return 'failed'
  if (!needsCompletionProof(status) || kind === 'done') return 'completed'
  return kind !== 'setup' && isWhole(sender, update) ? 'completed' : 'open'
}
const TERMINAL_RANK = 5

function isWhole(sender: Sender | undefined, update: ProgressUpdate): boolean {
  const total = update.total_bytes || sender?.total || 0
  if (total === 0 || update.percent === 100) return true
  return Math.max(update.bytes_transferred ?? 0, sender?.bytes ?? 0) >= total
}

export function judge(sender: Sender, update: ProgressUpdate, claim: Claim, now: number): Verdict {
  const order = orderOf(sender, update)
  if (order === 'older') return 'late'
  if (sender.end !== 'open') return judgeAfterEnd(sender, update, claim, order, now)
  if (order === 'reborn') return isBehind(sender, update, claim) ? 'restart' : 'news'
  if (claim.end !== 'open') return 'news'
  if (claim.kind === 'setup') return sender.transferring ? 'restart' : judgeSetup(sender, update, claim, order)
  return sender.transferring ? judgeTransfer(sender, update, claim, order) : 'news'
}

/** unknown: without `seq` the order of sending can't be told. */
type Order = 'newer' | 'older' | 'reborn' | 'unknown'

function orderOf(sender: Sender, update: ProgressUpdate): Order {
  const boot = update.boot_id
  if (boot && boot === sender.priorBootId) return 'older'
  if (boot && sender.bootId !== '' && boot !== sender.bootId) return 'reborn'
  if (update.seq === undefined || sender.seq === NO_SEQ) return 'unknown'
  return update.seq > sender.seq ? 'newer' : 'older'
}

/** A new life of the sender that begins before the point it had reached starts over; one at or past it goes on. */
function isBehind(sender: Sender, update: ProgressUpdate, claim: Claim): boolean {
  if (claim.kind === 'setup') return sender.transferring || isBehindInSetup(sender, update, claim)
  return sender.transferring && (update.bytes_transferred ?? sender.bytes) < sender.bytes && claim.kind === 'transfer'
}

/** Set-up has no bytes: its percent orders it, and where that says nothing the documented order of stages. */
export function isBehindInSetup(sender: Sender, update: ProgressUpdate, claim: Claim): boolean {
  const percent = update.percent ?? sender.percent
  if (percent !== sender.percent) return percent < sender.percent
  const held: StageWord = stageWord(sender.stage)
  const place = stageWord(claim.stage).place
  return place >= 0 && held.place > place
}

function judgeSetup(sender: Sender, update: ProgressUpdate, claim: Claim, order: Order): Verdict {
  if (order === 'newer' || (update.percent ?? sender.percent) > sender.percent) return 'news'
  return isBehindInSetup(sender, update, claim) || isRepeat(sender, update, claim) ? 'late' : 'news'
}

function judgeTransfer(sender: Sender, update: ProgressUpdate, claim: Claim, order: Order): Verdict {
  if (startsOver(sender, update, claim)) return 'restart'
  if (order === 'newer') return 'news'
  const bytes = update.bytes_transferred ?? sender.bytes
  if (bytes > sender.bytes) return 'news'
  const ahead = KIND_RANK[claim.kind] - KIND_RANK[stageWord(sender.stage).kind]
  if (ahead !== 0) return ahead > 0 ? 'news' : 'late'
  const climb = (statusRank(claim.status) ?? 0) - (statusRank(sender.status) ?? 0)
  if (bytes < sender.bytes) return climb > 0 || (bytes === 0 && claim.stage !== sender.stage) ? 'news' : 'late'
  if ((update.percent ?? sender.percent) > sender.percent) return 'news'
  return climb < 0 || isRepeat(sender, update, claim) ? 'late' : 'news'
}

/** Go clients send 0 for bytes they do not know, so zero counts only in the stage in which bytes had moved. */
function startsOver(sender: Sender, update: ProgressUpdate, claim: Claim): boolean {
  const { bytes_transferred: bytes, percent } = update
  if (bytes === undefined && percent === undefined) return false
  if ((bytes ?? 0) > 0 || (percent ?? 0) > 0) return false
  return claim.stage === sender.movedIn && (sender.bytes > 0 || sender.percent > 0)
}

/** Of an update whose bytes and percent are no more than those held: does it tell nothing else either? */
function isRepeat(sender: Sender, update: ProgressUpdate, claim: Claim): boolean {
  if (claim.stage !== sender.stage || claim.status !== sender.status) return false
  return update.error_message === undefined && (!update.total_bytes || update.total_bytes === sender.total)
}

function judgeAfterEnd(sender: Sender, update: ProgressUpdate, claim: Claim, order: Order, now: number): Verdict {
  const closes = claim.kind === 'closing' || claim.kind === 'error'
  if (claim.end === 'open') {
    if (closes || claim.kind === 'done') return 'late'
    return order === 'unknown' && isStraggler(sender, update, claim, now) ? 'late' : 'restart'
  }
  if (order === 'reborn') return 'restart'
  if (claim.end === 'failed') return sender.end === 'completed' ? 'news' : 'late'
  if (closes) return 'late'
  return sender.end === 'failed' || endsAnother(sender, update, claim) ? 'restart' : 'late'
}

/** A run whose only update is its end: an incremental with no changed block, other bytes than the run before. */
function endsAnother(sender: Sender, update: ProgressUpdate, claim: Claim): boolean {
  const bytes = update.bytes_transferred
  return claim.kind === 'transfer' && bytes !== undefined && bytes !== sender.bytes
}

/** Sent before the end, come in after it: a new run can't have got past half of the old one's bytes that soon. */
function isStraggler(sender: Sender, update: ProgressUpdate, claim: Claim, now: number): boolean {
  const bytes = update.bytes_transferred ?? 0
  if (claim.kind !== 'transfer' || bytes === 0 || now - sender.updatedAt > STRAGGLER_MS) return false
  return bytes <= sender.bytes && bytes * 2 >= sender.bytes && (update.total_bytes ?? sender.total) === sender.total
}
