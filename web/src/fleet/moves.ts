/** What a key does in the list. */

/** A number: so many rows down. */
export type Move = number | 'open' | 'close' | 'turn' | 'enter' | 'leave'

export function stepOf(key: string, page: number): Move | undefined {
  const moves: Readonly<Record<string, Move>> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
    Home: -Infinity,
    End: Infinity,
    ArrowRight: 'open',
    ArrowLeft: 'close',
    ' ': 'turn',
    Enter: 'enter',
    Escape: 'leave',
  }
  return Object.hasOwn(moves, key) ? moves[key] : undefined
}
