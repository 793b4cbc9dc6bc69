/** What goes wrong and when, pure: the same seed makes the same troubles. */

import { Random } from '../../src/sim/random.ts'

export type Trouble =
  /** About half of the connections between the OMA and a VMA, at once. */
  | { readonly kind: 'cut'; readonly at: number; readonly vma: number }
  /** One fetch thread of the OMA dies. */
  | { readonly kind: 'thread'; readonly at: number }
  /** Killed, and away for so long. */
  | { readonly kind: 'vma'; readonly at: number; readonly vma: number; readonly awayMs: number }
  | { readonly kind: 'database'; readonly at: number; readonly awayMs: number }

const EVERY_MS = 15_000
const FEWEST = 6

/**
 * Times in ms since the start. All of them lie before the last tenth, so that the end of the run is quiet. The VMA whose
 * memory is judged (the first one) dies in the first half only: a slope over several lives would say nothing. The other one is
 * away for longer than the contact timeout once, the first time that it dies.
 */
export function agendaOf(forMs: number, seed: number, contactTimeoutMs: number): readonly Trouble[] {
  const random = new Random(seed)
  const count = Math.max(FEWEST, Math.floor((forMs * 0.85) / EVERY_MS))
  const step = (forMs * 0.85) / count
  return Array.from({ length: count }, (_, i): Trouble => {
    const at = forMs * 0.05 + step * (i + random.next() * 0.5)
    const awayMs = random.between(1_000, 4_000)
    switch (i % 6) {
      case 0:
        return { kind: 'cut', at, vma: random.integer(0, 1) }
      case 1:
        return { kind: 'thread', at }
      case 2:
        return at < forMs / 2 ? { kind: 'vma', at, vma: 0, awayMs } : { kind: 'cut', at, vma: 0 }
      case 3:
        return { kind: 'database', at, awayMs }
      case 4:
        return { kind: 'vma', at, vma: 1, awayMs: i === 4 ? contactTimeoutMs + 6_000 : awayMs }
      default:
        return { kind: 'cut', at, vma: 1 }
    }
  })
}
