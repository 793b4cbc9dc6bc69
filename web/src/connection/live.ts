/**
 * All that a signed-in page holds: the client, the fleet as the stream tells it, the connection's truth. Changes wait for
 * the next frame of the screen, however many of them come. Without DOM: the screen and the clock are handed in.
 */

import type { ConnectionState, EventFrame, LiveJob, TopicUpdate, TopicView } from '../../../src/client/index.ts'
import { SightlineClient } from '../../../src/client/index.ts'
import { Emitter } from '../model/emitter.ts'
import { Fleet } from '../model/fleet.ts'
import type { Context } from '../model/state.ts'
import { RollingSeries } from '../model/series.ts'
import { totalsOf } from '../model/totals.ts'
import { ClockOffset } from './clock-offset.ts'
import { allContexts } from './contexts.ts'
import { heardBy } from './heard-by.ts'
import { News } from './news.ts'
import { truthOf, type Truth } from './truth.ts'

export interface Surroundings {
  readonly url: string
  /** Epoch ms. */
  readonly now: () => number
  /** Runs it with the next frame of the screen. */
  readonly frame: (work: () => void) => void
  readonly every: (ms: number, work: () => void) => () => void
  readonly fetch: typeof fetch
}

/** Changes that are taken over in one frame: the first thousands of a large fleet are not one long task. */
const AT_ONCE = 1_000
const CHART_SECONDS = 600
const TICK_MS = 1_000
/** A point of the fleet's chart each so many ticks. */
const TICKS_A_POINT = 2
/** The list of VMs is read anew after so many ticks, and this soon after a job began or ended. */
const TICKS_A_LIST = 60
const TICKS_AFTER_NEWS = 3

export class Live {
  readonly client: SightlineClient
  readonly fleet = new Fleet()
  readonly series = new RollingSeries(CHART_SECONDS)
  readonly changed = new Emitter()
  readonly linked = new Emitter()
  readonly ticked = new Emitter()
  readonly told = new Set<(event: EventFrame) => void>()
  readonly news = new News()
  readonly #around: Surroundings
  readonly #offset = new ClockOffset()
  readonly #topic: TopicView
  readonly #stops: (() => void)[]
  #pending = new Map<string, LiveJob | undefined>()
  #pendingContexts = new Map<string, Context | undefined>()
  #isAskedFor = false
  #toldAt: number
  #heardAt: number
  #trueAt: number | undefined
  #ticks = 0
  #listInTicks = 0
  #isListing = false
  #listFault: string | undefined

  constructor(around: Surroundings, token: string, onRefused: (reason: string) => void) {
    this.#around = around
    this.#toldAt = around.now()
    const watching = this.#offset.watching(around.fetch, around.now)
    this.#heardAt = this.#toldAt
    const codec = heardBy(() => this.#hearAny())
    this.client = new SightlineClient({ url: around.url, token, fetch: watching, codec })
    this.#topic = this.client.topic('jobs')
    this.#stops = [
      this.#topic.onUpdate((update) => this.#hear(update)),
      this.client.onConnection((state) => this.#link(state, onRefused)),
      around.every(TICK_MS, () => this.#tick()),
    ]
    void this.#list()
  }

  /** Everything that is true now is on the screen, or will be with the next frame. */
  get #isLive(): boolean {
    return this.#topic.isLive && this.#pending.size <= AT_ONCE
  }

  /** Epoch ms by the OMA's clock: what its times are compared with. */
  get serverNow(): number {
    return this.#offset.at(this.#around.now())
  }

  /** Until when spans are counted: now, or when the numbers were true last. */
  get shownAt(): number {
    return this.#offset.at(this.truth.asOf ?? this.#around.now())
  }

  get truth(): Truth {
    const { connection } = this.client
    const facts = {
      connection,
      isLive: this.#isLive,
      heardAt: this.#heardAt,
      trueAt: this.#trueAt,
      toldAt: this.#toldAt,
    }
    return truthOf(facts, this.#around.now())
  }

  /** Why the list of VMs could not be read the last time. */
  get listFault(): string | undefined {
    return this.#listFault
  }

  /** Seconds to add to the ages that a job came with. */
  secondsSinceTold(jobId: string): number {
    return this.#topic.secondsSinceTold(jobId)
  }

  close(): void {
    for (const stop of this.#stops) stop()
    this.client.close()
  }

  /** Whatever was heard says that all before it was true until now. */
  #hearAny(): void {
    this.#heardAt = this.#around.now()
    if (this.#isLive) this.#trueAt = this.#heardAt
  }

  #hear(update: TopicUpdate): void {
    if (update.type === 'snapshot') this.#replace(update.jobs)
    else if (update.type === 'delta') for (const job of update.jobs) this.#pending.set(job.job_id, job)
    else this.#hearEvent(update.event)
    if (this.#isLive) this.#trueAt = this.#around.now()
    this.#ask()
  }

  /** A snapshot says of every job that is known whether it is still there. */
  #replace(jobs: readonly LiveJob[]): void {
    this.#pending = new Map(this.fleet.jobIds.map((id) => [id, undefined]))
    for (const job of jobs) this.#pending.set(job.job_id, job)
    this.#listSoon()
  }

  #hearEvent(event: EventFrame): void {
    if (event.event === 'removed') this.#pending.set(event.job_id, undefined)
    if (event.event !== 'stage') this.#listSoon()
    this.news.hear(event)
    for (const listener of this.told) listener(event)
  }

  #listSoon(): void {
    this.#listInTicks = Math.min(this.#listInTicks, TICKS_AFTER_NEWS)
  }

  #ask(): void {
    if (this.#isAskedFor) return
    this.#isAskedFor = true
    this.#around.frame(() => this.#take())
  }

  #take(): void {
    if (!this.#isAskedFor) return
    this.#isAskedFor = false
    const contexts = takeFrom(this.#pendingContexts, AT_ONCE)
    this.fleet.applyContexts(contexts)
    this.fleet.apply(takeFrom(this.#pending, AT_ONCE - contexts.length))
    this.changed.tell()
    if (this.#pending.size + this.#pendingContexts.size > 0) this.#ask()
  }

  #link(state: ConnectionState, onRefused: (reason: string) => void): void {
    this.#toldAt = this.#around.now()
    if (state.name === 'live' && this.#isLive) this.#trueAt = this.#toldAt
    if (state.name === 'live') this.#listSoon()
    if (state.name === 'unauthorized') onRefused(state.reason)
    this.linked.tell()
  }

  #tick(): void {
    this.#ticks += 1
    // A page in the background has no frames: its chart goes on all the same.
    this.#take()
    if (this.#ticks % TICKS_A_POINT === 0) this.#addPoint()
    this.#listInTicks -= 1
    const { name } = this.truth
    // Away it is, as everything: that is told once, and not of each request.
    if (this.#listInTicks <= 0 && (name === 'live' || name === 'starting')) void this.#list()
    this.ticked.tell()
  }

  #addPoint(): void {
    const rate = this.truth.name === 'live' ? totalsOf(this.fleet.rows.values()).bytesPerSecond : null
    this.series.add(this.#around.now() / 1_000, rate)
  }

  async #list(): Promise<void> {
    if (this.#isListing) return
    this.#isListing = true
    this.#listInTicks = TICKS_A_LIST
    try {
      const contexts = await allContexts(this.client.rest)
      this.#pendingContexts = new Map(this.fleet.contextIds.map((id) => [id, undefined]))
      for (const context of contexts) this.#pendingContexts.set(context.context_id, context)
      this.#listFault = undefined
    } catch (error) {
      this.#listFault = error instanceof Error ? error.message : String(error)
      this.#listInTicks = TICKS_AFTER_NEWS
    } finally {
      this.#isListing = false
      this.#ask()
    }
  }
}

/** Takes the first ones out. */
function takeFrom<K, V>(map: Map<K, V>, most: number): readonly (readonly [K, V])[] {
  const part = [...map].slice(0, most)
  for (const [key] of part) map.delete(key)
  return part
}
