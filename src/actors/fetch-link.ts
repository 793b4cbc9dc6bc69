/**
 * The way to the fetch threads. Polls that fall due together (due-wheel.ts) leave in one message; results come back in small
 * chunks as they finish. A thread that dies is replaced: its jobs are told to the new one, its polls in flight asked again.
 */

import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { Piscina } from 'piscina'
import type { PollError } from '../model/errors.ts'
import { feedOver, type FeedState } from '../model/feed-state.ts'
import { isPushed } from './pushed.ts'
import { Seats } from './seats.ts'
import type {
  FetchSettings,
  FetchTarget,
  FetchTask,
  FromFetch,
  PollResult,
  RequestFigures,
  ThreadFigures,
  ToFetch,
} from '../workers/protocol.ts'

const BATCH_MAX = 128
/** A thread that dies at once is not restarted in a tight loop. */
const RESTART_MS = 500

export interface FetchLinkOptions {
  readonly pool: Piscina
  readonly threads: number
  readonly settings: FetchSettings
  readonly onResults: (results: readonly PollResult[]) => void
  readonly onProbed: (vma: number, error: PollError | undefined) => void
  readonly onRestart: (thread: number, cause: unknown) => void
  /** A VMA's feed began or ceased to tell one thread of its jobs. */
  readonly onFeed: (vma: number) => void
}

export class FetchLink {
  readonly #options: FetchLinkOptions
  readonly #lanes: readonly Lane[]

  constructor(options: FetchLinkOptions) {
    this.#options = options
    this.#lanes = sharesOf(options.settings.maxConcurrent, options.threads).map(
      (maxConcurrent, thread) => new Lane(thread, { ...options, settings: { ...options.settings, maxConcurrent } }),
    )
  }

  track(targets: readonly FetchTarget[]): void {
    for (const lane of this.#lanes) {
      const own = targets.filter((target) => this.#laneOf(target.slot) === lane)
      if (own.length > 0) lane.track(own)
    }
  }

  untrack(slot: number): void {
    this.#laneOf(slot)?.untrack(slot)
  }

  ask(slot: number): void {
    this.#laneOf(slot)?.ask(slot)
  }

  /** One thread asks for all. */
  probe(vma: number): void {
    this.#lanes[0]?.probe(vma)
  }

  /** The VMA is back: whoever does not follow its feed asks for it now. */
  follow(vma: number): void {
    for (const lane of this.#lanes) lane.follow(vma)
  }

  /** The VMA's feed tells of the job on this slot. */
  isFed(slot: number, vma: number): boolean {
    return this.#laneOf(slot)?.feeds[vma] === 'following'
  }

  /** Each VMA's feed, over all threads. */
  get feeds(): readonly (FeedState | 'off')[] {
    return this.#options.settings.vmas.map((_, vma) => feedOver(this.#lanes.flatMap((lane) => lane.feeds[vma] ?? [])))
  }

  /** Polls that were asked and have no result yet. */
  get inFlight(): number {
    return this.#lanes.reduce((total, lane) => total + lane.inFlight, 0)
  }

  /** Threads that died and are not back yet. */
  get threadsDown(): number {
    return this.#lanes.filter((lane) => lane.isDown).length
  }

  /** How each thread did when it last told; undefined while it has not. */
  get threads(): readonly (ThreadFigures | undefined)[] {
    return this.#lanes.map(({ figures }) => figures.thread)
  }

  /** Requests to each VMA, over all threads, as they told last. */
  get requests(): readonly RequestFigures[] {
    return this.#options.settings.vmas.map((_, vma) => {
      const told = this.#lanes.flatMap(({ figures }) => figures.vmas[vma] ?? [])
      const sum = (of: keyof RequestFigures): number => told.reduce((total, each) => total + each[of], 0)
      return { inFlight: sum('inFlight'), waiting: sum('waiting') }
    })
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()))
  }

  #laneOf(slot: number): Lane | undefined {
    return this.#lanes[slot % this.#lanes.length]
  }
}

/** A set of small numbers that many come to and go from all the time: a Set would make its table anew every few thousand. */
class SlotSet {
  readonly #has: boolean[] = []
  size = 0

  add(slot: number): void {
    if (this.#has[slot] !== true) this.size += 1
    this.#has[slot] = true
  }

  delete(slot: number): void {
    if (this.#has[slot] === true) this.size -= 1
    this.#has[slot] = false
  }

  slots(): number[] {
    return this.#has.flatMap((has, slot) => (has ? [slot] : []))
  }
}

/** POLL-9 limits requests to a VMA over all threads: each gets its share, and one that would get none is not used. */
export function sharesOf(maxConcurrent: number, threads: number): readonly number[] {
  const used = Math.min(threads, maxConcurrent)
  return Array.from({ length: used }, (_, i) => Math.floor((maxConcurrent + i) / used))
}

const NO_FIGURES = { thread: undefined, vmas: [] } as const

class Lane {
  readonly #thread: number
  readonly #options: FetchLinkOptions
  readonly #seats = new Seats()
  readonly #asked = new SlotSet()
  /** By VMA; empty where no feed is to be followed. */
  feeds: FeedState[]
  figures: { readonly thread: ThreadFigures | undefined; readonly vmas: readonly RequestFigures[] } = NO_FIGURES
  readonly #probed = new Set<number>()
  #batch: number[] = []
  #flushing: NodeJS.Immediate | undefined
  #restart: NodeJS.Timeout | undefined
  #port: MessagePort
  #served: Promise<void>
  #closing = false

  constructor(thread: number, options: FetchLinkOptions) {
    this.#thread = thread
    this.#options = options
    this.feeds = this.#noFeeds()
    ;[this.#port, this.#served] = this.#serve()
  }

  get inFlight(): number {
    return this.#asked.size
  }

  get isDown(): boolean {
    return this.#restart !== undefined
  }

  track(targets: readonly FetchTarget[]): void {
    this.#post({ type: 'track', targets: targets.map((target) => this.#seats.take(target)) })
  }

  untrack(slot: number): void {
    if (!this.#seats.leave(slot)) return
    this.#asked.delete(slot)
    this.#post({ type: 'untrack', slots: [slot] })
  }

  ask(slot: number): void {
    this.#asked.add(slot)
    this.#batch.push(slot)
    if (this.#batch.length >= BATCH_MAX) this.#flush()
    else this.#flushing ??= setImmediate(() => this.#flush())
  }

  probe(vma: number): void {
    this.#probed.add(vma)
    this.#post({ type: 'probe', vma })
  }

  follow(vma: number): void {
    this.#post({ type: 'follow', vma })
  }

  async close(): Promise<void> {
    this.#closing = true
    clearImmediate(this.#flushing)
    clearTimeout(this.#restart)
    this.#post({ type: 'close' })
    await this.#served
    this.#port.close()
  }

  #flush(): void {
    clearImmediate(this.#flushing)
    this.#flushing = undefined
    if (this.#batch.length === 0) return
    this.#post({ type: 'poll', slots: this.#batch })
    this.#batch = []
  }

  #post(message: ToFetch): void {
    this.#port.postMessage(message)
  }

  #serve(): [MessagePort, Promise<void>] {
    const { port1, port2 } = new MessageChannel()
    port1.on('message', (message: FromFetch) => this.#hear(message))
    const task: FetchTask = { port: port2, settings: this.#options.settings }
    const served = this.#options.pool.run(task, { transferList: [port2] }).then(
      () => {},
      (cause: unknown) => this.#died(port1, cause),
    )
    return [port1, served]
  }

  #hear(message: FromFetch): void {
    if (message.type === 'probed') {
      this.#probed.delete(message.vma)
      this.#options.onProbed(message.vma, message.error)
      return
    }
    if (message.type === 'figures') {
      this.figures = message
      return
    }
    if (message.type === 'feed') {
      this.feeds[message.vma] = message.state
      this.#options.onFeed(message.vma)
      return
    }
    const results = this.#seats.unpack(message.whole, message.numbers)
    for (const result of results) if (!isPushed(result)) this.#asked.delete(result.slot)
    this.#options.onResults(results)
  }

  #died(port: MessagePort, cause: unknown): void {
    port.close()
    if (this.#closing) return
    this.#options.onRestart(this.#thread, cause)
    this.figures = NO_FIGURES
    this.feeds = this.#noFeeds()
    this.feeds.forEach((_, vma) => this.#options.onFeed(vma))
    this.#restart = setTimeout(() => {
      this.#restart = undefined
      ;[this.#port, this.#served] = this.#serve()
      this.#post({ type: 'track', targets: this.#seats.all() })
      this.#batch = this.#asked.slots()
      this.#flush()
      for (const vma of this.#probed) this.#post({ type: 'probe', vma })
    }, RESTART_MS)
  }

  #noFeeds(): FeedState[] {
    const { vmas, feed } = this.#options.settings
    return feed ? vmas.map(() => 'starting') : []
  }
}
