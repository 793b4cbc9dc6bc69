/**
 * SIGUSR2 changes the log level (LOG-2). Without a listener it ends a process, so there is one before anything else is
 * loaded: the tenth of a second in which Node itself starts is out of reach. What comes before the log is there is kept for it.
 */

let act: (() => void) | undefined
let early = 0

export function takeLevelSignals(): void {
  process.on('SIGUSR2', () => {
    if (act === undefined) early += 1
    else act()
  })
}

/** Returns what ends it; from then on the signal does nothing. */
export function onLevelSignal(toggle: () => void): () => void {
  act = toggle
  if (early % 2 === 1) toggle()
  early = 0
  return () => {
    act = undefined
  }
}
