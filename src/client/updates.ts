/** A topic's updates for `for await`, with a bound: a reader that lags gets the newest states and every end instead. */

import type { TopicUpdate } from './mirror.ts'
import type { LiveJob } from './protocol.ts'

/** Ends kept for a reader that lags; it would have to sleep through so many to lose one. */
const MAX_ENDS = 10_000

export class Updates implements AsyncIterableIterator<TopicUpdate, void, void> {
  readonly #limit: number
  readonly #jobs: () => readonly LiveJob[]
  readonly #onReturn: () => void
  #queue: TopicUpdate[] = []
  /** Above 0: what was queued gave way to a snapshot, which is taken when it is read. */
  #leftOut = 0
  #waiting: ((result: IteratorResult<TopicUpdate, void>) => void)[] = []
  #isOver = false

  /** `limit`: updates that may wait. `jobs`: the topic's states now. */
  constructor(limit: number, jobs: () => readonly LiveJob[], onReturn: () => void) {
    this.#limit = limit
    this.#jobs = jobs
    this.#onReturn = onReturn
  }

  push(update: TopicUpdate): void {
    if (this.#isOver) return
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) return waiting({ done: false, value: update })
    if (this.#leftOut === 0 && this.#queue.length < this.#limit) {
      this.#queue.push(update)
      return
    }
    const ends = [...this.#queue, update].filter(isEnd).slice(-MAX_ENDS)
    this.#leftOut += this.#queue.length + 1 - ends.length
    this.#queue = ends
  }

  async next(): Promise<IteratorResult<TopicUpdate, void>> {
    if (this.#leftOut > 0) {
      const value: TopicUpdate = { type: 'snapshot', jobs: this.#jobs(), leftOut: this.#leftOut }
      this.#leftOut = 0
      return { done: false, value }
    }
    const value = this.#queue.shift()
    if (value !== undefined) return { done: false, value }
    if (this.#isOver) return { done: true, value: undefined }
    return await new Promise((resolve) => this.#waiting.push(resolve))
  }

  async return(): Promise<IteratorResult<TopicUpdate, void>> {
    this.end()
    this.#queue = []
    this.#leftOut = 0
    this.#onReturn()
    return { done: true, value: undefined }
  }

  /** What waits is read yet; then it is over. */
  end(): void {
    this.#isOver = true
    for (const waiting of this.#waiting.splice(0)) waiting({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

/** Removals are none: the snapshot before them says it, and told after it one could undo a job's return. */
function isEnd(update: TopicUpdate): boolean {
  return update.type === 'event' && (update.event.event === 'completed' || update.event.event === 'failed')
}
