/**
 * Follows one target until there is an outcome: the job's end, nothing left to run, or nobody who can tell any more. Shows what comes
 * on the way. Time is monotonic milliseconds.
 */

import type { ConnectionState, LiveJob, SightlineClient, TopicUpdate, TopicView, Unlisten } from '../../client/index.ts'
import { formatDuration } from '../../model/units.ts'
import { isTerminal } from '../../model/words.ts'
import { EXIT } from '../exit-codes.ts'
import type { Connection } from './connection.ts'
import { faultOf, reasonOf, refusal } from './faults.ts'
import { lost, refused, type Outcome } from './outcome.ts'
import type { Show } from './show.ts'
import { standingOf, topicOf, type Target } from './target.ts'

export interface WatchingOptions {
  readonly client: SightlineClient
  readonly connection: Connection
  readonly target: Target
  readonly show: Show
  readonly untilIdle: boolean
  /** So long without the OMA, or without a job that should be followed, is lost. */
  readonly timeoutMs: number
  readonly now: () => number
}

const LOOK_MS = 500
/** Between two questions whether a job that is not followed is over, or not begun. */
const ASK_EVERY_MS = 2_000

export class Watching {
  readonly outcome: Promise<Outcome>
  readonly #options: WatchingOptions
  readonly #settle: (outcome: Outcome) => void
  readonly #view: TopicView
  readonly #unlisten: Unlisten[]
  readonly #timer: NodeJS.Timeout
  #state: ConnectionState = { name: 'idle' }
  /** When all was heard, last. */
  #liveAt: number
  /** When a job of the target was live, last. */
  #presentAt: number
  #askAt = 0
  #asking = false
  #failed = 0

  constructor(options: WatchingOptions) {
    const { client, target, now } = options
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    this.outcome = promise
    this.#settle = resolve
    this.#options = options
    this.#liveAt = this.#presentAt = now()
    this.#view = client.topic(topicOf(target))
    this.#unlisten = [
      client.onConnection((state) => this.#connected(state)),
      this.#view.onUpdate((update) => this.#heard(update)),
    ]
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
  }

  get jobs(): ReadonlyMap<string, LiveJob> {
    return this.#view.jobs
  }

  get isLive(): boolean {
    return this.#view.isLive
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** Seconds since everything was heard; 0 while it is. */
  get staleFor(): number {
    return this.isLive ? 0 : (this.#options.now() - this.#liveAt) / 1_000
  }

  agedBy(jobId: string): number {
    return this.#view.secondsSinceTold(jobId)
  }

  close(): void {
    clearInterval(this.#timer)
    for (const unlisten of this.#unlisten) unlisten()
  }

  #connected(state: ConnectionState): void {
    const { url, token } = this.#options.connection
    this.#state = state
    this.#options.show.connection(state)
    if (state.name === 'unauthorized') this.#settle(refused(refusal(url, token)))
  }

  /** A job's end is judged by its event: its last state came before. */
  #heard(update: TopicUpdate): void {
    this.#options.show.update(update)
    if (update.type === 'event' && update.event.event === 'failed') this.#failed += 1
    if (update.type !== 'delta') this.#look()
  }

  #look(): void {
    const { now, timeoutMs, target, untilIdle, connection } = this.#options
    if (!this.isLive) {
      if (now() - this.#liveAt <= timeoutMs) return
      const reason = this.#state.name === 'reconnecting' ? this.#state.reason : 'no answer'
      return this.#settle(lost(`no OMA at ${connection.url} for ${formatDuration(timeoutMs)}: ${reason}`))
    }
    this.#liveAt = now()
    const running = [...this.jobs.values()].some(({ status }) => !isTerminal(status))
    if (running) this.#presentAt = now()
    else if (target.kind !== 'all') void this.#ask(target)
    else if (untilIdle) this.#settle(this.#idle())
  }

  #idle(): Outcome {
    const why = this.#failed === 0 ? 'no job is running' : `no job is running; ${this.#failed} failed meanwhile`
    return { name: 'idle', code: this.#failed === 0 ? EXIT.ok : EXIT.failed, why }
  }

  /** No job of the target runs: it is over, or not followed yet. */
  async #ask(target: Exclude<Target, { kind: 'all' }>): Promise<void> {
    const { now, client, timeoutMs, connection } = this.#options
    if (this.#asking || now() < this.#askAt) return
    this.#asking = true
    try {
      const standing = await standingOf(client.rest, target, this.jobs)
      if (standing === 'unknown') this.#settle(lost(unknownText(target)))
      else if (standing !== 'pending') this.#settle(standing)
      else if (now() - this.#presentAt > timeoutMs)
        this.#settle(lost(`${nameOf(target)} is not followed, for ${formatDuration(timeoutMs)}`))
    } catch (error) {
      const { code, sentence } = faultOf(error, connection)
      if (code === EXIT.refused) this.#settle(refused(sentence))
      else if (now() - this.#presentAt > timeoutMs) this.#settle(lost(`${nameOf(target)}: ${reasonOf(error)}`))
    } finally {
      this.#asking = false
      this.#askAt = now() + ASK_EVERY_MS
    }
  }
}

function nameOf(target: Target): string {
  if (target.kind === 'all') return 'all jobs'
  return target.kind === 'job' ? target.id : target.name
}

function unknownText(target: Exclude<Target, { kind: 'all' }>): string {
  return target.kind === 'job' ? `there is no job ${target.id} any more` : `the VM ${target.name} has no job`
}
