/** Answers of a VMA in both documented shapes, built from a few amounts. Times are epoch ms in the VMA's own clock. */

import { V10, V181 } from '../support/documents.ts'
import { toMbps } from '../../src/model/units.ts'
import { utcSeconds } from '../../src/model/wire/time.ts'

export type Shape = 'v1.8.1' | 'v1.0'

/** What a document tells; the rest stands in it as in the documents' own examples. */
export interface Told {
  readonly shape?: Shape
  /** `job_id` of the answer; absent: as the example has it. */
  readonly jobId?: string
  readonly startedAt?: number
  readonly updatedAt?: number
  readonly syncType?: string
  readonly bps?: number
  readonly status?: string
  readonly stage?: string
  readonly error?: string
  /** v1.0 only. */
  readonly disks?: readonly object[]
  /** Set over the finished document, faults too. */
  readonly with?: Readonly<Record<string, unknown>>
}

interface Amounts {
  readonly bytes: number
  readonly total: number
  readonly percent: number
  readonly stage: string
  /** v1.8.1 words; v1.0 has others for the same. */
  readonly status: string
}

const V10_WORDS: Readonly<Record<string, string>> = { Running: 'Streaming', completed: 'Succeeded', failed: 'Failed' }

export function transfer(bytes: number, total: number, told: Told = {}): object {
  const percent = total > 0 ? (bytes / total) * 100 : 0
  return document({ bytes, total, percent, stage: 'Transfer', status: 'Running' }, told)
}

/** As migratekit ends: Transfer/completed/100; in v1.0 the job's `Succeeded`. */
export function completed(total: number, told: Told = {}): object {
  return document({ bytes: total, total, percent: 100, stage: 'Transfer', status: 'completed' }, told)
}

export function failed(message: string, told: Told = {}, bytes = 0, total = 0): object {
  const percent = total > 0 ? (bytes / total) * 100 : 0
  return document({ bytes, total, percent, stage: 'Transfer', status: 'failed' }, { error: message, ...told })
}

/** `Creating Snapshot`/`in_progress`/10, with no bytes yet. */
export function setup(stage: string, percent: number, told: Told = {}): object {
  return document({ bytes: 0, total: 0, percent, stage, status: 'in_progress' }, told)
}

function document(amounts: Amounts, told: Told): object {
  const made = told.shape === 'v1.0' ? nested(amounts, told) : flat(amounts, told)
  return { ...made, ...told.with }
}

function flat({ bytes, total, percent, stage, status }: Amounts, told: Told): object {
  const start = timeOf(told.startedAt)
  const update = timeOf(told.updatedAt)
  return {
    ...V181,
    ...(told.jobId === undefined ? {} : { job_id: told.jobId }),
    status: told.status ?? status,
    sync_type: told.syncType ?? 'full',
    phase: told.stage ?? stage,
    percentage: percent,
    current_operation: told.stage ?? stage,
    bytes_transferred: bytes,
    total_bytes: total,
    throughput: { ...V181.throughput, current_mbps: toMbps(told.bps ?? 0), last_update: update },
    timing: { ...V181.timing, start_time: start, last_update: update, phase_start: start },
    phases: [],
    errors: told.error === undefined ? [] : [told.error],
    last_error: told.error ?? null,
  }
}

function nested({ bytes, total, percent, stage, status }: Amounts, told: Told): object {
  return {
    ...V10,
    ...(told.jobId === undefined ? {} : { job_id: told.jobId }),
    stage: told.stage ?? stage,
    status: told.status ?? V10_WORDS[status] ?? status,
    started_at: timeOf(told.startedAt),
    updated_at: timeOf(told.updatedAt),
    aggregate: { total_bytes: total, bytes_transferred: bytes, throughput_bps: told.bps ?? 0, percent },
    cbt: { ...V10.cbt, type: told.syncType ?? 'full' },
    disks: told.disks ?? [],
    ...(told.error === undefined ? {} : { last_error: told.error }),
  }
}

/** '' is a time that the VMA does not tell. */
function timeOf(at: number | undefined): string {
  return at === undefined ? '' : utcSeconds(at)
}
