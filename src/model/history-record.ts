/**
 * A history as it is stored: plain data with a version, small as JSON. Times and bytes are steps from the value before,
 * so that 128 points take about 2 KB of text. What is read is checked whole: anything odd is no record, never an
 * exception.
 */

import { isObject } from './fields.ts'
import { isJobStatus, type JobStatus } from './words.ts'

/** Points of a series: 2 KB of numbers a job, and finer than a chart has pixels for. */
export const MAX_POINTS = 128
/** Entries of a stage timeline; the documented nine stages of some runs fit several times. */
export const MAX_STAGES = 64
/** Longest stage word that is kept. */
export const MAX_STAGE_LENGTH = 191
/** Hundredths of a percent. */
export const MAX_PERCENT = 10_000

/** Stage, status, began at, ended at (null while open). Epoch ms. */
export type StageRecord = readonly [stage: string, status: JobStatus, startedAt: number, endedAt: number | null]

/** The names are short because they stand in every row. */
export interface HistoryRecord {
  readonly v: 1
  /** Resolution, ms. */
  readonly r: number
  /** Times: the first in epoch ms, then steps. */
  readonly t: readonly number[]
  /** Bytes: the first, then steps; negative where a new run began. */
  readonly b: readonly number[]
  /** Hundredths of a percent. */
  readonly p: readonly number[]
  readonly s: readonly StageRecord[]
  /** Stages that did not fit. */
  readonly x: number
}

/** Year 9999: later times have no RFC 3339. */
const MAX_AT = 253_370_764_800_000

/** 5, 7, 7, 6 → 5, 2, 0, -1: of the first `count` values. A loop, as `Array.from` of a typed array takes five times as long. */
export function steps(values: ArrayLike<number>, count: number): number[] {
  const all: number[] = []
  let before = 0
  for (let i = 0; i < count; i += 1) {
    const value = values[i] ?? 0
    all.push(value - before)
    before = value
  }
  return all
}

/** The reverse of `steps`. */
export function sums(given: readonly number[]): number[] {
  let sum = 0
  return given.map((step) => (sum += step))
}

/** undefined for anything that `JobHistory` could not have written. */
export function readRecord(value: unknown): HistoryRecord | undefined {
  if (!isObject(value) || value['v'] !== 1) return undefined
  const { r, t, b, p, s, x } = value
  if (!isWhole(r) || r === 0 || !isWhole(x)) return undefined
  if (!isNumbers(t) || !isNumbers(b) || !isNumbers(p) || t.length > MAX_POINTS) return undefined
  if (b.length !== t.length || p.length !== t.length) return undefined
  if (!t.every((step, i) => i === 0 || step > 0) || !sums(t).every(isTime)) return undefined
  if (!sums(b).every(isWhole) || !p.every((percent) => isWhole(percent) && percent <= MAX_PERCENT)) return undefined
  if (!Array.isArray(s) || s.length > MAX_STAGES) return undefined
  const stages: readonly unknown[] = s
  return stages.every(isStage) ? { v: 1, r, t, b, p, s: stages, x } : undefined
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isTime(value: unknown): value is number {
  return isWhole(value) && value <= MAX_AT
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item))
}

function isStage(value: unknown): value is StageRecord {
  if (!Array.isArray(value) || value.length !== 4) return false
  const entry: readonly unknown[] = value
  const [stage, status, startedAt, endedAt] = entry
  return (
    typeof stage === 'string' &&
    stage.length <= MAX_STAGE_LENGTH &&
    typeof status === 'string' &&
    isJobStatus(status) &&
    isTime(startedAt) &&
    (endedAt === null || (isTime(endedAt) && endedAt >= startedAt))
  )
}
