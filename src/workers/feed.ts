/**
 * One VMA whose change feed is followed (POLL-10): asks for changes without end, and answers polls with what is held as
 * long as that is fresh, over HTTP otherwise. The fetcher can't tell the one from the other.
 */

import type { FeedState } from '../model/feed-state.ts'
import { FeedCourse, FRESH_MS, type FeedAsk } from './feed-course.ts'
import type { KeyClient } from './fetcher.ts'
import type { VmaAnswer } from './vma-client.ts'

/** Keys that are told of in one turn: a listing of 100 000 would stop the thread for seconds. */
const AT_ONCE = 250
/** Between two requests that may wait: a VMA that does not wait must not be asked without end. Ours gathers for longer. */
const LEAST_GAP_MS = 20

/** Asks a path beside the limit of POLL-9. */
export interface PathClient {
  ask(path: string, timeoutMs: number, done: (answer: VmaAnswer) => void): void
  close(): void
}

export interface FeedOptions {
  /** For what is not held. */
  readonly polls: KeyClient
  readonly client: PathClient
  /** For an answer that does not wait for anything. */
  readonly timeoutMs: number
  readonly now: () => number
  readonly random: () => number
  /** Jobs with these keys have news, which `get` answers at once. */
  readonly onChanged: (keys: readonly string[]) => void
  readonly onState: (state: FeedState) => void
}

export class Feed implements KeyClient {
  readonly #options: FeedOptions
  readonly #course = new FeedCourse()
  #told: FeedState = 'starting'
  #timer: NodeJS.Timeout | undefined
  #next: FeedAsk
  #isOut = false
  #sentAt = 0
  #isClosed = false

  constructor(options: FeedOptions) {
    this.#options = options
    this.#next = this.#course.begin()
  }

  /** Asks now: at the start, and when the VMA is back. */
  follow(): void {
    if (this.#isOut || this.#isClosed) return
    clearTimeout(this.#timer)
    this.#send()
  }

  /** What was asked over HTTP before the feed was there may be older than what is held: then that is the answer. */
  get(key: string, done: (answer: VmaAnswer) => void, trace?: string): void {
    const held = this.#held(key)
    if (held === undefined) this.#options.polls.get(key, (answer) => done(this.#held(key) ?? answer), trace)
    else done(held)
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#options.client.close()
  }

  #held(key: string): VmaAnswer | undefined {
    return this.#course.answerFor(key, this.#options.now())
  }

  #send(): void {
    const { client, timeoutMs } = this.#options
    const { since, waitMs, limit } = this.#next
    const query = new URLSearchParams({ limit: String(limit), wait: String(waitMs), ...(since !== '' && { since }) })
    this.#isOut = true
    this.#sentAt = this.#options.now()
    client.ask(`/api/v1/progress/changes?${query.toString()}`, waitMs > 0 ? FRESH_MS : timeoutMs, (answer) =>
      this.#heard(answer),
    )
  }

  #heard(answer: VmaAnswer): void {
    this.#isOut = false
    if (this.#isClosed) return
    const { now, random } = this.#options
    const at = now()
    const { changed, next } = this.#course.heard(answer, at, random())
    this.#next = next
    const gapMs = next.waitMs === 0 ? 0 : Math.min(LEAST_GAP_MS, this.#sentAt + LEAST_GAP_MS - at)
    const delayMs = Math.max(next.afterMs, gapMs)
    // The next request is on its way before the work on this answer begins.
    if (delayMs <= 0) this.#send()
    else this.#timer = setTimeout(() => this.#send(), delayMs)
    this.#tellState()
    this.#tellChanged(changed, 0)
  }

  #tellState(): void {
    const { state } = this.#course
    if (state === this.#told) return
    this.#told = state
    this.#options.onState(state)
  }

  #tellChanged(changed: readonly string[], from: number): void {
    if (from >= changed.length || this.#isClosed || !this.#course.isFresh(this.#options.now())) return
    this.#options.onChanged(from === 0 && changed.length <= AT_ONCE ? changed : changed.slice(from, from + AT_ONCE))
    if (from + AT_ONCE < changed.length) setImmediate(() => this.#tellChanged(changed, from + AT_ONCE))
  }
}
