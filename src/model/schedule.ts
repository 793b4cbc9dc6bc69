/**
 * When a job is polled. POLL-2: at a fixed offset hash(job id) mod interval, so that ten thousand jobs spread evenly and
 * nothing drifts. POLL-5: 5, 10, 20, 40 s after consecutive errors. Milliseconds throughout.
 */

/** FNV-1a with a final mix, 32 bit: spreads ids that differ in one digit over the whole interval. */
function hash32(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** This job's place in the interval, 0 ≤ offset < interval. */
export function pollOffset(jobId: string, intervalMs: number): number {
  return hash32(jobId) % intervalMs
}

/** The first of the job's times strictly after `after`: a grid, so lateness of one poll never moves the next. */
export function nextDue(after: number, offsetMs: number, intervalMs: number): number {
  return Math.floor((after - offsetMs) / intervalMs) * intervalMs + intervalMs + offsetMs
}

/** Due times that passed unused between a due time and `now`: skipped polls, counted as late. */
export function skippedPolls(dueAt: number, now: number, intervalMs: number): number {
  return Math.max(0, Math.floor((now - dueAt) / intervalMs))
}

/** Most doublings: 5 s → 40 s, as documented. */
const MAX_DOUBLINGS = 3
/** ± share of the delay, so that jobs that failed together do not come back together. */
const JITTER = 0.1

/** Delay before the next poll after `errors` consecutive ones (≥ 1); `random` in 0..1. */
export function backoffMs(errors: number, baseMs: number, random: number): number {
  const delay = baseMs * 2 ** Math.min(errors - 1, MAX_DOUBLINGS)
  return Math.round(delay * (1 + JITTER * (2 * random - 1)))
}
