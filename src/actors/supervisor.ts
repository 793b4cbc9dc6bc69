/**
 * Keeps one polling actor per active job: adopts, delivers what the threads answer, writes what is due, ends, lets go.
 * Decisions are the machines' and the model's; here they meet the batchers.
 */

import type { ActorClock } from '../machines/clock.ts'
import type { EndResult, JobTarget } from '../db/ports.ts'
import { isBackward, nextStatus } from '../machines/lifecycle.ts'
import { pollingMachine, type PollingMachine, type PollingPolicy } from '../machines/polling.ts'
import { POLL_ERRORS, type PollError } from '../model/errors.ts'
import type { JobProgress } from '../model/progress.ts'
import { writeReason, type WriteReason } from '../model/throttle.ts'
import { formatDuration } from '../model/units.ts'
import { isTerminal, type JobStatus } from '../model/words.ts'
import type { FetchTarget, PollResult } from '../workers/protocol.ts'
import { Job } from './job.ts'
import type { JobChange, Publisher } from './publisher.ts'
import { Registry } from './registry.ts'
import { jobEnd, progressRow, writableOf, type EndCause } from './rows.ts'
import type { WriteBatcher } from './write-batcher.ts'

/** How long an ended job stays in the live state, so that a GUI sees its end. */
const LINGER_MS = 60_000
/** A poll without a result for this long was lost on the way (a thread that misbehaves): it is failed, not waited for. */
const LOST_POLL_MS = 120_000

export interface SupervisorOptions {
  readonly policy: PollingPolicy
  readonly now: () => number
  readonly random: () => number
  readonly clock?: ActorClock
  /** Index of the VMA that a job is asked of. */
  readonly vmaOf: (target: JobTarget) => number
  readonly fetch: {
    track(targets: readonly FetchTarget[]): void
    untrack(slot: number): void
    ask(slot: number): void
  }
  readonly writes: Pick<WriteBatcher, 'row' | 'end' | 'forget'>
  readonly publisher: Publisher
  readonly events: SupervisorEvents
}

export interface SupervisorEvents {
  readonly onPoll: (job: Job, lateMs: number, error: PollError | undefined) => void
  readonly onWrite: (reason: WriteReason) => void
  readonly onBackward: (job: Job, saw: JobStatus) => void
  readonly onUnknownWord: (job: Job, word: string) => void
}

export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #machine: PollingMachine
  readonly jobs = new Registry()

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#machine = pollingMachine.provide({
      actions: {
        ask: ({ context }) => this.#ask(context.slot),
        lose: ({ context }) => this.#lose(context.slot),
      },
    })
  }

  /** Takes on the jobs that are not known yet; reads the plan of known ones again. Returns how many were new. */
  adopt(targets: readonly JobTarget[]): number {
    const { now, policy, clock, vmaOf, fetch } = this.#options
    const added: Job[] = []
    const changed: Job[] = []
    for (const target of targets) {
      const known = this.jobs.get(target.jobId)
      if (known !== undefined) {
        if (this.#replan(known, target)) changed.push(known)
        continue
      }
      const options = { slot: this.jobs.nextSlot(), vma: vmaOf(target), adoptedAt: now(), policy }
      const job = new Job(target, this.#machine, clock === undefined ? options : { ...options, clock })
      this.jobs.add(job)
      added.push(job)
    }
    fetch.track([...added, ...changed].map(fetchTarget))
    for (const job of added) {
      job.actor.start()
      this.#publish(job, 'adopted')
    }
    return added.length
  }

  /** The job is no longer ours: another writer ended it, or its row is gone. */
  release(job: Job): void {
    job.actor.send({ type: 'STOP' })
    this.#options.writes.forget(job.jobId)
    this.#remove(job)
  }

  /** Polls at once, whatever the schedule says (API-4). */
  pollNow(jobId: string): boolean {
    const job = this.jobs.get(jobId)
    if (job === undefined || job.phase !== 'live') return false
    job.actor.send({ type: 'POLL_NOW', at: this.#options.now() })
    return true
  }

  deliver(result: PollResult): void {
    const job = this.jobs.at(result.slot)
    if (job === undefined || job.phase !== 'live') return
    const at = this.#options.now()
    job.askedAt = 0
    const late = at - job.actor.getSnapshot().context.dueAt
    this.#options.events.onPoll(job, late, result.ok ? undefined : result.error)
    if (result.ok) this.#accept(job, result.progress, at)
    else this.#refuse(job, result.error, at)
  }

  /** Called with each discovery: ends what lingered long enough, and finds polls that were lost on the way. */
  sweep(): void {
    const now = this.#options.now()
    for (const job of this.jobs.all()) {
      if (job.phase === 'ended' && now - (job.completedAt ?? 0) >= LINGER_MS) this.#remove(job)
      else if (job.askedAt > 0 && now - job.askedAt > LOST_POLL_MS) {
        this.deliver({ slot: job.slot, ok: false, error: { code: 'timeout', message: 'the poll was lost on the way' } })
      }
    }
  }

  /** The end stands in the database. */
  ended(jobId: string, result: EndResult): void {
    const job = this.jobs.get(jobId)
    if (job === undefined) return
    if (result.outcome === 'gone') this.#remove(job)
    else job.phase = 'ended'
  }

  /** The end could not be written and was given up: discovery finds the job again. */
  abandoned(jobId: string): void {
    const job = this.jobs.get(jobId)
    if (job?.phase === 'ending') this.#remove(job)
  }

  stop(): void {
    for (const job of this.jobs.all()) job.actor.stop()
  }

  #accept(job: Job, progress: JobProgress, at: number): void {
    const before = { status: job.status, operation: job.operation }
    job.progress = progress
    job.contactAt = at
    job.lastError = undefined
    this.#advance(job, progress)
    const terminal = isTerminal(job.status)
    const change: JobChange =
      job.status !== before.status ? 'status' : job.operation !== before.operation ? 'stage' : 'progress'
    if (terminal) this.#end(job, endCause(job, progress), at)
    else this.#writeIfDue(job, at)
    job.actor.send({ type: 'SAMPLE', at, terminal })
    this.#publish(job, terminal ? 'ended' : change)
  }

  /** STAT-2: forward only; what would go back is counted. */
  #advance(job: Job, progress: JobProgress): void {
    const { events } = this.#options
    if (progress.unknownWord !== undefined) events.onUnknownWord(job, progress.unknownWord)
    if (progress.status === undefined) return
    if (isBackward(job.status, progress.status)) events.onBackward(job, progress.status)
    else job.status = nextStatus(job.status, progress.status)
  }

  #writeIfDue(job: Job, at: number): void {
    const says = writableOf(job)
    const reason = writeReason(job.lastWrite, says, at)
    if (reason === null) return
    this.#options.events.onWrite(reason)
    this.#options.writes.row(progressRow(job, at))
    job.lastWrite = { ...says, at }
  }

  #refuse(job: Job, error: PollError, at: number): void {
    job.lastError = { ...error, at }
    if (error.code === 'not_found') job.targetStale = true
    job.actor.send({ type: 'POLL_FAILED', at, graced: POLL_ERRORS[error.code].graced, random: this.#options.random() })
    this.#publish(job, job.phase === 'live' ? 'fault' : 'ended')
  }

  #ask(slot: number): void {
    const job = this.jobs.at(slot)
    if (job === undefined) return
    job.askedAt = this.#options.now()
    this.#options.fetch.ask(slot)
  }

  /** POLL-7. */
  #lose(slot: number): void {
    const job = this.jobs.at(slot)
    if (job === undefined) return
    const at = this.#options.now()
    job.status = 'failed'
    const errorMessage = `VMA communication timeout exceeded (${formatDuration(this.#options.policy.contactTimeoutMs)})`
    const last = job.lastError
    this.#end(
      job,
      {
        status: 'failed',
        errorMessage,
        errorClassification: 'connection',
        errorDetails: last === undefined ? '' : `${last.code}: ${last.message}`,
      },
      at,
    )
  }

  #end(job: Job, cause: EndCause, at: number): void {
    job.phase = 'ending'
    job.completedAt = at
    job.errorMessage = cause.errorMessage
    job.lastWrite = { ...writableOf(job), at }
    this.#options.events.onWrite('terminal')
    this.#options.writes.end(jobEnd(job, cause, at))
    this.#options.fetch.untrack(job.slot)
  }

  /** Export names may come later than the job (POLL-3): a new plan is told to the thread. */
  #replan(job: Job, target: JobTarget): boolean {
    if (job.phase !== 'live') return false
    job.targetStale = false
    if (JSON.stringify(job.target.disks) === JSON.stringify(target.disks)) return false
    const samePlan = samePlans(job.target, target)
    job.target = { ...job.target, disks: target.disks }
    if (!samePlan) job.progress = undefined
    return !samePlan
  }

  #remove(job: Job): void {
    job.actor.stop()
    this.#options.fetch.untrack(job.slot)
    this.jobs.remove(job)
    this.#publish(job, 'removed')
  }

  #publish(job: Job, change: JobChange): void {
    this.#options.publisher.publish(job, change)
  }
}

function fetchTarget(job: Job): FetchTarget {
  const { slot, jobId, vma, target, progress } = job
  const known = { slot, jobId, vma, createdAt: target.createdAt, plan: job.plan() }
  return progress === undefined ? known : { ...known, before: progress }
}

function samePlans(a: JobTarget, b: JobTarget): boolean {
  return (
    a.disks.length === b.disks.length &&
    a.disks.every((d, i) => d.diskId === b.disks[i]?.diskId && d.exportName === b.disks[i]?.exportName)
  )
}

function endCause(job: Job, progress: JobProgress): EndCause {
  if (job.status === 'completed')
    return { status: 'completed', errorMessage: '', errorClassification: '', errorDetails: '' }
  const failed = progress.disks.filter((d) => d.status === 'failed').map((d) => d.key || d.diskId)
  return {
    status: 'failed',
    errorMessage: progress.error ?? 'the VMA reports the transfer as failed',
    errorClassification: 'vma',
    errorDetails: failed.length > 0 ? `failed: ${failed.join(', ')}` : '',
  }
}
