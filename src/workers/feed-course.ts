/**
 * The course of following one VMA's change feed (POLL-10): what an answer or a failure means, what is asked next, and what
 * may be told of what is held. No I/O; time and randomness are arguments.
 */

import type { FeedState } from '../model/feed-state.ts'
import { Followed } from '../model/followed.ts'
import { documentAt } from '../model/wire/changes.ts'
import { asChanges } from './feed-answer.ts'
import type { VmaAnswer } from './vma-client.ts'

/** Short: the empty answer at its end is the sign of life of every job that is held. */
const WAIT_MS = 2_000
/** What is held may be told for so long after the last whole answer; the next one has to be there by then. */
export const FRESH_MS = WAIT_MS + 1_500
/** A page ends before 1 MiB: some 2 500 jobs. */
const LIMIT = 2_500
const FIRST_RETRY_MS = 1_000
const MOST_RETRY_MS = 30_000
const ABSENT_RETRY_MS = 120_000
/** ± share of each delay: many OMAs may follow one VMA. */
const JITTER = 0.25
/** What a server that knows no such path says of it, besides 404. */
const NO_SUCH_PATH: ReadonlySet<number | undefined> = new Set([400, 405, 410, 501])

export interface FeedAsk {
  readonly afterMs: number
  /** Of the query. */
  readonly since: string
  readonly waitMs: number
  readonly limit: number
}

/** `VmaAnswer` of what is held: `receivedAt` is when it was told. */
export type HeldAnswer = VmaAnswer & { readonly receivedAt: number }

export class FeedCourse {
  readonly #mirror = new Followed()
  /** Told while the mirror was not whole. */
  readonly #unpushed = new Set<string>()
  #state: FeedState = 'starting'
  #failures = 0
  #serverTime = 0
  #receivedAt = 0
  /** When the mirror was last known to be whole. */
  #wholeAt = Number.NEGATIVE_INFINITY

  get state(): FeedState {
    return this.#state
  }

  /** The first question. */
  begin(): FeedAsk {
    return this.#ask(0, 0)
  }

  /**
   * What came for the last question. `changed`: keys whose jobs have news by now; empty as long as what is held is not whole.
   * `random` in 0..1.
   */
  heard(
    answer: VmaAnswer,
    at: number,
    random: number,
  ): { readonly changed: readonly string[]; readonly next: FeedAsk } {
    if (!answer.ok) {
      const { code, status } = answer.error
      const isNone =
        code === 'not_found' || (status !== undefined && (code === 'invalid_body' || NO_SUCH_PATH.has(status)))
      return { changed: [], next: this.#fail(isNone, random) }
    }
    const changes = asChanges(answer.body)
    if (changes === undefined) return { changed: [], next: this.#fail(true, random) }
    const before = this.#mirror.since
    const gone = this.#mirror.apply(changes)
    // A page that leads nowhere would be asked for for ever.
    if (changes.more && this.#mirror.since === before) return { changed: [], next: this.#fail(false, random) }
    this.#serverTime = Date.parse(changes.server_time)
    this.#receivedAt = at
    for (const { key } of changes.jobs) this.#unpushed.add(key)
    for (const key of gone) this.#unpushed.add(key)
    if (!changes.more) {
      this.#state = 'following'
      this.#failures = 0
      this.#wholeAt = at
    } else if (changes.full && this.#state !== 'broken') this.#state = 'starting'
    return { changed: this.#takeChanged(), next: this.#ask(0, changes.more ? 0 : WAIT_MS) }
  }

  /** Whether it may be told of what is held. A clock that went back says nothing. */
  isFresh(now: number): boolean {
    const age = now - this.#wholeAt
    return this.#state === 'following' && age >= 0 && age <= FRESH_MS
  }

  /** What the VMA would answer for a key, as of its last answer; undefined: it has to be asked. */
  answerFor(key: string, now: number): HeldAnswer | undefined {
    if (!this.isFresh(now)) return undefined
    const told = this.#mirror.get(key)
    const receivedAt = this.#receivedAt
    if (told !== undefined)
      return { ok: true, body: documentAt(key, told, this.#serverTime), date: undefined, receivedAt }
    const message = `the change feed does not know ${key}`.slice(0, 200)
    return { ok: false, error: { code: 'not_found', message }, receivedAt }
  }

  /** One odd answer while following is a fault; another one says that there is no feed (any more). */
  #fail(isNone: boolean, random: number): FeedAsk {
    const isAbsent = isNone && this.#state !== 'following'
    this.#state = isAbsent ? 'absent' : 'broken'
    this.#failures = isAbsent ? 0 : this.#failures + 1
    const delay = isAbsent
      ? ABSENT_RETRY_MS
      : Math.min(MOST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures - 1, 10))
    return this.#ask(Math.round(delay * (1 + JITTER * (2 * random - 1))), 0)
  }

  #ask(afterMs: number, waitMs: number): FeedAsk {
    return { afterMs, since: this.#mirror.since, waitMs, limit: LIMIT }
  }

  #takeChanged(): readonly string[] {
    if (this.#state !== 'following') return []
    const changed = [...this.#unpushed]
    this.#unpushed.clear()
    return changed
  }
}
