/**
 * One connected client: what it subscribes to, how far it has come in each topic, and whether it keeps up (WS-4). A
 * client that is behind gets nothing until most of what waits for it is gone; then its backlog, then the stream again.
 */

import { Backlog } from './backlog.ts'
import { encode, SharedFrame, type Format } from './codec.ts'
import type { ReplyFrame, ServerFrame, TopicFrame } from './frames.ts'
import type { StreamLimits } from './limits.ts'
import type { LiveJobJson } from '../../model/live.ts'
import type { StreamStats } from './stats.ts'
import type { TopicFeed } from './topic-feed.ts'

/** The way to a client, whatever it is made of. After its end every call does nothing. */
export interface Connection {
  /** `frame` is what the bytes say. */
  send(bytes: Uint8Array, frame: ServerFrame): void
  bufferedAmount(): number
  /** What is sent within goes out together. */
  batch(write: () => void): void
  close(code: number, reason: string): void
  keepAlive?(): void
}

export interface Subscription {
  readonly feed: TopicFeed
  /** The position that the client's last frame gave it; undefined until its snapshot. */
  seq: number | undefined
  backlog: Backlog | undefined
}

export interface ClientOptions {
  readonly connection: Connection
  readonly format: Format
  readonly limits: StreamLimits
  readonly stats: StreamStats
  readonly epoch: string
  /** Epoch ms from which on its token is good no more. */
  readonly expiresAt: number
}

export class Client {
  readonly connection: Connection
  readonly format: Format
  readonly expiresAt: number
  /** By topic. The first one is the first to be served when there is room again. */
  readonly subscriptions = new Map<string, Subscription>()
  readonly #options: ClientOptions
  /** When it fell behind, or last took enough; and what waited for it then. */
  #slowSince: { readonly at: number; readonly buffered: number } | undefined

  constructor(options: ClientOptions) {
    this.#options = options
    this.connection = options.connection
    this.format = options.format
    this.expiresAt = options.expiresAt
  }

  get #isBehind(): boolean {
    for (const { backlog } of this.subscriptions.values()) if (backlog !== undefined) return true
    return false
  }

  get #isFull(): boolean {
    return this.connection.bufferedAmount() > this.#options.limits.budgetBytes
  }

  get hasRoom(): boolean {
    return this.connection.bufferedAmount() <= this.#options.limits.resumeBytes
  }

  /** The next frames of a topic, in order. */
  offer(subscription: Subscription, frames: readonly SharedFrame[]): void {
    if (subscription.seq === undefined) return
    const [only] = frames
    // The usual tick: one frame goes out by itself, and a batch of one costs a client as much as the frame.
    if (only !== undefined && frames.length === 1) return this.#take(subscription, only)
    this.connection.batch(() => {
      for (const shared of frames) this.#take(subscription, shared)
    })
  }

  #take(subscription: Subscription, shared: SharedFrame): void {
    const { stats, limits } = this.#options
    if (subscription.backlog === undefined && (this.#isFull || this.#isBehind)) {
      subscription.backlog = new Backlog(subscription.seq ?? 0, limits.jobsPerDelta)
      stats.collapses += 1
    }
    if (subscription.backlog === undefined) this.#send(subscription, shared)
    else stats.conflatedEvents += subscription.backlog.add(shared.frame)
  }

  /** Ends whatever the topic had for the client before. */
  start(subscription: Subscription, snapshot: SharedFrame): void {
    subscription.backlog = undefined
    this.#send(subscription, snapshot)
  }

  /** Sends what was held back, as far as there is room. */
  catchUp(stateOf: (jobId: string) => LiveJobJson | undefined): void {
    if (!this.#isBehind || !this.hasRoom) return
    this.#slowSince = undefined
    this.connection.batch(() => {
      // Over a copy: a topic that does not finish is moved to the end.
      for (const subscription of Array.from(this.subscriptions.values())) this.#tell(subscription, stateOf)
    })
  }

  #tell(subscription: Subscription, stateOf: (jobId: string) => LiveJobJson | undefined): void {
    const { name: topic } = subscription.feed.topic
    const source = { topic, epoch: this.#options.epoch, newest: subscription.feed.seq, stateOf }
    while (subscription.backlog !== undefined) {
      if (this.#isFull) {
        // The other topics come first the next time.
        this.subscriptions.delete(topic)
        this.subscriptions.set(topic, subscription)
        return
      }
      const { frame, isLast } = subscription.backlog.next(source)
      if (isLast) subscription.backlog = undefined
      this.#send(subscription, new SharedFrame(frame))
    }
  }

  /** A pong or an error; a client that does not read gets none. */
  reply(frame: ReplyFrame): void {
    if (this.#isFull) return
    this.connection.send(encode(frame, this.format), frame)
    this.#options.stats.sent(frame.type, this.format)
  }

  /** True: it has been behind for too long without taking anything worth the name, or more is held for it than may be. */
  isStuck(now: number): boolean {
    const { drainMs, minDrainBytes, maxHeldEvents } = this.#options.limits
    let isWaiting = false
    for (const { backlog, seq } of this.subscriptions.values()) {
      if ((backlog?.heldEvents ?? 0) > maxHeldEvents) return true
      isWaiting ||= backlog !== undefined || seq === undefined
    }
    const buffered = this.connection.bufferedAmount()
    const since = isWaiting && !this.hasRoom ? (this.#slowSince ?? { at: now, buffered }) : undefined
    const isDue = since !== undefined && now - since.at >= drainMs
    this.#slowSince = isDue ? { at: now, buffered } : since
    return isDue && since.buffered - buffered < minDrainBytes
  }

  #send(subscription: Subscription, shared: SharedFrame): void {
    const frame: TopicFrame = shared.frame
    this.connection.send(shared.bytes(this.format), frame)
    subscription.seq = frame.seq
    this.#options.stats.sent(frame.type, this.format)
  }
}
