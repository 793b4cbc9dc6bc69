/** Which jobs of this thread have to hear of a key: those whose export or whose own id it is. */

import type { FetchTarget } from './protocol.ts'

export class JobKeys {
  readonly #slots = new Map<string, readonly number[]>()

  add({ slot, jobId, plan }: FetchTarget): void {
    for (const key of keysOf(jobId, plan)) {
      const known = this.#slots.get(key)
      this.#slots.set(key, known === undefined ? [slot] : [...known, slot])
    }
  }

  remove({ slot, jobId, plan }: FetchTarget): void {
    for (const key of keysOf(jobId, plan)) {
      const left = this.#slots.get(key)?.filter((other) => other !== slot) ?? []
      if (left.length > 0) this.#slots.set(key, left)
      else this.#slots.delete(key)
    }
  }

  /** Each slot once, in the order of the keys. */
  slotsOf(keys: readonly string[]): ReadonlySet<number> {
    const slots = new Set<number>()
    for (const key of keys) for (const slot of this.#slots.get(key) ?? []) slots.add(slot)
    return slots
  }
}

function keysOf(jobId: string, plan: FetchTarget['plan']): ReadonlySet<string> {
  return new Set([jobId, ...plan.flatMap(({ key }) => (key === '' ? [] : [key]))])
}
