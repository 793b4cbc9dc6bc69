/** The clock of an actor, as XState takes it: `SimulatedClock` in tests, the runtime's own elsewhere. */

export interface ActorClock {
  setTimeout(fn: (...args: unknown[]) => void, timeout: number): unknown
  clearTimeout(id: unknown): void
}
