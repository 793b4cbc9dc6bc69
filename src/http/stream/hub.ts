/**
 * The stream's heart: takes changes, gathers them, and tells every client what it has not heard (WS-1 … WS-4).
 *
 * For each job that some topic covers it knows the state that was told last; what is sent is the difference to that, so
 * a snapshot and the deltas after it fit together whatever happens between two flushes. Of jobs that nobody follows it
 * knows nothing and asks nothing: without clients a change costs one look-up.
 */

import type { LiveJobJson } from '../../model/live.ts'
import type { LiveChange, LiveStates } from '../ports.ts'
import { Client, type Connection } from './client.ts'
import type { Format, SharedFrame } from './codec.ts'
import { changedFields, type JobDelta } from './differ.ts'
import { Feeds } from './feeds.ts'
import { missedSince } from './frame-log.ts'
import type { EventName, Position } from './frames.ts'
import { STREAM_LIMITS, type StreamLimits } from './limits.ts'
import { Pending, type PendingJob } from './pending.ts'
import { StreamStats, type StreamStatsJson } from './stats.ts'
import type { EventBody, TopicFeed } from './topic-feed.ts'
import type { Topic } from './topics.ts'

/** Close codes: going away as RFC 6455 has it; the others are ours, of the range for applications. */
export const GOING_AWAY = 1001
export const TOKEN_EXPIRED = 4401
export const TOO_SLOW = 4408

const TICK_MS = 1_000

export interface HubTimers {
  /** Epoch ms. */
  now(): number
  setTimeout(work: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
}

export interface HubOptions {
  readonly epoch: string
  readonly live: LiveStates
  readonly timers: HubTimers
  readonly rfc3339: (at: number) => string
  readonly limits?: Partial<StreamLimits>
}

interface Batch {
  readonly jobs: JobDelta[]
  readonly events: EventBody[]
}

export class Hub {
  readonly stats = new StreamStats()
  readonly #options: HubOptions
  readonly #limits: StreamLimits
  readonly #feeds: Feeds
  readonly #pending = new Pending()
  readonly #clients = new Set<Client>()
  /** Job → its state as it was told last, of exactly the jobs that some topic covers. */
  readonly #told = new Map<string, LiveJobJson>()
  readonly #stateOf = (jobId: string): LiveJobJson | undefined => this.#told.get(jobId)
  #flushTimer: unknown
  #flushAt = Infinity
  #flushedAt = -Infinity
  #tickTimer: unknown
  #kept = 0
  #isClosed = false

  constructor(options: HubOptions) {
    this.#options = options
    this.#limits = { ...STREAM_LIMITS, ...options.limits }
    this.#feeds = new Feeds(options.epoch, this.#limits)
  }

  get epoch(): string {
    return this.#options.epoch
  }

  /** The position of the topic `jobs`: whoever read all live states just now can subscribe since it. */
  get seq(): number {
    return this.#feeds.seq
  }

  get isOpen(): boolean {
    return !this.#isClosed && this.#clients.size < this.#limits.maxClients
  }

  read(): StreamStatsJson {
    return this.stats.read({ clients: this.#clients.size, topics: this.#feeds.size })
  }

  /** A job changed; its state is read when it is told. */
  change(jobId: string, vmName: string, change: LiveChange): void {
    if (!this.#feeds.wants(jobId, vmName)) return
    this.#pending.add(jobId, vmName, change)
    this.#flushWithin(this.#limits.gatherMs)
  }

  /** `expiresAt`: epoch ms; within a tick after it the client is closed (WS-5). */
  attach(connection: Connection, format: Format, expiresAt = Infinity): Client {
    const { stats, epoch } = this
    const client = new Client({ connection, format, limits: this.#limits, stats, epoch, expiresAt })
    this.#clients.add(client)
    this.#tickSoon()
    return client
  }

  /** The connection is gone, or is to be forgotten. */
  detach(client: Client): void {
    if (!this.#clients.delete(client)) return
    const now = this.#options.timers.now()
    for (const { feed } of client.subscriptions.values()) feed.remove(client, now)
    client.subscriptions.clear()
  }

  /** Returns why not, in a sentence; then nothing has changed. */
  subscribe(client: Client, topics: readonly Topic[], since?: Position | null): string | undefined {
    const isNew = ({ name }: Topic): boolean => !client.subscriptions.has(name)
    if (client.subscriptions.size + topics.filter(isNew).length > this.#limits.maxTopicsPerClient) {
      return `more than ${this.#limits.maxTopicsPerClient} topics on one connection`
    }
    if (!this.#makeRoom(topics)) return `more than ${this.#limits.maxTopics} topics in all`
    for (const topic of topics) this.#subscribe(client, this.#feeds.open(topic), since)
    return undefined
  }

  unsubscribe(client: Client, topics: readonly Topic[]): void {
    for (const { name } of topics) {
      client.subscriptions.get(name)?.feed.remove(client, this.#options.timers.now())
      client.subscriptions.delete(name)
    }
  }

  /** The connection took some of what waited. */
  drained(client: Client): void {
    client.catchUp(this.#stateOf)
    for (const { seq } of client.subscriptions.values()) if (seq === undefined && client.hasRoom) this.#snapshotSoon()
  }

  /** Tells every client that the service goes, and takes none any more. */
  close(): void {
    this.#isClosed = true
    const { timers } = this.#options
    timers.clearTimeout(this.#flushTimer)
    timers.clearTimeout(this.#tickTimer)
    for (const client of this.#clients) this.#end(client, GOING_AWAY, 'the service is going away')
  }

  #subscribe(client: Client, feed: TopicFeed, since: Position | null | undefined): void {
    const missed = missedSince(feed.log, this.epoch, since)
    const seq = missed === undefined ? undefined : since?.seq
    const subscription = { feed, seq, backlog: undefined }
    client.subscriptions.set(feed.topic.name, subscription)
    feed.subscribers.set(client, subscription)
    feed.idleSince = undefined
    if (missed === undefined) {
      feed.awaiting.add(client)
      this.#snapshotSoon()
    } else {
      feed.awaiting.delete(client)
      client.offer(subscription, missed)
    }
  }

  #makeRoom(topics: readonly Topic[]): boolean {
    const before = this.#feeds.size
    const isThere = this.#feeds.makeRoom(topics.filter(({ name }) => this.#feeds.get(name) === undefined).length)
    if (this.#feeds.size < before) this.#forgetUncovered()
    return isThere
  }

  #end(client: Client, code: number, reason: string): void {
    this.detach(client)
    client.connection.close(code, reason)
  }

  /** At once, but never more than one flush in the gathering time: of a thousand who come back together all get one. */
  #snapshotSoon(): void {
    this.#flushWithin(Math.max(0, this.#flushedAt + this.#limits.gatherMs - this.#options.timers.now()))
  }

  #flushWithin(ms: number): void {
    const { timers } = this.#options
    const at = timers.now() + ms
    if (this.#isClosed || at >= this.#flushAt) return
    timers.clearTimeout(this.#flushTimer)
    this.#flushAt = at
    this.#flushTimer = timers.setTimeout(() => this.#flush(), ms)
  }

  #flush(): void {
    this.#flushAt = Infinity
    this.#flushedAt = this.#options.timers.now()
    const batches = new Map<TopicFeed, Batch>()
    for (const [jobId, job] of this.#pending.take()) this.#gather(jobId, job, batches)
    for (const [feed, { jobs, events }] of batches) feed.publish(jobs, events)
    for (const feed of this.#feeds.all()) if (feed.awaiting.size > 0) this.#sendSnapshots(feed)
  }

  #gather(jobId: string, job: PendingJob, batches: Map<TopicFeed, Batch>): void {
    const feeds = this.#feeds.of(jobId, job.vmName)
    if (feeds.length === 0) return
    const before = this.#told.get(jobId)
    const after = job.events.has('removed') ? undefined : this.#options.live.get(jobId)
    if (after !== undefined) this.#told.set(jobId, after)
    else if (job.events.has('removed')) this.#told.delete(jobId)
    const delta = after === undefined || before === undefined ? wholeOf(after) : changedFields(before, after)
    const events = [...job.events].map((event) => this.#event(event, jobId, job.vmName, after ?? before))
    for (const feed of feeds) {
      let batch = batches.get(feed)
      if (batch === undefined) batches.set(feed, (batch = { jobs: [], events: [] }))
      if (delta !== undefined) batch.jobs.push(delta)
      batch.events.push(...events)
    }
  }

  #event(event: EventName, jobId: string, vmName: string, state: LiveJobJson | undefined): EventBody {
    const { rfc3339, timers } = this.#options
    const body = { event, job_id: jobId, vm_name: vmName, at: rfc3339(timers.now()) }
    if (state === undefined) return body
    const { status, current_operation, error_message } = state
    return { ...body, status, current_operation, ...(event === 'failed' ? { error_message } : {}) }
  }

  #sendSnapshots(feed: TopicFeed): void {
    let snapshot: SharedFrame | undefined
    for (const client of feed.awaiting) {
      const subscription = feed.subscribers.get(client)
      if (subscription === undefined || !client.hasRoom) continue
      snapshot ??= feed.snapshot(this.#statesOf(feed.topic))
      feed.awaiting.delete(client)
      client.start(subscription, snapshot)
    }
  }

  /** As they were told last: what changed since then comes by delta. */
  #statesOf(topic: Topic): LiveJobJson[] {
    if (topic.kind === 'job') return this.#stateToTell(topic.jobId)
    const refs = [...this.#options.live.refs()]
    const covered = topic.kind === 'jobs' ? refs : refs.filter(({ vmName }) => vmName === topic.vmName)
    return covered.flatMap(({ jobId }) => this.#stateToTell(jobId))
  }

  #stateToTell(jobId: string): LiveJobJson[] {
    const state = this.#told.get(jobId) ?? this.#options.live.get(jobId)
    if (state === undefined) return []
    this.#told.set(jobId, state)
    return [state]
  }

  /** Runs while there is anybody to look after. */
  #tickSoon(): void {
    if (this.#isClosed) return
    this.#tickTimer ??= this.#options.timers.setTimeout(() => {
      this.#tickTimer = undefined
      this.#tick()
      if (this.#clients.size > 0 || this.#feeds.size > 0) this.#tickSoon()
    }, TICK_MS)
  }

  #tick(): void {
    const now = this.#options.timers.now()
    const keeps = now - this.#kept >= this.#limits.keepAliveMs
    if (keeps) this.#kept = now
    for (const client of this.#clients) {
      if (client.expiresAt <= now) {
        this.stats.expiredClosed += 1
        this.#end(client, TOKEN_EXPIRED, 'the token has expired')
        continue
      }
      this.drained(client)
      if (client.isStuck(now)) {
        this.stats.slowClosed += 1
        this.#end(client, TOO_SLOW, 'too slow: what waited was not taken in time')
      } else if (keeps) client.connection.keepAlive?.()
    }
    if (this.#feeds.sweep(now) > 0) this.#forgetUncovered()
  }

  #forgetUncovered(): void {
    for (const [jobId, { vm_name }] of this.#told) if (!this.#feeds.wants(jobId, vm_name)) this.#told.delete(jobId)
  }
}

function wholeOf(state: LiveJobJson | undefined): JobDelta | undefined {
  return state === undefined ? undefined : { ...state }
}
