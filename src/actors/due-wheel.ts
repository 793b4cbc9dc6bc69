/**
 * One timer for the polls of all jobs: a wheel of buckets. Adding and taking away cost 0.1 µs, where a timer of its own
 * for each job costs 3; a poll falls due at most one bucket late. Wide buckets make few and full turns of the event loop:
 * 10 ms instead of 4 took a tenth off the cost of a poll at 2 500 a second. Milliseconds of a clock that never jumps.
 */

import type { ActorClock } from '../machines/clock.ts'

/** Width of a bucket. */
const BUCKET_MS = 10
/** Once round: 20 s. What is due later waits in its bucket for its round. */
const BUCKETS = 2_048

export interface DueWheelOptions {
  readonly clock: ActorClock
  readonly monotonic: () => number
  readonly onDue: (slot: number) => void
}

export class DueWheel {
  readonly #options: DueWheelOptions
  readonly #buckets: number[][] = Array.from({ length: BUCKETS }, () => [])
  /** By slot: the tick at whose end it is due; -1 while it is not here. What a bucket holds beside that is stale. */
  readonly #ticks: number[] = []
  #count = 0
  /** All ticks before this one are done. */
  #next: number
  #wakesAt = Infinity
  #timer: unknown

  constructor(options: DueWheelOptions) {
    this.#options = options
    this.#next = tickOf(options.monotonic())
  }

  get size(): number {
    return this.#count
  }

  /** In place of an earlier time of the same slot. */
  add(slot: number, delayMs: number): void {
    const tick = Math.max(this.#next, tickOf(this.#options.monotonic() + Math.max(0, delayMs)))
    if ((this.#ticks[slot] ?? -1) === -1) this.#count += 1
    this.#ticks[slot] = tick
    this.#buckets[tick % BUCKETS]?.push(slot)
    if (tick < this.#wakesAt) this.#wakeAt(tick)
  }

  remove(slot: number): void {
    if ((this.#ticks[slot] ?? -1) === -1) return
    this.#ticks[slot] = -1
    this.#count -= 1
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer)
    this.#ticks.fill(-1)
    this.#count = 0
  }

  #wakeAt(tick: number): void {
    const { clock, monotonic } = this.#options
    clock.clearTimeout(this.#timer)
    this.#wakesAt = tick
    this.#timer = clock.setTimeout(() => this.#turn(), Math.max(0, (tick + 1) * BUCKET_MS - monotonic()))
  }

  #turn(): void {
    this.#wakesAt = Infinity
    const now = tickOf(this.#options.monotonic())
    // After a standstill of more than a round every bucket is looked at, and once is enough.
    for (let tick = Math.max(this.#next, now - BUCKETS); tick < now; tick += 1) this.#fire(tick, now)
    this.#next = now
    if (this.#count > 0) this.#wakeAt(this.#nearest())
  }

  #fire(tick: number, now: number): void {
    const at = tick % BUCKETS
    const bucket = this.#buckets[at]
    if (bucket === undefined || bucket.length === 0) return
    this.#buckets[at] = []
    for (const slot of bucket) {
      const due = this.#ticks[slot] ?? -1
      if (due >= now && due % BUCKETS === at) this.#buckets[at].push(slot)
      if (due === -1 || due >= now || due % BUCKETS !== at) continue
      this.remove(slot)
      this.#options.onDue(slot)
    }
  }

  /** The first bucket that holds anything, within a round. */
  #nearest(): number {
    for (let tick = this.#next; tick < this.#next + BUCKETS; tick += 1) {
      if ((this.#buckets[tick % BUCKETS]?.length ?? 0) > 0) return tick
    }
    return this.#next + BUCKETS - 1
  }
}

function tickOf(ms: number): number {
  return Math.floor(ms / BUCKET_MS)
}
