/** How long to wait before the next attempt to connect. */

const FIRST_MS = 500
const MOST_MS = 15_000

/**
 * `attempt`: 1 for the first one after a loss. Doubles from 0.5 s to 15 s, and half of it is chance: a thousand
 * clients of a service that went away do not come back in one moment. `random` in 0..1.
 */
export function backoffMs(attempt: number, random: number): number {
  const whole = Math.min(MOST_MS, FIRST_MS * 2 ** (attempt - 1))
  return whole * (0.5 + random / 2)
}
