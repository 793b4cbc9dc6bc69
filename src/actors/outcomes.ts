/**
 * What a job's polls lead to: its status moves forward (STAT-2), a row is written when one is due (THR-1), and it ends in
 * exactly one way: by the VMA's word, for want of contact (POLL-7), or vanished when it was all but over (POLL-6).
 */

import type { EndResult } from '../db/ports.ts'
import { isBackward, nextState, nextStatus, statusOfState } from '../machines/lifecycle.ts'
import type { EndHow } from '../model/ends.ts'
import { CONTACT_LOST } from '../model/errors.ts'
import type { JobProgress } from '../model/progress.ts'
import { noteWrite, WRITE_INTERVAL_MS, writeReason, type WriteReason } from '../model/throttle.ts'
import { formatDuration } from '../model/units.ts'
import { isTerminal, type JobStatus } from '../model/words.ts'
import type { Job } from './job.ts'
import type { JobChange, Publisher } from './publisher.ts'
import { jobEnd, progressRow, writableOf, type EndCause } from './rows.ts'
import type { WriteBatcher } from './write-batcher.ts'

export interface OutcomesOptions {
  readonly contactTimeoutMs: number
  readonly now: () => number
  readonly writes: Pick<WriteBatcher, 'row' | 'end' | 'forget'>
  readonly publisher: Publisher
  /** A good answer of which the job's machine need not hear. */
  readonly passOver: (job: Job, at: number, pushed: boolean) => boolean
  /** The job is over: nothing more is to be asked. */
  readonly onOver: (job: Job) => void
  readonly events: OutcomeEvents
}

export interface OutcomeEvents {
  readonly onWrite: (reason: WriteReason) => void
  readonly onBackward: (job: Job, saw: JobStatus) => void
  readonly onUnknownWord: (job: Job, word: string) => void
  /** The end stands in the database. */
  readonly onEnd: (status: EndCause['status'], how: EndHow) => void
}

export class Outcomes {
  readonly #options: OutcomesOptions

  constructor(options: OutcomesOptions) {
    this.#options = options
  }

  /** A good sample; `pushed`: nobody asked for it. Returns whether the job is over with it. */
  accept(job: Job, progress: JobProgress, at: number, pushed = false): boolean {
    const before = { status: job.status, operation: job.operation }
    job.progress = progress
    job.contactAt = at
    job.lastError = undefined
    this.#advance(job, progress)
    const terminal = isTerminal(job.status)
    if (terminal) this.#end(job, toldBy(job, progress), 'told', at)
    else this.#writeIfDue(job, at)
    if (terminal || !this.#options.passOver(job, at, pushed)) job.send({ type: 'SAMPLE', at, terminal })
    this.#options.publisher.publish(job, terminal ? 'ended' : changeSince(before, job))
    return terminal
  }

  /** POLL-7. */
  lose(job: Job): void {
    job.status = statusOfState(nextState(job.status, 'contact.lost'))
    const { code, message } = job.lastError ?? { code: '', message: '' }
    const cause: EndCause = {
      status: 'failed',
      errorMessage: `${CONTACT_LOST.message} (${formatDuration(this.#options.contactTimeoutMs)})`,
      errorClassification: CONTACT_LOST.classification,
      errorDetails: code === '' ? '' : `${code}: ${message}`,
    }
    this.#end(job, cause, 'contact_timeout')
    this.#options.publisher.publish(job, 'ended')
  }

  /** POLL-6: documented VMAs forget a job as soon as it is completed. */
  inferEnd(job: Job): void {
    job.status = nextStatus(job.status, 'completed')
    job.inferred = true
    this.#end(job, COMPLETED, 'inferred')
    this.#options.publisher.publish(job, 'ended')
  }

  /** The end stands in the database; false when the job's row is gone, or tells of disks that were not asked for. */
  ended(job: Job, result: EndResult): boolean {
    if (result.outcome === 'gone' || result.outcome === 'unplanned') return false
    job.phase = 'ended'
    if (job.endedAs !== undefined) this.#options.events.onEnd(job.endedAs.status, job.endedAs.how)
    return true
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
    job.owedAt = reason === null ? owedAt(job.lastWrite, says) : undefined
    if (reason === null) return
    this.#options.events.onWrite(reason)
    this.#options.writes.row(job.jobId, () => progressRow(job, job.contactAt ?? at), reason)
    job.lastWrite = noteWrite(job.lastWrite, says, at)
  }

  #end(job: Job, cause: EndCause, how: EndHow, at = this.#options.now()): void {
    job.phase = 'ending'
    job.completedAt = at
    job.errorMessage = cause.errorMessage
    job.endedAs = { status: cause.status, how }
    job.lastWrite = noteWrite(job.lastWrite, writableOf(job), at)
    this.#options.events.onWrite('terminal')
    this.#options.writes.end(jobEnd(job, cause, at))
    this.#options.onOver(job)
  }
}

const COMPLETED: EndCause = { status: 'completed', errorMessage: '', errorClassification: '', errorDetails: '' }

/** When a row may tell of what it does not tell yet. */
function owedAt(last: Job['lastWrite'], says: ReturnType<typeof writableOf>): number | undefined {
  if (last === undefined) return undefined
  const at = last.at + WRITE_INTERVAL_MS
  return writeReason(last, says, at) === null ? undefined : at
}

function changeSince(before: { readonly status: JobStatus; readonly operation: string }, job: Job): JobChange {
  if (job.status !== before.status) return 'status'
  return job.operation === before.operation ? 'progress' : 'stage'
}

function toldBy(job: Job, progress: JobProgress): EndCause {
  if (job.status === 'completed') return COMPLETED
  const failed = progress.disks.filter((d) => d.status === 'failed').map((d) => d.key || d.diskId)
  return {
    status: 'failed',
    errorMessage: progress.error ?? 'the VMA reports the transfer as failed',
    errorClassification: 'vma',
    errorDetails: failed.length > 0 ? `failed: ${failed.join(', ')}` : '',
  }
}
