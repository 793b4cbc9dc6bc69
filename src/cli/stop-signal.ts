/** Ctrl-C and SIGTERM for commands that run until stopped: the first asks for a clean end, a later one forces it. */

/** One Ctrl-C may arrive twice: the terminal signals the whole group, and a launcher passes its own on. */
const SAME_PRESS_MS = 400

export interface StopSignal {
  /** Settles on the first signal, when the output is closed, or on `stop()`. */
  readonly stopped: Promise<void>
  stop(): void
  /** Takes the listeners away. */
  close(): void
}

/** `now` is a clock in milliseconds. */
export function stopSignal(onForce: () => void, now: () => number = () => performance.now()): StopSignal {
  const { promise, resolve } = Promise.withResolvers<void>()
  let firstAt: number | undefined
  const onSignal = (): void => {
    if (firstAt === undefined) {
      firstAt = now()
      resolve()
    } else if (now() - firstAt > SAME_PRESS_MS) {
      onForce()
    }
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, onSignal)
  // Nobody reads any more (`| head`, a closed terminal): an end like any other. It stays, as the last lines may fail too.
  process.stdout.on('error', () => resolve())
  return {
    stopped: promise,
    stop: resolve,
    close: () => {
      for (const signal of signals) process.removeListener(signal, onSignal)
    },
  }
}
