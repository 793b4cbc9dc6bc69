/** Where rows of a virtual list stand: all of one height, but those that are opened. Lengths in CSS pixels. */

export interface Opened {
  readonly index: number
  /** On top of a row's height. */
  readonly extra: number
}

export class Layout {
  readonly #count: number
  readonly #rowHeight: number
  readonly #opened: readonly Opened[]

  constructor(count: number, rowHeight: number, opened: readonly Opened[]) {
    this.#count = count
    this.#rowHeight = rowHeight
    this.#opened = opened.toSorted((a, b) => a.index - b.index)
  }

  get height(): number {
    return this.top(this.#count)
  }

  /** Of a row; of one behind the last the end. */
  top(index: number): number {
    let top = index * this.#rowHeight
    for (const row of this.#opened) if (row.index < index) top += row.extra
    return top
  }

  /** The rows that lie between two heights, and some before and after: `[first, after the last)`. */
  between(from: number, to: number, overscan: number): readonly [number, number] {
    const first = Math.max(0, this.#at(from) - overscan)
    const end = Math.min(this.#count, this.#at(to) + 1 + overscan)
    return [Math.min(first, end), end]
  }

  #at(y: number): number {
    let skipped = 0
    for (const row of this.#opened) {
      const top = row.index * this.#rowHeight + skipped
      if (y < top + this.#rowHeight + row.extra) return Math.min(row.index, Math.floor((y - skipped) / this.#rowHeight))
      skipped += row.extra
    }
    return Math.floor((y - skipped) / this.#rowHeight)
  }
}
