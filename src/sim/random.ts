/**
 * Small seeded randomness (mulberry32, 32 bits of state): a fleet with the same seed is the same fleet on every machine.
 * The state is a plain number, so that a pure state can carry it along. Not for secrets.
 */

/** The state after this one. */
export function advance(state: number): number {
  return (state + 0x6d2b79f5) | 0
}

/** The number in [0, 1) that belongs to a state. */
export function unit(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 15), state | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
}

/** One seed out of several numbers: parts of a fleet draw independently, so that one more VM changes no other. */
export function mixSeed(...parts: readonly number[]): number {
  let state = 0x9e3779b9
  for (const part of parts)
    state = Math.imul(state ^ (unit(advance((part | 0) ^ state)) * 4_294_967_296), 0x85ebca6b) | 0
  return state
}

export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** In [0, 1). */
  next(): number {
    this.#state = advance(this.#state)
    return unit(this.#state)
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  /** Whole, both ends included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  /** Even over orders of magnitude: as many draws of 5–20 as of 20–80. */
  logBetween(low: number, high: number): number {
    return low * (high / low) ** this.next()
  }

  chance(share: number): boolean {
    return this.next() < share
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.integer(0, items.length - 1)] ?? items[0]
  }

  hex(digits: number): string {
    let text = ''
    while (text.length < digits) text += Math.floor(this.next() * 16).toString(16)
    return text
  }

  /** The form of a version 4 UUID. */
  uuid(): string {
    const variant = this.pick(['8', '9', 'a', 'b'])
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-${variant}${this.hex(3)}-${this.hex(12)}`
  }
}
