/** One topic as its followers see it: the states, whether they are true now, and every update. */

import { TopicMirror, type TopicUpdate } from './mirror.ts'
import type { LiveJob, Position, TopicFrame } from './protocol.ts'
import { Updates } from './updates.ts'

const UPDATES_LIMIT = 1_000

export type UpdateListener = (update: TopicUpdate) => void
export type Unlisten = () => void

export class TopicView {
  readonly name: string
  readonly #mirror = new TopicMirror()
  readonly #listeners = new Set<UpdateListener>()
  readonly #readers = new Set<Updates>()
  readonly #now: () => number
  readonly #isConnected: () => boolean
  readonly #onUnfollowed: () => void

  /** Made by SightlineClient.topic. */
  constructor(name: string, now: () => number, isConnected: () => boolean, onUnfollowed: () => void) {
    this.name = name
    this.#now = now
    this.#isConnected = isConnected
    this.#onUnfollowed = onUnfollowed
  }

  /** By job id. A value is replaced when the job changes, so `===` tells whether it did. */
  get jobs(): ReadonlyMap<string, LiveJob> {
    return this.#mirror.jobs
  }

  get position(): Position | undefined {
    return this.#mirror.position
  }

  /** All of the topic is here, the connection stands, and nothing that was missed is outstanding. */
  get isLive(): boolean {
    return this.position !== undefined && !this.#mirror.isBehind && this.#isConnected()
  }

  /**
   * Seconds to add to the `*_age_seconds` of a job that is held: ages are told when something else changes and grow by
   * themselves between.
   */
  secondsSinceTold(jobId: string): number {
    const at = this.#mirror.heardAt(jobId)
    return at === undefined ? 0 : Math.max(0, this.#now() - at) / 1_000
  }

  /** Every update as it comes. What is here already is told at once, as a snapshot. */
  onUpdate(listener: UpdateListener): Unlisten {
    this.#listeners.add(listener)
    if (this.position !== undefined) listener(this.#snapshot())
    return () => void this.#listeners.delete(listener)
  }

  /**
   * For `for await`. A reader that is more than `limit` updates behind gets a snapshot of the newest states instead of
   * what waited, and every completed and failed.
   */
  updates(limit = UPDATES_LIMIT): AsyncIterableIterator<TopicUpdate, void, void> {
    const reader: Updates = new Updates(
      limit,
      () => [...this.jobs.values()],
      () => void this.#readers.delete(reader),
    )
    this.#readers.add(reader)
    if (this.position !== undefined) reader.push(this.#snapshot())
    return reader
  }

  /** Ends the subscription, the listeners and the readers. */
  unfollow(): void {
    this.end()
    this.#onUnfollowed()
  }

  /** @internal */
  end(): void {
    this.#listeners.clear()
    for (const reader of this.#readers) reader.end()
    this.#readers.clear()
  }

  /** @internal False: a frame is missing, the topic has to be asked for anew. */
  hear(frame: TopicFrame): boolean {
    const update = this.#mirror.hear(frame, this.#now())
    if (update === 'gap') return false
    if (update === undefined) return true
    for (const listener of this.#listeners) listener(update)
    for (const reader of this.#readers) reader.push(update)
    return true
  }

  #snapshot(): TopicUpdate {
    return { type: 'snapshot', jobs: [...this.jobs.values()], leftOut: 0 }
  }
}
