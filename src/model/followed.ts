/** A follower's copy of what a VMA holds, kept by the answers of its change feed (VMA-11). */

import type { ChangesAnswer, FeedDocument } from './wire/changes.ts'

export class Followed {
  readonly #told = new Map<string, FeedDocument>()
  /** Within a full listing: what was held before it and has not been told in it yet. */
  #unconfirmed: Set<string> | undefined
  #since = ''

  /** What the next answer is asked for; '' before the first one. */
  get since(): string {
    return this.#since
  }

  get keys(): IterableIterator<string> {
    return this.#told.keys()
  }

  get(key: string): FeedDocument | undefined {
    return this.#told.get(key)
  }

  /** Returns the keys that went. During a full listing what is not confirmed yet stays: it is no news that it went. */
  apply(answer: ChangesAnswer): readonly string[] {
    if (answer.full) this.#unconfirmed = new Set(this.#told.keys())
    const changed = new Set<string>()
    for (const { key, progress } of answer.jobs) {
      changed.add(key)
      this.#told.set(key, progress)
      this.#unconfirmed?.delete(key)
    }
    const gone = answer.removed.filter((key) => !changed.has(key) && this.#forget(key))
    if (!answer.more) {
      for (const key of this.#unconfirmed ?? []) if (this.#forget(key)) gone.push(key)
      this.#unconfirmed = undefined
    }
    this.#since = answer.revision
    return gone
  }

  #forget(key: string): boolean {
    return this.#told.delete(key)
  }
}
