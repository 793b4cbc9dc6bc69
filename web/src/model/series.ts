/** Rates over time for a chart: bounded, with gaps where nothing was known. */

export interface Series {
  /** Epoch seconds. */
  readonly times: readonly number[]
  /** null: not known then. */
  readonly rates: readonly (number | null)[]
}

/** The newest points, those within a span. */
export class RollingSeries implements Series {
  readonly #spanSeconds: number
  readonly times: number[] = []
  readonly rates: (number | null)[] = []

  constructor(spanSeconds: number) {
    this.#spanSeconds = spanSeconds
  }

  /** A point that is not after the last one is none. */
  add(atSeconds: number, rate: number | null): void {
    const last = this.times.at(-1)
    if (last !== undefined && atSeconds <= last) return
    this.times.push(atSeconds)
    this.rates.push(rate)
    const keep = this.times.findIndex((time) => time >= atSeconds - this.#spanSeconds)
    if (keep > 0) {
      this.times.splice(0, keep)
      this.rates.splice(0, keep)
    }
  }
}
