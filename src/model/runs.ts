/** RUN-1: keys are reused, so an answer may tell of a run that is older than the job. All times in our clock, epoch ms. */

import type { ProgressSample } from './sample.ts'

/** `2025-09-05T15:26:15Z` may have been any moment of that second. */
const WHOLE_SECOND_SLACK_MS = 999

/** True when what the sample tells was over, or last heard of, before the job existed. */
export function isStaleRun(sample: ProgressSample, jobCreatedAt: number): boolean {
  const last = sample.updatedAt ?? sample.startedAt
  if (last === undefined) return false
  const slack = last % 1_000 === 0 ? WHOLE_SECOND_SLACK_MS : 0
  return last + slack < jobCreatedAt
}

/** Clocks that differ by less are one clock: the difference is the way of the answer, and would make times flicker. */
const SAME_CLOCK_MS = 500

/** VMA clock minus ours; from the answer's own time (to the millisecond), else its Date header (whole seconds, so the middle of it). */
export function clockSkew(serverTime: number | undefined, dateHeader: number | undefined, receivedAt: number): number {
  const theirs = serverTime ?? (dateHeader === undefined || Number.isNaN(dateHeader) ? undefined : dateHeader + 500)
  if (theirs === undefined) return 0
  const skew = theirs - receivedAt
  return Math.abs(skew) <= SAME_CLOCK_MS ? 0 : skew
}

/** The sample with its source times moved into our clock; the run's identity keeps the VMA's. */
export function inOurClock(sample: ProgressSample, skewMs: number): ProgressSample {
  if (skewMs === 0 || (sample.startedAt === undefined && sample.updatedAt === undefined)) return sample
  return {
    ...sample,
    ...(sample.startedAt === undefined ? {} : { startedAt: sample.startedAt - skewMs }),
    ...(sample.updatedAt === undefined ? {} : { updatedAt: sample.updatedAt - skewMs }),
    ...(sample.heardAt === undefined ? {} : { heardAt: sample.heardAt - skewMs }),
  }
}
