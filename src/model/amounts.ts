/** One transfer's amounts, carried forward from answer to answer: within a run they never go backwards. */

import type { ProgressSample } from './sample.ts'
import type { TotalOrigin } from './progress.ts'
import { percentOf } from './units.ts'
import { isSetupStage } from './words.ts'

export interface Amounts {
  readonly bytes: number
  readonly totalBytes: number
  readonly totalOrigin: TotalOrigin
  readonly percent: number
  readonly run?: string
}

export interface Planned {
  readonly bytes: number
  readonly origin: TotalOrigin
}

/** Two answers are of one run unless both name it and the names differ. */
export function isSameRun(before: { readonly run?: string } | undefined, after: { readonly run?: string }): boolean {
  return before?.run === undefined || after.run === undefined || before.run === after.run
}

/**
 * The amounts after `sample`; a restarted run starts over, a late or short answer holds what was reached.
 * A total that is known is never less than what has moved: one such disk would make the job's sum look further than it is.
 */
export function carryForward(before: Amounts | undefined, sample: ProgressSample, planned: Planned): Amounts {
  const floor = isSameRun(before, sample) ? before : undefined
  const bytes = Math.max(sample.bytes ?? 0, floor?.bytes ?? 0)
  const total = totalOf(floor, sample, planned)
  const run = sample.run ?? floor?.run
  return {
    bytes,
    totalBytes: total.bytes > 0 ? Math.max(total.bytes, bytes) : total.bytes,
    totalOrigin: total.origin,
    percent: percentAfter(floor, sample, bytes, total.bytes),
    ...(run === undefined ? {} : { run }),
  }
}

/** Set-up answers carry total 0: not yet known, unless the job ended with nothing to move. */
function totalOf(floor: Amounts | undefined, sample: ProgressSample, planned: Planned): Planned {
  if (sample.totalBytes !== undefined && (sample.totalBytes > 0 || sample.status === 'completed')) {
    return { bytes: sample.totalBytes, origin: 'reported' }
  }
  return floor === undefined ? planned : { bytes: floor.totalBytes, origin: floor.totalOrigin }
}

function percentAfter(floor: Amounts | undefined, sample: ProgressSample, bytes: number, total: number): number {
  if (sample.status === 'completed') return 100
  const setup = sample.stage !== undefined && isSetupStage(sample.stage)
  const now = setup ? 0 : (percentOf(bytes, total) ?? sample.percent ?? 0)
  return Math.max(now, floor?.percent ?? 0)
}
