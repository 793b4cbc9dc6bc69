/**
 * The policy in front of the job actors: XState's own mailboxes are unbounded and synchronous. Results are conflated to
 * the newest per job; control messages are never dropped and go first. Work is done in slices of a few milliseconds, so
 * that forty thousand results at once do not stop the event loop.
 */

import type { PollResult } from '../workers/protocol.ts'
import { isPushed } from './pushed.ts'

/** A slice ends after this long; what is left waits for the next turn of the event loop. */
const SLICE_MS = 5
/** The clock is read once per this many messages. */
const CLOCK_EVERY = 32

export interface MailboxOptions {
  readonly deliver: (result: PollResult) => void
  /** Monotonic milliseconds. */
  readonly monotonic: () => number
  /** Runs a function in a later turn of the event loop. */
  readonly defer: (run: () => void) => void
}

export class Mailbox {
  readonly #options: MailboxOptions
  readonly #newest = new Map<number, PollResult>()
  readonly #control: (() => void)[] = []
  #scheduled = false
  /** When the slice of this turn of the event loop ends; undefined before the first message of a turn. */
  #sliceEnd: number | undefined
  /** Results that a newer one of the same job replaced before they were read. */
  conflated = 0

  constructor(options: MailboxOptions) {
    this.#options = options
  }

  get depth(): number {
    return this.#newest.size + this.#control.length
  }

  /**
   * Delivered at once as far as the slice reaches; what is left waits. A port hands over up to a thousand messages in one
   * turn of the event loop: all of them share the turn's slice, or a burst would keep requests waiting for seconds. An answer
   * replaces a job's unread answer or error; an error never replaces an unread answer. What is left of two is the answer to a
   * poll if one of them was: that poll is over (POLL-10).
   */
  post(results: readonly PollResult[]): void {
    let next = 0
    if (this.depth === 0 && !this.#scheduled) {
      const end = this.#sliceOfTurn()
      for (; next < results.length; next += 1) {
        if (next % CLOCK_EVERY === 0 && this.#options.monotonic() >= end) break
        const result = results[next]
        if (result !== undefined) this.#options.deliver(result)
      }
    }
    for (; next < results.length; next += 1) {
      const result = results[next]
      if (result !== undefined) this.#keep(result)
    }
    if (this.depth > 0) this.#schedule()
  }

  /** Runs in order, before any waiting result. */
  control(run: () => void): void {
    this.#control.push(run)
    this.#schedule()
  }

  #sliceOfTurn(): number {
    if (this.#sliceEnd === undefined) {
      this.#sliceEnd = this.#options.monotonic() + SLICE_MS
      this.#options.defer(() => {
        this.#sliceEnd = undefined
      })
    }
    return this.#sliceEnd
  }

  #keep(result: PollResult): void {
    const unread = this.#newest.get(result.slot)
    if (unread === undefined) {
      this.#newest.set(result.slot, result)
      return
    }
    this.conflated += 1
    const kept = result.ok || !unread.ok ? result : unread
    this.#newest.set(result.slot, isPushed(result) && isPushed(unread) ? kept : asAsked(kept))
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#options.defer(() => {
      this.#scheduled = false
      this.#drain()
    })
  }

  #drain(): void {
    if (this.#scheduled) return
    for (let run = this.#control.shift(); run !== undefined; run = this.#control.shift()) run()
    const end = this.#options.monotonic() + SLICE_MS
    let read = 0
    for (const [slot, result] of this.#newest) {
      this.#newest.delete(slot)
      this.#options.deliver(result)
      read += 1
      if (read % CLOCK_EVERY === 0 && this.#options.monotonic() >= end) break
    }
    if (this.depth > 0) this.#schedule()
  }
}

function asAsked(result: PollResult): PollResult {
  if (!isPushed(result)) return result
  const { slot, ok, progress } = result
  return { slot, ok, progress }
}
