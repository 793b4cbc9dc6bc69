/** The inside of a `Child`: answers what the bench asks, and ends with it. */

export interface Asked {
  readonly id: number
  readonly question: unknown
}

export type Told = { readonly id: number; readonly answer: unknown } | { readonly id: number; readonly error: string }

/** Nobody asks any more once the channel is closed: then the process has no more to do. */
export function obey(answer: (question: never) => unknown): void {
  process.on('message', ({ id, question }: Asked) => {
    Promise.resolve()
      .then(() => answer(question as never))
      .then(
        (value) => tell({ id, answer: value }),
        (error: unknown) =>
          tell({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      )
  })
  process.on('disconnect', () => process.exit())
  process.on('SIGTERM', () => process.exit())
}

function tell(told: Told): void {
  if (process.connected) process.send?.(told)
}

/** What is left in the heap after everything unused went. Needs `--expose-gc`. */
export function settledMemory(): NodeJS.MemoryUsage {
  for (let times = 0; times < 3; times += 1) globalThis.gc?.()
  return process.memoryUsage()
}
