/** Long lists are gone through some hundred at a time, so that the event loop goes on in between. */

export interface Slices {
  readonly atOnce: number
  /** Runs a function in a later turn of the event loop. */
  readonly defer: (run: () => void) => void
}

export function inSlices<T>(items: readonly T[], { atOnce, defer }: Slices, act: (item: T) => void): void {
  const next = (from: number): void => {
    for (const item of items.slice(from, from + atOnce)) act(item)
    if (from + atOnce < items.length) defer(() => next(from + atOnce))
  }
  defer(() => next(0))
}
