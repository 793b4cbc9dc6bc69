/** Work that is asked for by many at once and costs much: done once for all who wait. */

/**
 * While a call is at work, all that come meanwhile share the next one: each gets what was made after it asked, and there is
 * never more than one at work. A call that fails fails for those who shared it only.
 */
export function oneAtATime<T>(make: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  let next: Promise<T> | undefined
  const start = (): Promise<T> => {
    const made = make()
    const over = (): void => {
      running = undefined
    }
    running = made
    made.then(over, over)
    return made
  }
  const startNext = (): Promise<T> => {
    next = undefined
    return start()
  }
  return () => {
    if (running === undefined) return start()
    next ??= running.then(startNext, startNext)
    return next
  }
}
