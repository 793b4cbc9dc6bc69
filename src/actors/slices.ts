/** Long lists are gone through some hundred at a time, so that the event loop goes on in between. */

/** A job's share is some 20 µs. */
const AT_ONCE = 250

/** `defer` runs a function in a later turn of the event loop. */
export function tellInSlices<T>(items: readonly T[], defer: (run: () => void) => void, tell: (item: T) => void): void {
  const next = (from: number): void => {
    for (const item of items.slice(from, from + AT_ONCE)) tell(item)
    if (from + AT_ONCE < items.length) defer(() => next(from + AT_ONCE))
  }
  defer(() => next(0))
}
