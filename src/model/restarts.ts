/** RECOVER-2: how soon a job's actor that threw is started again; at most 5 times in a minute, then it is suspended. */

const WINDOW_MS = 60_000
const MAX_RESTARTS = 5
const FIRST_MS = 250

export interface Restart {
  /** Times of the restarts of the last minute, this one included. */
  readonly recent: readonly number[]
  readonly delayMs: number
  /** Too many: the job waits until the minute is over. */
  readonly suspended: boolean
}

/** `recent`: the times of earlier restarts, ascending. Milliseconds. */
export function nextRestart(recent: readonly number[], now: number): Restart {
  const within = recent.filter((at) => now - at < WINDOW_MS)
  if (within.length >= MAX_RESTARTS) return { recent: within, delayMs: WINDOW_MS, suspended: true }
  return { recent: [...within, now], delayMs: FIRST_MS * 2 ** within.length, suspended: false }
}
