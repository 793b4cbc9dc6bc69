/**
 * The topics that are followed now, found by name or by job. A topic begins with its first subscriber and ends some
 * time after its last; one that begins anew starts above every seq that was ever given out, so that a position of its
 * former life is never taken for one of this.
 */

import type { StreamLimits } from './limits.ts'
import { TopicFeed } from './topic-feed.ts'
import { ALL_JOBS, type Topic } from './topics.ts'

export class Feeds {
  readonly #epoch: string
  readonly #limits: StreamLimits
  readonly #byName = new Map<string, TopicFeed>()
  readonly #byJob = new Map<string, TopicFeed>()
  readonly #byVm = new Map<string, TopicFeed>()
  #highest = 0

  constructor(epoch: string, limits: StreamLimits) {
    this.#epoch = epoch
    this.#limits = limits
  }

  get size(): number {
    return this.#byName.size
  }

  /** The position of the topic `jobs`; while nobody follows it, one that is sure to get a snapshot. */
  get seq(): number {
    return this.get(ALL_JOBS.name)?.seq ?? this.#highest
  }

  get(name: string): TopicFeed | undefined {
    return this.#byName.get(name)
  }

  all(): Iterable<TopicFeed> {
    return this.#byName.values()
  }

  /** Asked for every change of every job: three look-ups, and one when there are no clients at all. */
  wants(jobId: string, vmName: string): boolean {
    if (this.#byName.size === 0) return false
    return this.#byName.has(ALL_JOBS.name) || this.#byJob.has(jobId) || this.#byVm.has(vmName)
  }

  /** The topics that a job belongs to. */
  of(jobId: string, vmName: string): readonly TopicFeed[] {
    const feeds = [this.#byName.get(ALL_JOBS.name), this.#byJob.get(jobId), this.#byVm.get(vmName)]
    return feeds.filter((feed) => feed !== undefined)
  }

  /** Makes room for `count` topics by ending those that nobody subscribes to, oldest first. */
  makeRoom(count: number): boolean {
    let excess = this.size + count - this.#limits.maxTopics
    for (const feed of this.#byName.values()) {
      if (excess <= 0) break
      if (feed.idleSince === undefined) continue
      this.#drop(feed)
      excess -= 1
    }
    return excess <= 0
  }

  open(topic: Topic): TopicFeed {
    const known = this.#byName.get(topic.name)
    if (known !== undefined) return known
    this.#highest += 1
    const feed = new TopicFeed(topic, this.#epoch, this.#highest, this.#limits)
    this.#byName.set(topic.name, feed)
    if (topic.kind === 'job') this.#byJob.set(topic.jobId, feed)
    if (topic.kind === 'vm') this.#byVm.set(topic.vmName, feed)
    return feed
  }

  /** Ends topics that have been without subscribers for long enough. Returns how many. */
  sweep(now: number): number {
    let dropped = 0
    for (const feed of this.#byName.values()) {
      if (feed.idleSince === undefined || now - feed.idleSince < this.#limits.lingerMs) continue
      this.#drop(feed)
      dropped += 1
    }
    return dropped
  }

  #drop({ topic, seq }: TopicFeed): void {
    this.#highest = Math.max(this.#highest, seq)
    this.#byName.delete(topic.name)
    if (topic.kind === 'job') this.#byJob.delete(topic.jobId)
    if (topic.kind === 'vm') this.#byVm.delete(topic.vmName)
  }
}
