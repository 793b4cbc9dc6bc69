/**
 * Both documented answers of a VMA, and mixtures of them, become one `ProgressSample` (NORM-1…5).
 * v1.8.1 (API reference): flat, `throughput`, `timing`, `vm_info`, `phases`.
 * v1.0 (architecture document): `stage`, `aggregate`, `cbt`, `nbd`, `disks`.
 */

import type { PollError } from './errors.ts'
import {
  errorText,
  Faults,
  isObject,
  readBytes,
  readNumber,
  readObject,
  readText,
  readTime,
  type Json,
} from './fields.ts'
import { set, type Changeable } from './present.ts'
import type { DiskSample, ProgressSample } from './sample.ts'
import { fromMbps, percentOf } from './units.ts'
import {
  isGenericProgress,
  isSetupStage,
  needsCompletionProof,
  setupStatusOfStage,
  statusOfWord,
  type JobStatus,
} from './words.ts'

export type Normalised =
  | { readonly ok: true; readonly sample: ProgressSample }
  | { readonly ok: false; readonly error: PollError }

const NOT_FOUND = /not\s*found/i

/** The parsed body of an HTTP 200 answer (text when it was no JSON) → sample, or why it is none. */
export function normalise(key: string, body: unknown): Normalised {
  if (typeof body === 'string') return refuse(body)
  if (!isObject(body)) return refuse(`a JSON ${Array.isArray(body) ? 'array' : String(body)}`)
  const faults = new Faults()
  const sample = readSample(key, body, faults)
  if (meansSomething(sample)) return { ok: true, sample }
  const said = errorText(body['error'])
  return refuse(said ?? (faults.names ? `unusable: ${faults.names.join(', ')}` : 'no field of a progress document'))
}

/** NORM-5: a 200 that says "job not found" is not_found. */
function refuse(said: string): Normalised {
  const code = NOT_FOUND.test(said) ? 'not_found' : 'invalid_body'
  return { ok: false, error: { code, message: said.slice(0, 200) } }
}

function meansSomething(s: ProgressSample): boolean {
  return s.statusWord !== undefined || s.stage !== undefined || s.bytes !== undefined || s.percent !== undefined
}

function readSample(key: string, body: Json, faults: Faults): ProgressSample {
  const aggregate = readObject(body, 'aggregate', faults)
  const timing = readObject(body, 'timing', faults)
  const bytes = readBytes(body, 'bytes_transferred', faults) ?? readBytes(aggregate, 'bytes_transferred', faults)
  const totalBytes = readBytes(body, 'total_bytes', faults) ?? readBytes(aggregate, 'total_bytes', faults)
  const claimed = readNumber(body, 'percentage', faults) ?? readNumber(aggregate, 'percent', faults)
  const stage =
    readText(body, 'current_operation', faults) ?? readText(body, 'stage', faults) ?? readText(body, 'phase', faults)
  const word = readText(body, 'status', faults)
  const status = readStatus(word, stage, { claimed, bytes, totalBytes })
  const cbt = readObject(body, 'cbt', faults)
  const sample: Changeable<ProgressSample> = { key }
  set(sample, 'jobId', readText(body, 'job_id', faults))
  set(sample, 'status', status)
  set(sample, 'statusWord', word)
  set(sample, 'stage', stage)
  set(sample, 'phase', readText(body, 'phase', faults))
  setPercent(sample, { claimed, bytes, totalBytes }, readNumber(body, 'setup_progress_percent', faults))
  set(sample, 'bytes', bytes)
  set(sample, 'totalBytes', totalBytes)
  set(sample, 'speedBps', readSpeed(body, aggregate, faults))
  set(sample, 'etaSeconds', readNumber(timing, 'eta_seconds', faults) || undefined)
  set(sample, 'syncType', readSyncType(stage, body, cbt, faults))
  set(sample, 'changeId', readText(cbt, 'change_id', faults))
  set(sample, 'previousChangeId', readText(cbt, 'previous_change_id', faults))
  setRun(sample, body, timing, faults)
  set(sample, 'serverTime', readTime(body, 'server_time', faults))
  set(sample, 'error', readError(body))
  set(sample, 'disks', readDisks(body, faults))
  set(sample, 'faults', faults.names)
  return sample
}

interface Amounts {
  readonly claimed: number | undefined
  readonly bytes: number | undefined
  readonly totalBytes: number | undefined
}

/**
 * NORM-2, with two refinements: `completed` needs proof (NORM-3), and where there is no status word, or one that only
 * says "at work", the stage says at what (real clients send `Creating Snapshot`/`in_progress`, older VMAs a phase word).
 */
function readStatus(word: string | undefined, stage: string | undefined, amounts: Amounts): JobStatus | undefined {
  if (stage !== undefined && (word === undefined || isGenericProgress(word))) {
    const status = setupStatusOfStage(stage) ?? provenStatus(stage, stage, amounts)
    if (status !== undefined) return status
  }
  return word === undefined ? undefined : provenStatus(word, stage, amounts)
}

function provenStatus(word: string, stage: string | undefined, amounts: Amounts): JobStatus | undefined {
  const status = statusOfWord(word)
  if (status !== 'completed' || !needsCompletionProof(word)) return status
  const setup = stage !== undefined && isSetupStage(stage)
  return !setup && isWhole(amounts) ? 'completed' : undefined
}

/** NORM-3: percent is 100, or all bytes moved, or there was nothing to move. */
function isWhole({ claimed, bytes, totalBytes }: Amounts): boolean {
  return (claimed ?? 0) >= 100 || totalBytes === 0 || (totalBytes !== undefined && (bytes ?? 0) >= totalBytes)
}

/** Bytes tell the percent where both amounts are known; a set-up stage's percent counts steps and is kept apart. */
function setPercent(sample: Changeable<ProgressSample>, amounts: Amounts, setup: number | undefined): void {
  const { claimed, bytes, totalBytes } = amounts
  const { status, stage } = sample
  const capped = claimed === undefined ? undefined : Math.min(100, claimed)
  const isSetup = stage !== undefined && isSetupStage(stage)
  if (!isSetup && status === 'completed') sample.percent = 100
  else if (!isSetup) {
    const known = bytes !== undefined && totalBytes !== undefined
    set(sample, 'percent', (known ? percentOf(bytes, totalBytes) : undefined) ?? capped)
  }
  const told = setup ?? (isSetup ? capped : undefined)
  if (told !== undefined) sample.setupPercent = Math.min(100, told)
}

function readSpeed(body: Json, aggregate: Json, faults: Faults): number | undefined {
  const bps = readBytes(aggregate, 'throughput_bps', faults)
  if (bps !== undefined) return bps
  const mbps = readNumber(readObject(body, 'throughput', faults), 'current_mbps', faults)
  if (mbps === undefined) return undefined
  const fromMib = fromMbps(mbps)
  if (Number.isSafeInteger(fromMib)) return fromMib
  faults.add('current_mbps')
  return undefined
}

/** A VMA that was not told yet says `full`: during set-up that word is a default, not an answer. */
function readSyncType(stage: string | undefined, body: Json, cbt: Json, faults: Faults): string | undefined {
  const told = readText(body, 'sync_type', faults) ?? readText(cbt, 'type', faults)
  return stage !== undefined && isSetupStage(stage) && told?.toLowerCase() === 'full' ? undefined : told
}

/** The run's identity: its number where the VMA counts runs, else its start. */
function setRun(sample: Changeable<ProgressSample>, body: Json, timing: Json, faults: Faults): void {
  const run = readObject(body, 'run', faults)
  const number = readNumber(run, 'number', faults)
  const startedAt =
    readTime(run, 'started_at', faults) ??
    readTime(timing, 'start_time', faults) ??
    readTime(body, 'started_at', faults)
  const updatedAt =
    readTime(run, 'updated_at', faults) ??
    readTime(timing, 'last_update', faults) ??
    readTime(body, 'updated_at', faults)
  set(sample, 'startedAt', startedAt)
  set(sample, 'updatedAt', updatedAt)
  set(sample, 'heardAt', readTime(run, 'heard_at', faults))
  if (startedAt !== undefined || number !== undefined) sample.run = `${number ?? ''}@${startedAt ?? ''}`
}

function readError(body: Json): string | undefined {
  const errors = body['errors']
  const last: unknown = Array.isArray(errors) ? errors.at(-1) : undefined
  return errorText(body['last_error']) ?? errorText(body['error_message']) ?? errorText(last)
}

/** Most disks that one answer may tell of (vSphere allows 256 disks a VM). */
const MAX_DISKS = 256

function readDisks(body: Json, faults: Faults): readonly DiskSample[] | undefined {
  const list = body['disks']
  if (!Array.isArray(list) || list.length === 0) return undefined
  const disks: DiskSample[] = []
  for (const item of list.slice(0, MAX_DISKS)) {
    if (!isObject(item)) continue
    const id = readText(item, 'id', faults)
    if (id !== undefined) disks.push(readDisk(id, item, faults))
  }
  return disks.length > 0 ? disks : undefined
}

function readDisk(id: string, item: Json, faults: Faults): DiskSample {
  const word = readText(item, 'status', faults)
  const bytes = readBytes(item, 'bytes_transferred', faults)
  const totalBytes = readBytes(item, 'planned_bytes', faults) ?? readBytes(item, 'total_bytes', faults)
  const claimed = readNumber(item, 'percent', faults)
  const status = readStatus(word, undefined, { claimed, bytes, totalBytes })
  const percent = status === 'completed' ? 100 : claimed
  const disk: Changeable<DiskSample> = { id }
  set(disk, 'status', status)
  set(disk, 'bytes', bytes)
  set(disk, 'totalBytes', totalBytes)
  set(disk, 'speedBps', readBytes(item, 'throughput_bps', faults))
  set(disk, 'percent', percent === undefined ? undefined : Math.min(100, percent))
  return disk
}
