/** One topic that is followed: its sequence of frames and who gets them. */

import { SharedFrame } from './codec.ts'
import type { Client, Subscription } from './client.ts'
import type { JobDelta } from './differ.ts'
import { FrameLog } from './frame-log.ts'
import type { DeltaFrame, EventFrame, SnapshotFrame } from './frames.ts'
import type { StreamLimits } from './limits.ts'
import type { Topic } from './topics.ts'

/** An event before a topic counts it. */
export type EventBody = Omit<EventFrame, 'type' | 'topic' | 'epoch' | 'seq' | 'from'>

export class TopicFeed {
  readonly topic: Topic
  readonly log: FrameLog
  readonly subscribers = new Map<Client, Subscription>()
  /** Subscribers that wait for their snapshot. */
  readonly awaiting = new Set<Client>()
  /** Since when nobody subscribes to it; undefined while somebody does. */
  idleSince: number | undefined
  readonly #epoch: string
  readonly #jobsPerDelta: number

  constructor(topic: Topic, epoch: string, base: number, limits: StreamLimits) {
    this.topic = topic
    this.#epoch = epoch
    this.#jobsPerDelta = limits.jobsPerDelta
    this.log = new FrameLog(base, topic.kind === 'jobs' ? limits.jobsLog : limits.otherLog)
  }

  get seq(): number {
    return this.log.newest
  }

  /** State first, then events, always: whoever hears of an event has the state after it. */
  publish(jobs: readonly JobDelta[], events: readonly EventBody[]): void {
    const { name: topic } = this.topic
    const epoch = this.#epoch
    let { seq } = this
    const frames: SharedFrame[] = []
    for (let at = 0; at < jobs.length; at += this.#jobsPerDelta) {
      seq += 1
      const some = jobs.slice(at, at + this.#jobsPerDelta)
      frames.push(new SharedFrame({ type: 'delta', topic, epoch, seq, jobs: some } satisfies DeltaFrame))
    }
    for (const event of events) {
      seq += 1
      frames.push(new SharedFrame({ type: 'event', topic, epoch, seq, ...event } satisfies EventFrame))
    }
    for (const [client, subscription] of this.subscribers) client.offer(subscription, frames)
    for (const frame of frames) this.log.push(frame)
  }

  snapshot(jobs: SnapshotFrame['jobs']): SharedFrame {
    return new SharedFrame({ type: 'snapshot', topic: this.topic.name, epoch: this.#epoch, seq: this.seq, jobs })
  }

  remove(client: Client, now: number): void {
    this.subscribers.delete(client)
    this.awaiting.delete(client)
    if (this.subscribers.size === 0) this.idleSince = now
  }
}
