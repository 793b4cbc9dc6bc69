/**
 * Requests that wait for a change (VMA-11). Nobody is answered at the change itself: what comes within `gatherMs` of it goes in
 * one answer to everyone who waits, so that the number of answers does not grow with that of changes.
 */

export interface PollTimers {
  set(work: () => void, ms: number): unknown
  clear(timer: unknown): void
}

const REAL_TIMERS: PollTimers = {
  set: setTimeout,
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

export interface LongPollLimits {
  readonly gatherMs: number
  readonly maxWaiting: number
}

const LIMITS: LongPollLimits = { gatherMs: 30, maxWaiting: 64 }

interface Waiter {
  readonly answer: () => void
  readonly timer: unknown
}

export class LongPolls {
  readonly #limits: LongPollLimits
  readonly #timers: PollTimers
  /** For the next change. */
  readonly #idle = new Set<Waiter>()
  /** For the end of the present gathering. */
  readonly #gathering = new Set<Waiter>()
  #gatherTimer: unknown
  #isClosed = false

  constructor(limits: Partial<LongPollLimits> = {}, timers: PollTimers = REAL_TIMERS) {
    this.#limits = { ...LIMITS, ...limits }
    this.#timers = timers
  }

  get waiting(): number {
    return this.#idle.size + this.#gathering.size
  }

  get isFull(): boolean {
    return this.waiting >= this.#limits.maxWaiting
  }

  get maxWaiting(): number {
    return this.#limits.maxWaiting
  }

  /** Something changed. */
  changed(): void {
    if (this.#idle.size === 0) return
    for (const waiter of this.#idle) this.#gathering.add(waiter)
    this.#idle.clear()
    this.#gather()
  }

  /**
   * Calls `answer` once: soon when `hasNews`, else soon after the next change; after `ms` and at `close` in any case. Returns
   * what forgets it.
   */
  wait(ms: number, hasNews: boolean, answer: () => void): () => void {
    if (this.#isClosed) {
      answer()
      return () => undefined
    }
    const waiter: Waiter = { answer, timer: this.#timers.set(() => this.#answer(waiter), ms) }
    if (hasNews) {
      this.#gathering.add(waiter)
      this.#gather()
    } else this.#idle.add(waiter)
    return () => void this.#forget(waiter)
  }

  /** Everyone is answered with what there is, and from now on at once. */
  close(): void {
    this.#isClosed = true
    for (const waiter of [...this.#idle, ...this.#gathering]) this.#answer(waiter)
  }

  #gather(): void {
    this.#gatherTimer ??= this.#timers.set(() => {
      this.#gatherTimer = undefined
      for (const waiter of this.#gathering) this.#answer(waiter)
    }, this.#limits.gatherMs)
  }

  #answer(waiter: Waiter): void {
    if (this.#forget(waiter)) waiter.answer()
  }

  #forget(waiter: Waiter): boolean {
    if (!this.#idle.delete(waiter) && !this.#gathering.delete(waiter)) return false
    this.#timers.clear(waiter.timer)
    if (this.#gathering.size === 0 && this.#gatherTimer !== undefined) {
      this.#timers.clear(this.#gatherTimer)
      this.#gatherTimer = undefined
    }
    return true
  }
}
