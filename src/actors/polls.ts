/**
 * The regular polls of all jobs: asked when they are due, and kept from the machines as long as nothing comes of them. A
 * machine that waits without errors goes waiting → polling → waiting with each good answer and is as before but for its
 * times; 5 000 times a second that is most of what a poll costs. So it is told of a poll only when that failed or ended
 * the job; the contact it missed is told before the next event (Job.send).
 */

import type { ActorClock } from '../machines/clock.ts'
import type { PollingContext } from '../machines/polling.ts'
import { nextDue, pollOffset } from '../model/schedule.ts'
import { DueWheel } from './due-wheel.ts'
import type { Job } from './job.ts'

/** A request that is out for less than this still comes to its end by itself: 10 s, waiting for its turn included. */
const REQUEST_MOST_MS = 30_000
/**
 * A job that its VMA's feed tells of is asked for this often, from what the thread holds (POLL-10): for its contact, and
 * for what only time or silence changes.
 */
const FED_INTERVAL_MS = 10_000
/** But so often within the contact timeout that a feed that breaks has not used much of it up. */
const WITHIN_CONTACT_TIMEOUT = 8

interface Told {
  readonly context: PollingContext
}

export interface PollsOptions {
  readonly now: () => number
  readonly monotonic: () => number
  readonly clock: ActorClock
  readonly jobAt: (slot: number) => Job | undefined
  /** The way to the threads. */
  readonly ask: (slot: number) => void
  /** What a job's poll throws is that job's alone (RECOVER-2): the wheel turns for all. */
  readonly guard: (job: Job, work: () => void) => void
  /** The job's VMA tells of it by itself at present (POLL-10). */
  readonly isFed: (job: Job) => boolean
}

export class Polls {
  readonly #options: PollsOptions
  readonly #wheel: DueWheel
  /** Whose machine hears just now of a poll that was under way already. */
  #catchingUp: Job | undefined

  constructor(options: PollsOptions) {
    this.#options = options
    this.#wheel = new DueWheel({ ...options, onDue: (slot) => this.#due(slot) })
  }

  /** What the machines tell the runtime to do. */
  readonly actions = {
    /** The job waits for its next place in the interval. */
    schedule: ({ context: { slot, dueAt } }: Told): void => {
      const job = this.#options.jobAt(slot)
      if (job !== undefined) this.#wait(job, dueAt, this.#options.now())
    },
    unschedule: ({ context }: Told): void => this.forget(context.slot),
    /** Out of turn, or again after an error. One request at a time: what is still out answers for both. */
    ask: ({ context }: Told): void => {
      const job = this.#options.jobAt(context.slot)
      if (job !== undefined && job !== this.#catchingUp) this.#ask(job)
    },
  }

  /** The job waits no more. What is in flight answers for something else than its place. */
  forget(slot: number): void {
    const job = this.#options.jobAt(slot)
    if (job !== undefined) job.isOutRegularly = false
    this.#wheel.remove(slot)
  }

  /**
   * A good answer that leaves the machine as it is: true, and its machine need not hear of it. One that was pushed is not the
   * answer to a poll that is out: that one comes.
   */
  passOver(job: Job, at: number, pushed: boolean): boolean {
    if (!job.isRegular) return false
    if (pushed && job.isOutRegularly) return true
    job.isOutRegularly = false
    this.#wait(job, this.#nextPlace(job, at), at)
    return true
  }

  /** The feed that told of the job is broken: it is asked for at its own place in the interval again. */
  unfeed(job: Job, at: number): void {
    if (!job.isRegular || job.isOutRegularly || this.#options.isFed(job)) return
    const dueAt = this.#nextPlace(job, at)
    if (dueAt < job.regularDueAt) this.#wait(job, dueAt, at)
  }

  /** Something came of a regular poll: its machine hears that it was due. */
  catchUp(job: Job, at: number): void {
    if (!job.isOutRegularly) return
    this.#catchingUp = job
    try {
      job.send({ type: 'DUE', at })
    } finally {
      this.#catchingUp = undefined
    }
  }

  stop(): void {
    this.#wheel.stop()
  }

  /**
   * While it is fed: half an interval away at least, so that jobs that are pushed often are never asked for. But a row that
   * was written too recently to tell of what was pushed is told of it by the next poll.
   */
  #nextPlace(job: Job, at: number): number {
    const { offsetMs, policy } = job.polling
    const { intervalMs, contactTimeoutMs } = policy
    if (!this.#options.isFed(job)) return nextDue(at, offsetMs, intervalMs)
    const fedMs = Math.min(FED_INTERVAL_MS, Math.floor(contactTimeoutMs / WITHIN_CONTACT_TIMEOUT))
    const place =
      fedMs <= intervalMs
        ? nextDue(at, offsetMs, intervalMs)
        : nextDue(at + fedMs / 2, pollOffset(job.jobId, fedMs), fedMs)
    return Math.min(place, Math.max(at, job.owedAt ?? place))
  }

  #wait(job: Job, dueAt: number, now: number): void {
    job.regularDueAt = dueAt
    this.#wheel.add(job.slot, dueAt - now)
  }

  #due(slot: number): void {
    const job = this.#options.jobAt(slot)
    if (job === undefined || !job.isWaiting) return
    job.isOutRegularly = true
    this.#options.guard(job, () => this.#ask(job))
  }

  #ask(job: Job): void {
    const now = this.#options.now()
    if (job.askedAt > 0 && now - job.askedAt < REQUEST_MOST_MS) return
    job.askedAt = now
    this.#options.ask(job.slot)
  }
}
