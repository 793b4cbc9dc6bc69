/** Tells whoever listens that something changed. */
export class Emitter {
  readonly #listeners = new Set<() => void>()

  on(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
