/**
 * One migratekit process (one disk of one job) as pure state: given the time, the next update document exactly as real
 * clients send it (FIELD-NOTES, "What real clients send"). Set-up stages come first; then Transfer starts again at
 * percent 0 and reports every 2 s or every 1 %, whichever comes first; then Transfer/completed/100 with throughput 0.
 */

import { SETUP_STEPS } from './catalogue.ts'
import type { SyncKind, TransferPlan } from './plan.ts'
import { advance, mixSeed, unit } from './random.ts'

/** The body of `POST /api/v1/progress/{key}/update`. Bytes, bytes per second, percent 0..100. */
export interface UpdateDocument {
  readonly stage: string
  readonly status: 'in_progress' | 'completed' | 'failed'
  readonly percent: number
  readonly bytes_transferred: number
  readonly throughput_bps: number
  readonly total_bytes?: number
  readonly sync_type?: SyncKind
  readonly disk_id?: string
  readonly error_message?: string
  readonly seq?: number
  readonly boot_id?: string
}

export type TransferEnd = 'completed' | 'failed' | 'died'

export interface Transfer {
  readonly plan: TransferPlan
  /** Set-up steps reported so far; all of them: bytes move. */
  readonly step: number
  readonly bytes: number
  /** Up to when the bytes are counted, epoch ms. */
  readonly countedAt: number
  /** When the next update is due, epoch ms; meaningless once ended. */
  readonly dueAt: number
  readonly end: TransferEnd | null
  /** Spells that have begun, and when the last of them is over. */
  readonly spells: number
  readonly spellUntil: number
  /** What the path gives at the moment, as a share of the planned rate. */
  readonly wobble: number
  readonly random: number
  readonly seq: number
}

export interface TransferStep {
  /** null when the process has died: nothing is sent any more. */
  readonly document: UpdateDocument | null
  readonly transfer: Transfer
}

const REPORT_EVERY_MS = 2_000
/** One percent of a small disk takes no time: no client reports more often than this. */
const REPORT_AT_MOST_EVERY_MS = 100

export function beginTransfer(plan: TransferPlan, now: number): Transfer {
  const fresh = { step: 0, bytes: 0, end: null, spells: 0, spellUntil: 0, wobble: 1, seq: 0 }
  return { plan, ...fresh, countedAt: now, dueAt: now, random: plan.seed }
}

/** The update that is due now and the state after it. Call it at `dueAt` or later; never after the end. */
export function nextUpdate(transfer: Transfer, now: number): TransferStep {
  return transfer.step <= SETUP_STEPS.length ? setUp(transfer, now) : move(transfer, now)
}

/** Whether the update just made arrives after the next one. Drawn from the plan alone: the same seed, the same updates. */
export function isOvertaken({ plan, end, seq }: Transfer): boolean {
  const { reorderShare = 0, seed } = plan
  return end === null && reorderShare > 0 && unit(mixSeed(seed, seq)) < reorderShare
}

function setUp(transfer: Transfer, now: number): TransferStep {
  const step = SETUP_STEPS[transfer.step]
  if (step === undefined) return startMoving(transfer, now)
  const dueAt = now + (transfer.plan.setupMs[transfer.step] ?? 0)
  const after: Transfer = { ...transfer, step: transfer.step + 1, countedAt: now, dueAt, seq: transfer.seq + 1 }
  const figures = { percent: step.percent, bytes_transferred: 0, throughput_bps: 0 }
  return { document: { stage: step.stage, status: 'in_progress', ...figures, ...sender(after) }, transfer: after }
}

/** Transfer begins at percent 0; an incremental without a changed block is complete at once, with a total of 0. */
function startMoving(transfer: Transfer, now: number): TransferStep {
  const started: Transfer = { ...transfer, step: transfer.step + 1, countedAt: now }
  if (transfer.plan.totalBytes === 0) return complete(started)
  return report(started, now, 0)
}

function move(transfer: Transfer, now: number): TransferStep {
  const { plan } = transfer
  const moved = movedUntil(transfer, now)
  const lastByte = plan.fate.type === 'completes' ? plan.totalBytes : Math.floor(plan.totalBytes * plan.fate.at)
  if (moved.bytes < lastByte) {
    const elapsedMs = now - transfer.countedAt
    const speed = elapsedMs > 0 ? Math.round(((moved.bytes - transfer.bytes) * 1_000) / elapsedMs) : 0
    return report(wobbled(moved), now, speed)
  }
  const stopped: Transfer = { ...moved, bytes: lastByte }
  switch (plan.fate.type) {
    case 'completes':
      return complete(stopped)
    case 'fails':
      return fail(stopped, plan.fate.message)
    case 'dies':
      return { document: null, transfer: { ...stopped, end: 'died' } }
  }
}

function report(transfer: Transfer, now: number, speed: number): TransferStep {
  const after: Transfer = { ...transfer, dueAt: now + untilNextReport(transfer), seq: transfer.seq + 1 }
  // Old clients leave the throughput to the VMA.
  const throughput = transfer.plan.bootId === undefined ? 0 : speed
  return { document: transferDocument(after, 'in_progress', throughput), transfer: after }
}

function complete(transfer: Transfer): TransferStep {
  const after: Transfer = { ...transfer, end: 'completed', seq: transfer.seq + 1 }
  return { document: transferDocument(after, 'completed', 0), transfer: after }
}

function fail(transfer: Transfer, message: string): TransferStep {
  const after: Transfer = { ...transfer, end: 'failed', seq: transfer.seq + 1 }
  return { document: { ...transferDocument(after, 'failed', 0), error_message: message }, transfer: after }
}

function transferDocument(transfer: Transfer, status: UpdateDocument['status'], throughput: number): UpdateDocument {
  const { kind, totalBytes, diskId } = transfer.plan
  const bytes = Math.floor(transfer.bytes)
  return {
    stage: 'Transfer',
    status,
    percent: status === 'completed' ? 100 : (bytes / totalBytes) * 100,
    bytes_transferred: bytes,
    throughput_bps: throughput,
    total_bytes: totalBytes,
    sync_type: kind,
    ...(diskId === undefined ? {} : { disk_id: diskId }),
    ...sender(transfer),
  }
}

function sender(transfer: Transfer): Pick<UpdateDocument, 'seq' | 'boot_id'> {
  const { bootId } = transfer.plan
  return bootId === undefined ? {} : { seq: transfer.seq, boot_id: bootId }
}

/** Bytes moved up to `now`, spell by spell; each spell begins at its place and lasts its time. */
function movedUntil(transfer: Transfer, now: number): Transfer {
  const { spells: planned, totalBytes } = transfer.plan
  let { bytes, countedAt, spells, spellUntil } = transfer
  while (countedAt < now) {
    const inSpell = countedAt < spellUntil
    const rate = transfer.plan.rateBps * transfer.wobble * (inSpell ? (planned[spells - 1]?.factor ?? 1) : 1)
    const next = inSpell ? undefined : planned[spells]
    const msToSpell = next === undefined ? Infinity : (Math.max(0, next.at * totalBytes - bytes) / rate) * 1_000
    const ms = Math.min(now - countedAt, msToSpell, inSpell ? spellUntil - countedAt : Infinity)
    bytes = Math.min(totalBytes, bytes + (rate * ms) / 1_000)
    countedAt += ms
    if (next !== undefined && ms === msToSpell) {
      spells += 1
      spellUntil = countedAt + next.ms
    }
  }
  return { ...transfer, bytes, countedAt, spells, spellUntil }
}

/** The path's rate drifts between about a half and one and a half of what was planned. */
function wobbled(transfer: Transfer): Transfer {
  const random = advance(transfer.random)
  return { ...transfer, random, wobble: transfer.wobble * 0.8 + (0.5 + unit(random)) * 0.2 }
}

function untilNextReport(transfer: Transfer): number {
  const { totalBytes, rateBps } = transfer.plan
  const rate = rateBps * transfer.wobble
  const onePercentMs = (totalBytes / 100 / rate) * 1_000
  const restMs = Math.max(REPORT_AT_MOST_EVERY_MS, ((totalBytes - transfer.bytes) / rate) * 1_000)
  return Math.min(REPORT_EVERY_MS, Math.max(REPORT_AT_MOST_EVERY_MS, onePercentMs), restMs)
}
