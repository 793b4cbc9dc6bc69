/** What is said to those who listen instead of looking: ends of jobs, a few at a time. */

import type { EventFrame } from '../../../src/client/index.ts'

const NAMED = 3

export class News {
  readonly #ends: { readonly kind: 'completed' | 'failed'; readonly name: string }[] = []

  hear({ event, vm_name: name }: EventFrame): void {
    if (event === 'completed' || event === 'failed') this.#ends.push({ kind: event, name })
  }

  /** One sentence about what has been heard since the last; undefined: nothing. */
  take(): string | undefined {
    if (this.#ends.length === 0) return undefined
    const ends = this.#ends.splice(0)
    const parts = (['failed', 'completed'] as const).flatMap((kind) => {
      const names = ends.filter((end) => end.kind === kind).map((end) => end.name)
      return names.length === 0 ? [] : [`${listed(names)} ${kind}`]
    })
    return `${parts.join('; ')}.`
  }
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED
  return names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
