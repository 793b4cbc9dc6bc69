/**
 * How fast one transfer's bytes move, from a small ring of recent points (VERDICT-1, ETA-1). Times are epoch ms: the
 * source's own update time where it says one, so that what the network does to an answer is no change of speed.
 *
 *   point    time and bytes at a moment when bytes had just moved, at least `WINDOW_MS` after the point before
 *   window   what lies between two points: bytes moved over time passed, so its rate is never 0
 *   head     the newest observation; from the last point to it lies the open window
 *
 * The recent rate is the median of the last windows, not their mean: a sparse disk that skips 20 GiB of holes between
 * two reports, or a pause of half a minute, is one window of five and moves nothing. It follows a real change in 20 to 30 s.
 */

/** A rate from less than this would be the rounding of `last_update` to whole seconds. Two reports of migratekit are more. */
const OPEN_WINDOW_LEAST_MS = 3_000
/** Five reports of migratekit (one each 2 s): the rounding to whole seconds is a tenth at most. */
const WINDOW_MS = 10_000
/** Points kept: 31 windows, five minutes of a transfer that moves. */
const CAPACITY = 32
/** The recent rate is these windows' median. */
const RECENT_WINDOWS = 5
/** A minute of history before it is called usual: else the first burst out of a cache makes all that follows slow. */
const USUAL_LEAST_WINDOWS = 6
/** No byte for this long: the transfer stands still, whatever its rate was (VERDICT-1). */
export const STALLED_MS = 60_000
/** Skew from a Date header of whole seconds makes one source time waver by a second; more is a clock that was set back. */
const JITTER_MS = 2_000
/** Of ten windows the two slowest and the two fastest lie outside the bounds. */
const BOUND_SHARE = 0.2

/** Bytes per second. `null` is unknown; 0 says that nothing moves. */
export interface RateSummary {
  readonly bps: number | null
  readonly lowBps: number | null
  readonly highBps: number | null
  /** Median of all windows; null without a minute of history. */
  readonly usualBps: number | null
  /** When the last byte moved; the first observation until one has. */
  readonly movedAt: number
}

/** Sorted rates; one for all rings, as none is asked while another is. */
const scratch = new Float64Array(CAPACITY)

/**
 * One transfer's ring: 512 bytes of points, about 1 kB of heap with the object and its array's head. Observing writes
 * two numbers (0.1 µs); each tenth second or so 31 numbers are sorted (1 µs). Nothing is allocated but the summary.
 */
export class RateRing {
  /** Time, bytes, time, bytes, … */
  readonly #points = new Float64Array(2 * CAPACITY)
  #next = 0
  #count = 0
  #headAt = 0
  #headBytes = 0
  #movedAt = 0
  #run: string | undefined
  /** Over all closed windows, reckoned when one closes. */
  #usual = 0
  #low = 0
  #high = 0

  get byteLength(): number {
    return this.#points.byteLength
  }

  /** When the source was last heard of. */
  get headAt(): number {
    return this.#headAt
  }

  /**
   * One accepted observation. A repeated one changes nothing. Another run, or fewer bytes, starts over; a clock that
   * was set back takes the history with it.
   */
  observe(at: number, bytes: number, run?: string): void {
    if (this.#isNewRun(run) || bytes < this.#headBytes) this.#count = 0
    if (run !== undefined) this.#run = run
    if (this.#count === 0) {
      this.#begin(at, bytes)
      return
    }
    if (at < this.#headAt - JITTER_MS) this.#shift(at - this.#headAt)
    this.#headAt = Math.max(this.#headAt, at)
    if (bytes === this.#headBytes) return
    this.#headBytes = bytes
    this.#movedAt = this.#headAt
    if (this.#headAt - this.#timeAt(1) >= WINDOW_MS) this.#close()
  }

  summary(): RateSummary {
    const movedAt = this.#movedAt
    const usualBps = this.#windows >= USUAL_LEAST_WINDOWS ? this.#usual : null
    if (this.#headAt - movedAt >= STALLED_MS) return { bps: 0, lowBps: 0, highBps: 0, usualBps, movedAt }
    const bps = this.#recent()
    if (bps === undefined) return { bps: null, lowBps: null, highBps: null, usualBps, movedAt }
    // One window proves little: half to double, two thirds at two, and so on.
    const doubt = 1 + 1 / Math.max(1, this.#windows)
    const lowBps = Math.min(bps / doubt, this.#windows > 0 ? this.#low : bps)
    const highBps = Math.max(bps * doubt, this.#high)
    return { bps, lowBps, highBps, usualBps, movedAt }
  }

  /** Closed windows. */
  get #windows(): number {
    return Math.max(0, this.#count - 1)
  }

  #isNewRun(run: string | undefined): boolean {
    return run !== undefined && this.#run !== undefined && run !== this.#run
  }

  /** The start counts as a move: a transfer that never moves is stalled a minute after it began. */
  #begin(at: number, bytes: number): void {
    this.#next = 0
    this.#low = 0
    this.#high = 0
    this.#headAt = at
    this.#headBytes = bytes
    this.#movedAt = at
    this.#push()
  }

  #push(): void {
    this.#points[2 * this.#next] = this.#headAt
    this.#points[2 * this.#next + 1] = this.#headBytes
    this.#next = (this.#next + 1) % CAPACITY
    this.#count = Math.min(CAPACITY, this.#count + 1)
  }

  #close(): void {
    this.#push()
    const count = this.#windows
    for (let back = 1; back <= count; back += 1) insert(this.#rateOf(back), back - 1)
    this.#usual = quantile(count, 0.5)
    this.#low = quantile(count, BOUND_SHARE)
    this.#high = quantile(count, 1 - BOUND_SHARE)
  }

  /** Durations stay what they were. */
  #shift(ms: number): void {
    for (let back = 1; back <= this.#count; back += 1) {
      const at = this.#indexOf(back)
      this.#points[at] = (this.#points[at] ?? 0) + ms
    }
    this.#headAt += ms
    this.#movedAt += ms
  }

  #recent(): number | undefined {
    let count = 0
    const openMs = this.#headAt - this.#timeAt(1)
    const openBytes = this.#headBytes - this.#bytesAt(1)
    if (openMs >= OPEN_WINDOW_LEAST_MS && openBytes > 0) {
      insert((openBytes * 1_000) / openMs, count)
      count += 1
    }
    for (let back = 1; back <= this.#windows && count < RECENT_WINDOWS; back += 1) {
      insert(this.#rateOf(back), count)
      count += 1
    }
    return count === 0 ? undefined : quantile(count, 0.5)
  }

  /** Of the closed window that lies `back` windows ago; 1 is the newest. */
  #rateOf(back: number): number {
    const ms = this.#timeAt(back) - this.#timeAt(back + 1)
    return ((this.#bytesAt(back) - this.#bytesAt(back + 1)) * 1_000) / ms
  }

  #timeAt(back: number): number {
    return this.#points[this.#indexOf(back)] ?? 0
  }

  #bytesAt(back: number): number {
    return this.#points[this.#indexOf(back) + 1] ?? 0
  }

  /** Of the point that is the `back`th newest; 1 is the newest. */
  #indexOf(back: number): number {
    return 2 * ((this.#next - back + CAPACITY) % CAPACITY)
  }
}

/** Puts `rate` into its place among the first `count` of `scratch`. */
function insert(rate: number, count: number): void {
  let at = count
  while (at > 0 && (scratch[at - 1] ?? 0) > rate) {
    scratch[at] = scratch[at - 1] ?? 0
    at -= 1
  }
  scratch[at] = rate
}

/** Of the first `count` of `scratch`, between neighbours in proportion. */
function quantile(count: number, share: number): number {
  const place = (count - 1) * share
  const below = Math.floor(place)
  const low = scratch[below] ?? 0
  const high = scratch[Math.min(count - 1, below + 1)] ?? low
  return low + (high - low) * (place - below)
}
