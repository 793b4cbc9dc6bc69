/**
 * JobLog (LOG-1): hears every change of every job and writes what is worth it into `job_tracking`, `job_steps` and
 * `log_events`, never in the way of the change itself: a change costs a comparison, rows are written every 500 ms.
 *
 * A job that is new here may have a log already (a restart): what stands is read first, for all new jobs at once; until
 * then its changes are held. While the database is away everything waits, within the bounds of the queue.
 */

import type { JobLogStore } from '../db/record-ports.ts'
import type { ActorClock } from '../machines/clock.ts'
import { POLL_ERRORS } from '../model/errors.ts'
import { logChange, type LogSubject } from '../model/job-log.ts'
import { isQuiet, milestoneOf, resumedLog, type JobLogState, type LogChange } from '../model/job-log-state.ts'
import type { JobLogBatch, JobLogStanding, LogAttrs, LogLevel } from '../model/job-log-rows.ts'
import { SYSTEM_CLOCK } from './clock.ts'
import { isRetryable } from './db-client.ts'
import type { Job } from './job.ts'
import { LogQueue } from './log-queue.ts'
import { momentOf } from './moment.ts'
import type { JobChange } from './publisher.ts'

const FLUSH_MS = 500
const RETRY_MOST_MS = 10_000
/** A batch that the database refuses for a reason of its own is given up after this many tries. */
const MAX_TRIES = 5
/** Changes that one job holds until its log is read; beyond, the newest replaces the last. */
const MAX_HELD = 64
/** Jobs whose logs are read in one query. */
const READ_AT_ONCE = 1_000
/** A shutdown waits at most this long for the database. */
const CLOSE_MS = 3_000

export interface JobLogOptions {
  readonly store: JobLogStore
  readonly now: () => number
  /** Until then it is no fault that the VMA does not know the job (POLL-6). */
  readonly startupGraceMs: number
  readonly clock?: ActorClock
  /** The database did not take a batch; it is kept, and tried again, unless `lost` says that it is given up. */
  readonly onFault: (cause: unknown, lost: number) => void
}

export interface JobLogStats {
  /** Rows and events handed to the database. */
  written: number
  /** Rows that the database can't take. */
  refused: number
  /** Lost for want of room, of a database that takes them, or of time at the end. */
  dropped: number
  faults: number
}

interface Memory {
  readonly subject: LogSubject
  state: JobLogState | undefined
  /** undefined once the log has been read. */
  held: LogChange[] | undefined
  gone: boolean
}

export class JobLog {
  readonly #options: JobLogOptions
  readonly #clock: ActorClock
  readonly #queue = new LogQueue()
  readonly #jobs = new Map<string, Memory>()
  /** Jobs whose log has to be read. */
  readonly #unread = new Map<string, Memory>()
  readonly #stats: JobLogStats = { written: 0, refused: 0, dropped: 0, faults: 0 }
  /** Sent, not confirmed: kept as it is, so that a repetition can be told from news. */
  #sent: { readonly batch: JobLogBatch; tries: number } | undefined
  #timer: unknown
  #flushing: Promise<void> | undefined
  #retryMs = 0
  #closed = false

  constructor(options: JobLogOptions) {
    this.#options = options
    this.#clock = options.clock ?? SYSTEM_CLOCK
  }

  get stats(): Readonly<JobLogStats> {
    return { ...this.#stats, dropped: this.#stats.dropped + this.#queue.dropped }
  }

  /** Rows, events and held changes that wait. */
  get queued(): number {
    const { batch } = this.#sent ?? {}
    let count = this.#queue.size + (batch === undefined ? 0 : sizeOf(batch))
    for (const { held } of this.#unread.values()) count += held?.length ?? 0
    return count
  }

  /** The publisher's listener. */
  hear(job: Job, change: JobChange): void {
    const memory = change === 'adopted' ? this.#adopt(job) : this.#jobs.get(job.jobId)
    if (memory === undefined) return
    if (change === 'removed') this.#remove(job, memory)
    else if (change === 'progress' || change === 'stage' || change === 'status') this.#move(job, memory)
    else if (change === 'adopted') this.#note(memory, { kind: 'adopted', now: momentOf(job, this.#options.now()) })
    else if (change === 'ended') this.#end(job, memory)
    else if (change === 'fault') this.#fault(job, memory)
  }

  /** A line of its own, for what is no change of the job: an inference, a decision. */
  note(job: Job, level: LogLevel, message: string, attrs: LogAttrs = {}): void {
    const change: LogChange = { kind: 'note', at: this.#options.now(), level, message, attrs }
    this.#note(this.#jobs.get(job.jobId) ?? memoryOf(job, undefined), change)
  }

  /** A job's actor threw (RECOVER-2): told with its stack. */
  panic(job: Job, error: unknown): void {
    const cause = error instanceof Error ? error : new Error(String(error))
    this.note(job, 'ERROR', `panic: ${cause.message}`, { error: cause.name, stack: cause.stack ?? '' })
  }

  /** Writes what is there, once; what fails stays. Never throws. */
  async flush(): Promise<void> {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#flushing ??= this.#flushAll().finally(() => {
      this.#flushing = undefined
      if (this.queued > 0) this.#schedule()
    })
    await this.#flushing
  }

  /** Writes what is left, for a bounded time; what is lost then is counted and told. */
  async close(boundMs = CLOSE_MS): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const bound = this.#clock.setTimeout(() => {
      this.#closed = true
      resolve()
    }, boundMs)
    await Promise.race([late, this.#flushToEnd()])
    this.#closed = true
    this.#clock.clearTimeout(bound)
    this.#clock.clearTimeout(this.#timer)
    const lost = this.queued
    if (lost === 0) return
    this.#stats.dropped += lost
    this.#options.onFault(new Error('the service ends before the database took the jobs’ log'), lost)
  }

  async #flushToEnd(): Promise<void> {
    await this.#flushing
    await this.flush()
    while (this.queued > 0 && !this.#closed) {
      const { promise: later, resolve } = Promise.withResolvers<void>()
      this.#clock.setTimeout(() => resolve(), FLUSH_MS)
      await later
      if (!this.#closed) await this.flush()
    }
  }

  #adopt(job: Job): Memory {
    let memory = this.#jobs.get(job.jobId)
    if (memory === undefined) {
      memory = memoryOf(job, [])
      this.#jobs.set(job.jobId, memory)
      this.#unread.set(job.correlationId, memory)
    }
    memory.gone = false
    return memory
  }

  /** The hot path: nearly every sample ends in the comparison. */
  #move(job: Job, memory: Memory): void {
    const percent = job.progress?.percent ?? job.target.percent
    if (memory.state !== undefined && isQuiet(memory.state, job.status, job.operation, percent)) return
    if (isHeld(memory.held?.at(-1), job, percent)) return
    this.#note(memory, { kind: 'moved', now: momentOf(job, this.#options.now()) })
  }

  #end(job: Job, memory: Memory): void {
    if (job.inferred) this.note(job, 'WARN', 'VMA knows the job no more: taken as completed', { inferred: true })
    this.#note(memory, { kind: 'ended', now: momentOf(job, this.#options.now()), error: job.errorMessage })
  }

  #fault(job: Job, memory: Memory): void {
    if (job.lastError === undefined) return
    const { code, message: text, at } = job.lastError
    const expected = POLL_ERRORS[code].graced && at - job.adoptedAt < this.#options.startupGraceMs
    this.#note(memory, { kind: 'fault', at, code, text, expected })
  }

  #remove(job: Job, memory: Memory): void {
    if (job.phase === 'live') this.#note(memory, { kind: 'released', at: this.#options.now() })
    if (memory.held === undefined) this.#jobs.delete(job.jobId)
    else memory.gone = true
  }

  #note(memory: Memory, change: LogChange): void {
    const { held } = memory
    if (held === undefined) this.#log(memory, change)
    else if (held.length < MAX_HELD) held.push(change)
    else {
      held[MAX_HELD - 1] = change
      this.#stats.dropped += 1
    }
    this.#schedule()
  }

  #log(memory: Memory, change: LogChange): void {
    const { state, ...rows } = logChange(memory.subject, memory.state, change)
    memory.state = state
    this.#queue.add(rows)
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#flushing !== undefined || this.#closed) return
    this.#timer = this.#clock.setTimeout(() => void this.flush(), Math.max(FLUSH_MS, this.#retryMs))
  }

  /** What waits is written before logs are read: a job that comes back at once finds what it said before. */
  async #flushAll(): Promise<void> {
    const ok = (await this.#writeAll()) && (await this.#readAll()) && (await this.#writeAll())
    this.#retryMs = ok ? 0 : Math.min(RETRY_MOST_MS, Math.max(FLUSH_MS, this.#retryMs * 2))
  }

  async #writeAll(): Promise<boolean> {
    while (this.#sent !== undefined || this.#queue.size > 0) {
      this.#sent ??= { batch: { ...this.#queue.take(), repeat: false }, tries: 0 }
      if (!(await this.#write(this.#sent))) return false
    }
    return true
  }

  /** True when the next batch may go: this one is written, or given up. */
  async #write(sent: { readonly batch: JobLogBatch; tries: number }): Promise<boolean> {
    const { batch } = sent
    try {
      const report = await this.#options.store.writeJobLog(batch)
      this.#sent = undefined
      this.#stats.written += sizeOf(batch) - report.refused
      this.#stats.refused += report.refused
      if (report.refused > 0) this.#faulted(report.fault, report.refused)
      return true
    } catch (cause) {
      const tries = isRetryable(cause) ? 0 : sent.tries + 1
      const lost = tries < MAX_TRIES ? 0 : sizeOf(batch)
      this.#sent = lost > 0 ? undefined : { batch: { ...batch, repeat: true }, tries }
      this.#stats.dropped += lost
      this.#faulted(cause, lost)
      return false
    }
  }

  async #readAll(): Promise<boolean> {
    const unread = [...this.#unread.keys()]
    for (let i = 0; i < unread.length; i += READ_AT_ONCE) {
      const ids = unread.slice(i, i + READ_AT_ONCE)
      try {
        const standing = await this.#options.store.jobLogs(ids)
        const byId = new Map(standing.map((log) => [log.trackingId, log]))
        for (const id of ids) this.#resume(id, byId.get(id))
      } catch (cause) {
        this.#faulted(cause, 0)
        return false
      }
    }
    return true
  }

  #resume(trackingId: string, standing: JobLogStanding | undefined): void {
    const memory = this.#unread.get(trackingId)
    if (memory === undefined) return
    const held = memory.held ?? []
    const first = held.find((change) => 'now' in change)
    if (standing !== undefined) memory.state = resumedLog(standing, first?.now.status ?? 'pending')
    memory.held = undefined
    this.#unread.delete(trackingId)
    for (const change of held) this.#log(memory, change)
    if (memory.gone) this.#jobs.delete(memory.subject.jobId)
  }

  #faulted(cause: unknown, lost: number): void {
    this.#stats.faults += 1
    this.#options.onFault(cause, lost)
  }
}

function memoryOf(job: Job, held: LogChange[] | undefined): Memory {
  const { jobId, correlationId: trackingId, target } = job
  const subject = { trackingId, jobId, vmContextId: target.vmContextId, vmName: target.vmName }
  return { subject, state: undefined, held, gone: false }
}

/** True when a held change says the same already. */
function isHeld(last: LogChange | undefined, job: Job, percent: number): boolean {
  if (last === undefined || !('now' in last)) return false
  const { status, stage, percent: before } = last.now
  return status === job.status && stage === job.operation && milestoneOf(before) === milestoneOf(percent)
}

function sizeOf({ tracking, steps, events }: JobLogBatch): number {
  return tracking.length + steps.length + events.length
}
