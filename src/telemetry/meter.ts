/** How fast a running count grows: per second, over the last span of time and not since the start. */
export class Meter {
  readonly #spanMs: number
  readonly #marks: { readonly at: number; readonly count: number }[] = []

  constructor(spanMs: number) {
    this.#spanMs = spanMs
  }

  mark(at: number, count: number): number {
    this.#marks.push({ at, count })
    while (this.#marks.length > 2 && (this.#marks[1]?.at ?? at) <= at - this.#spanMs) this.#marks.shift()
    const first = this.#marks[0]
    return first === undefined || at <= first.at ? 0 : ((count - first.count) * 1_000) / (at - first.at)
  }
}
