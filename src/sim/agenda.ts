/**
 * What is due when, for thousands of things and one timer: a binary heap over epoch milliseconds.
 * Things due at the same time come out in the order in which they went in.
 */

interface Entry<T> {
  readonly at: number
  readonly order: number
  readonly item: T
}

function before<T>(left: Entry<T>, right: Entry<T>): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order)
}

export class Agenda<T> {
  readonly #heap: Entry<T>[] = []
  #order = 0

  get size(): number {
    return this.#heap.length
  }

  /** When the first thing is due; undefined when there is none. */
  get nextAt(): number | undefined {
    return this.#heap[0]?.at
  }

  add(at: number, item: T): void {
    this.#heap.push({ at, order: this.#order++, item })
    this.#rise(this.#heap.length - 1)
  }

  /** Takes the first thing that is due, if one is. */
  take(now: number): T | undefined {
    const first = this.#heap[0]
    if (first === undefined || first.at > now) return undefined
    const last = this.#heap.pop()
    if (last !== undefined && last !== first) {
      this.#heap[0] = last
      this.#sink(0)
    }
    return first.item
  }

  clear(): void {
    this.#heap.length = 0
  }

  #rise(start: number): void {
    let at = start
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#swapWhen(at, parent)) return
      at = parent
    }
  }

  #sink(start: number): void {
    let at = start
    for (;;) {
      const left = 2 * at + 1
      const child = this.#earlier(left, left + 1)
      if (child === undefined || !this.#swapWhen(child, at)) return
      at = child
    }
  }

  #earlier(left: number, right: number): number | undefined {
    const first = this.#heap[left]
    if (first === undefined) return undefined
    const second = this.#heap[right]
    return second !== undefined && before(second, first) ? right : left
  }

  /** Swaps the two places when the lower one is due before the upper one. */
  #swapWhen(lower: number, upper: number): boolean {
    const below = this.#heap[lower]
    const above = this.#heap[upper]
    if (below === undefined || above === undefined || !before(below, above)) return false
    this.#heap[lower] = above
    this.#heap[upper] = below
    return true
  }
}
