/**
 * What a client that is behind has yet to hear of one topic (WS-4): the ids of the jobs that changed, and the ends. The
 * states themselves are taken when they are sent, so it holds no more than names.
 *
 * Until all is told the client's position stays `from`, and every frame says so; the last frame is a delta (maybe an
 * empty one) that moves it to the topic's newest seq.
 */

import type { LiveJobJson } from '../../model/live.ts'
import type { DeltaFrame, EventFrame, EventName, TopicFrame } from './frames.ts'

const ENDS: ReadonlySet<EventName> = new Set(['completed', 'failed', 'removed'])

export interface BacklogSource {
  readonly topic: string
  readonly epoch: string
  /** The topic's newest seq, with the states as of it. */
  readonly newest: number
  readonly stateOf: (jobId: string) => LiveJobJson | undefined
}

export class Backlog {
  readonly #from: number
  readonly #jobsPerDelta: number
  /** Oldest first: a job that changes on and on does not push the others back. */
  readonly #jobs = new Set<string>()
  #ends: EventFrame[] = []
  /** The jobs of the removals among `#ends`: one each. */
  readonly #removed = new Set<string>()

  constructor(from: number, jobsPerDelta: number) {
    this.#from = from
    this.#jobsPerDelta = jobsPerDelta
  }

  get heldEvents(): number {
    return this.#ends.length
  }

  /** Returns how many events were left out for good. */
  add(frame: TopicFrame): number {
    if (frame.type === 'event') return this.#addEvent(frame)
    let leftOut = 0
    for (const { job_id: jobId } of frame.jobs) {
      // It came back: told now, the removal would undo its new state.
      if (this.#removed.has(jobId)) leftOut += this.#forgetRemoval(jobId)
      this.#jobs.add(jobId)
    }
    return leftOut
  }

  /** The next frame to send; `isLast`: then nothing is left. */
  next(source: BacklogSource): { readonly frame: TopicFrame; readonly isLast: boolean } {
    const [end] = this.#ends
    if (end === undefined) {
      const jobs = this.#take(this.#jobs, source)
      const isLast = this.#jobs.size === 0
      return { frame: this.#delta(source, isLast ? source.newest : this.#from, jobs), isLast }
    }
    // State first, here too.
    const states = this.#take(
      this.#ends.slice(0, this.#jobsPerDelta).map((event) => event.job_id),
      source,
    )
    if (states.length > 0) return { frame: this.#delta(source, this.#from, states), isLast: false }
    this.#ends.shift()
    if (end.event === 'removed') this.#removed.delete(end.job_id)
    return { frame: { ...end, seq: this.#from, from: this.#from }, isLast: false }
  }

  #addEvent(frame: EventFrame): number {
    if (!ENDS.has(frame.event)) return 1
    let leftOut = 0
    if (frame.event === 'removed') {
      // It came back and went again: one removal, the last, says both.
      if (this.#removed.has(frame.job_id)) leftOut = this.#forgetRemoval(frame.job_id)
      this.#jobs.delete(frame.job_id)
      this.#removed.add(frame.job_id)
    }
    this.#ends.push(frame)
    return leftOut
  }

  /** Returns how many events that leaves out. */
  #forgetRemoval(jobId: string): number {
    this.#removed.delete(jobId)
    const before = this.#ends.length
    this.#ends = this.#ends.filter((end) => end.event !== 'removed' || end.job_id !== jobId)
    return before - this.#ends.length
  }

  #take(candidates: Iterable<string>, { stateOf }: BacklogSource): DeltaFrame['jobs'] {
    const states: LiveJobJson[] = []
    for (const jobId of candidates) {
      if (states.length >= this.#jobsPerDelta) break
      const state = this.#jobs.delete(jobId) ? stateOf(jobId) : undefined
      if (state !== undefined) states.push(state)
    }
    return states
  }

  #delta({ topic, epoch }: BacklogSource, seq: number, jobs: DeltaFrame['jobs']): DeltaFrame {
    return { type: 'delta', topic, epoch, seq, from: this.#from, jobs }
  }
}
