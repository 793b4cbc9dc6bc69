/**
 * RUN-1, RUN-2: keys are reused, so an answer may tell of a run that is older than the job, or of the next job's.
 * Times in epoch ms; those of a sample in the VMA's clock, those of jobs in ours.
 */

import type { ProgressSample } from './sample.ts'

/** `2025-09-05T15:26:15Z` may have been any moment of that second. */
const WHOLE_SECOND_MS = 999
/** Clocks that differ by less are one clock: the difference is the way of the answer, and would make times flicker. */
const SAME_CLOCK_MS = 500

/** How a VMA's clock stands to ours. */
export interface ClockGap {
  /** Theirs minus ours. */
  readonly skewMs: number
  /** How far off the truth that may be, either way. */
  readonly slackMs: number
  /** Theirs minus ours as one answer had it. */
  readonly readMs: number
}

/** The VMA tells no time of its own: its times are taken as they are. */
export const UNKNOWN_GAP: ClockGap = { skewMs: 0, slackMs: 0, readMs: 0 }

/** From the answer's own time (to the millisecond), else its Date header (whole seconds, so the middle of it). */
export function clockGap(serverTime: number | undefined, dateHeader: number | undefined, receivedAt: number): ClockGap {
  const byHeader = serverTime === undefined
  const theirs = serverTime ?? (dateHeader === undefined || Number.isNaN(dateHeader) ? undefined : dateHeader + 500)
  if (theirs === undefined) return UNKNOWN_GAP
  const skew = theirs - receivedAt
  const slackMs = byHeader ? SAME_CLOCK_MS + 500 : SAME_CLOCK_MS
  return { skewMs: Math.abs(skew) <= SAME_CLOCK_MS ? 0 : skew, slackMs, readMs: skew }
}

/** A VMA's clock as it is taken, over many answers. */
export interface SteadyClock {
  readonly gap: ClockGap
  /** Since when every answer says that it is further behind than `gap` has it. */
  readonly behindSince: number | undefined
}

/** No answer comes later than that: requests time out after 10 s. */
const LATEST_ANSWER_MS = 15_000
/** Answers that come late for so long are a clock that was set back. */
const BEHIND_MS = 60_000

/**
 * A clock that is read off a header wobbles by up to a second from answer to answer, and an answer that waited on its way, or for
 * us, makes it look further behind. As long as a reading may be of the same clock as before it is taken for that, so that the
 * times of a run stand still. `at`: when the answer was read.
 */
export function steadyClock(before: SteadyClock | undefined, read: ClockGap, at: number): SteadyClock {
  if (before === undefined || before.gap.slackMs !== read.slackMs) return { gap: read, behindSince: undefined }
  const { gap, behindSince } = before
  const ahead = read.readMs - gap.readMs
  if (Math.abs(ahead) <= read.slackMs) return behindSince === undefined ? before : { gap, behindSince: undefined }
  const isSet = ahead > 0 || -ahead > LATEST_ANSWER_MS || (behindSince !== undefined && at - behindSince >= BEHIND_MS)
  if (isSet) return { gap: read, behindSince: undefined }
  return behindSince === undefined ? { gap, behindSince: at } : before
}

/** The last moment of our clock that a VMA's time may mean. */
function latest(at: number, { skewMs, slackMs }: ClockGap): number {
  return at + (at % 1_000 === 0 ? WHOLE_SECOND_MS : 0) - skewMs + slackMs
}

/** The first one. */
function earliest(at: number, { skewMs, slackMs }: ClockGap): number {
  return at - skewMs - slackMs
}

/**
 * RUN-1: true when what the sample tells was over, or last heard of, before the job existed. Where the clocks are too
 * coarse to say, the start decides: a run that began well before the job is the last one's end.
 */
export function isStaleRun(sample: ProgressSample, jobCreatedAt: number, gap: ClockGap = UNKNOWN_GAP): boolean {
  const last = sample.updatedAt ?? sample.startedAt
  if (last === undefined) return false
  if (latest(last, gap) < jobCreatedAt) return true
  const start = sample.startedAt
  return earliest(last, gap) < jobCreatedAt && start !== undefined && latest(start, gap) < jobCreatedAt
}

/**
 * RUN-2: true when the run began after a newer job of the same key was created: it is that job's. Where the clocks are
 * too coarse to say it is too: a job whose run begins within the second of the next job's creation is the rarer thing.
 */
export function isSuperseded(sample: ProgressSample, supersededAt: number, gap: ClockGap = UNKNOWN_GAP): boolean {
  return sample.startedAt !== undefined && latest(sample.startedAt, gap) >= supersededAt
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
