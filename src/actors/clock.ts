/** The system's own timers, as actors take them. */

import type { ActorClock } from '../machines/clock.ts'

export const SYSTEM_CLOCK: ActorClock = {
  setTimeout: (fn, timeout) => setTimeout(fn, timeout),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
}
