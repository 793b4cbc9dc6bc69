/**
 * Repeats work on a thread that has more important things to do: it takes at most half a percent of the time, so that
 * what the display costs stays out of the event-loop delay that it shows (500 jobs: 13 ms a frame).
 */

const REST_PER_WORK = 200

/** How long to rest after work that took `costMs`; a slow machine still gets a look now and then. */
export function restAfter(costMs: number, leastMs: number, mostMs: number): number {
  return Math.min(mostMs, Math.max(leastMs, costMs * REST_PER_WORK))
}

/** Works at once and then again and again; returns what stops it. */
export function paced(work: () => void, leastMs: number, mostMs: number): () => void {
  let timer: NodeJS.Timeout
  const go = (): void => {
    const before = performance.now()
    work()
    timer = setTimeout(go, restAfter(performance.now() - before, leastMs, mostMs))
  }
  go()
  return () => clearTimeout(timer)
}
