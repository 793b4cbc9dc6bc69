/**
 * LOG-1: what a change of a job writes into its log: its row of `job_tracking`, the rows of `job_steps` that open and
 * close, and the lines of `log_events`. Pure: state and change in, state and rows out. Times are epoch milliseconds.
 *
 * tracking   one row a job; its id is the job's correlation id
 * step       one row a stage, numbered in the order of first appearance; a stage that comes back opens its row again
 * milestone  10, 20 … 100 percent: each is told once a run
 */

import type {
  JobLogRows,
  LogAttrs,
  LogEvent,
  LogLevel,
  StepRow,
  StepStatus,
  TrackingRow,
  TrackingStatus,
} from './job-log-rows.ts'
import {
  EMPTY_LOG,
  freshLog,
  milestoneOf,
  type JobLogState,
  type JobMoment,
  type LogChange,
  type LogFault,
} from './job-log-state.ts'
import { withoutSecrets } from './secrets.ts'
import { round2 } from './units.ts'
import { isTerminal, STATUS_RANK, type JobStatus } from './words.ts'

/** Steps of one job; stages beyond are told at debug and have no row. The documents know nine stages. */
const MAX_STEPS = 50
/** `job_steps.name`. */
const MAX_NAME = 200
const MAX_MESSAGE = 1_000
/** A stack, or an error's text. */
const MAX_TEXT = 8_000
/** Disks whose runs are remembered, and letters of a run's name. */
const MAX_RUNS = 64
const MAX_RUN = 64

/** Whose log it is. */
export interface LogSubject {
  readonly trackingId: string
  readonly jobId: string
  readonly vmContextId: string
  readonly vmName: string
}

export interface Logged extends JobLogRows {
  readonly state: JobLogState
}

/** `before` is absent for a job that has no log yet. */
export function logChange(subject: LogSubject, before: JobLogState | undefined, change: LogChange): Logged {
  const draft = new Draft(subject, before ?? ('now' in change ? freshLog(change.now) : EMPTY_LOG))
  switch (change.kind) {
    case 'adopted':
      draft.adopt(change.now, before !== undefined)
      break
    case 'moved':
      draft.move(change.now)
      break
    case 'ended':
      draft.end(change.now, change.error)
      break
    case 'fault':
      draft.fault(change)
      break
    case 'released':
      draft.release(change.at)
      break
    case 'note':
      draft.event(change.at, change.level, change.message, change.attrs)
  }
  return draft.logged()
}

class Draft {
  readonly #subject: LogSubject
  readonly #steps: StepRow[] = []
  readonly #events: LogEvent[] = []
  #tracking: TrackingRow | undefined
  #state: JobLogState
  /** A job that is new here was found in its stage: when it began is not known. */
  #found = false

  constructor(subject: LogSubject, state: JobLogState) {
    this.#subject = subject
    this.#state = state
  }

  logged(): Logged {
    const tracking = this.#tracking === undefined ? [] : [this.#tracking]
    return { state: this.#state, tracking, steps: this.#steps, events: this.#events }
  }

  adopt(now: JobMoment, resumed: boolean): void {
    const word = resumed ? 'Resuming' : 'Starting'
    this.event(now.at, 'INFO', `${word} progress polling for replication job`, {
      vm_name: this.#subject.vmName,
      status: now.status,
      operation: now.stage,
      percent: round2(now.percent),
    })
    this.#found = !resumed
    if (!resumed || this.#isForward(now.status)) this.#advance(now)
    this.#track(now.at, statusOf(this.#state.status))
  }

  move(now: JobMoment): void {
    this.#hear(now.at)
    if (this.#advance(now)) this.#track(now.at, statusOf(this.#state.status))
  }

  end(now: JobMoment, error: string): void {
    const { status: from } = this.#state
    if (isTerminal(from) && from === now.status) return
    this.#advance(now)
    const about = { from, status: now.status, percent: round2(now.percent) }
    if (now.status === 'completed')
      this.event(now.at, 'INFO', 'Job completed, stopping progress polling', { ...about, bytes: now.bytes })
    else this.event(now.at, 'ERROR', error || `Job ${now.status}, stopping progress polling`, { ...about, error })
    this.#closeStep(now.at, stepEndOf(now.status), error)
    this.#track(now.at, statusOf(now.status), error)
  }

  /** The first of a kind is a warning; its repetitions, and what is expected while a job starts, are debug. */
  fault({ at, code, text, expected }: LogFault): void {
    const level = expected || this.#state.fault === code ? 'DEBUG' : 'WARN'
    this.event(at, level, `VMA poll failed: ${code}`, { code, reason: text })
    this.#set({ fault: code })
  }

  release(at: number): void {
    if (isTerminal(this.#state.status)) return
    this.event(at, 'INFO', 'Stopped progress polling for job', { status: this.#state.status })
    this.#closeStep(at, 'released', '')
    this.#track(at, 'released')
  }

  event(at: number, level: LogLevel, message: string, attrs: LogAttrs): void {
    const { trackingId, jobId } = this.#subject
    const clean: Record<string, LogAttrs[string]> = {}
    for (const [name, value] of Object.entries(attrs))
      clean[name] = typeof value === 'string' ? withoutSecrets(value).slice(0, MAX_TEXT) : value
    const text = withoutSecrets(message).slice(0, MAX_MESSAGE)
    this.#events.push({ trackingId, jobId, seq: this.#state.open, level, message: text, attrs: clean, at })
  }

  /** The VMA answers again. */
  #hear(at: number): void {
    if (this.#state.fault === '') return
    this.event(at, 'INFO', 'VMA answers again', { after: this.#state.fault })
    this.#set({ fault: '' })
  }

  /** Status, stage and milestones; true when a row of the tables changes by it. */
  #advance(now: JobMoment): boolean {
    const before = this.#state
    this.#noteRun(now)
    this.#set({ percent: now.percent, startedAt: this.#startOf(now) })
    if (now.status !== before.status) {
      this.#set({ status: now.status })
      if (!isTerminal(now.status)) this.#tellStatus(now, before.status)
    }
    const stage = now.stage.slice(0, MAX_NAME)
    if (stage !== '' && stage !== this.#state.stage) this.#openStep(now.at, stage)
    this.#tellMilestones(now)
    const after = this.#state
    return after.status !== before.status || after.open !== before.open || after.milestone !== before.milestone
  }

  /** The log may be ahead of the job's row by the writes that a crash has lost. */
  #isForward(status: JobStatus): boolean {
    return isTerminal(this.#state.status) || STATUS_RANK[status] >= STATUS_RANK[this.#state.status]
  }

  #startOf(now: JobMoment): number | null {
    return this.#state.startedAt ?? now.startedAt ?? (STATUS_RANK[now.status] > 0 ? now.at : null)
  }

  #tellStatus(now: JobMoment, from: JobStatus): void {
    const about = { from, to: now.status, operation: now.stage, percent: round2(now.percent) }
    this.event(now.at, 'INFO', `Job moved from ${from} to ${now.status}`, about)
  }

  /** A run that is another than the one known begins its milestones anew. */
  #noteRun(now: JobMoment): void {
    const { runs } = this.#state
    const heard = now.runs.slice(0, MAX_RUNS).map((run, i) => run.slice(0, MAX_RUN) || (runs[i] ?? ''))
    const another = heard.find((run, i) => (runs[i] ?? '') !== '' && run !== runs[i])
    if (heard.length > 0) this.#set({ runs: heard })
    if (another === undefined) return
    this.event(now.at, 'INFO', 'A new run began', { run: another, milestone: this.#state.milestone })
    this.#set({ milestone: 0 })
  }

  #tellMilestones(now: JobMoment): void {
    const { at, percent, bytes, totalBytes, speedBps } = now
    for (let next = this.#state.milestone + 10; next <= milestoneOf(percent); next += 10) {
      const about = { milestone: next, percent: round2(percent), bytes, total_bytes: totalBytes, speed_bps: speedBps }
      this.event(at, 'INFO', `Progress reached ${next} %`, about)
      this.#set({ milestone: next })
    }
  }

  #openStep(at: number, stage: string): void {
    const { stage: from, steps: before } = this.#state
    this.#closeStep(at, 'completed', '')
    const steps = before.includes(stage) || before.length >= MAX_STEPS ? before : [...before, stage]
    const open = steps.indexOf(stage) + 1
    this.#set({ stage, steps, open, openedAt: at })
    if (!this.#found) this.event(at, open > 0 ? 'INFO' : 'DEBUG', `Stage ${stage} began`, { stage, from })
    if (open > 0) this.#step('running', null, '')
  }

  #closeStep(at: number, status: StepRow['status'], error: string): void {
    if (this.#state.open > 0) this.#step(status, at, error)
    this.#set({ open: 0, stage: '' })
  }

  #step(status: StepRow['status'], completedAt: number | null, error: string): void {
    const { open: seq, openedAt: startedAt, stage: name } = this.#state
    const { trackingId, jobId } = this.#subject
    const errorMessage = withoutSecrets(error).slice(0, MAX_TEXT)
    this.#steps.push({ trackingId, jobId, seq, name, status, startedAt, completedAt, errorMessage })
  }

  /** `percent` never runs backwards within a run, and is 100 for a completed job only. */
  #track(at: number, status: TrackingRow['status'], error = ''): void {
    const { status: exact, percent, milestone, runs, startedAt } = this.#state
    const over = status !== 'pending' && status !== 'running' && status !== 'released'
    this.#tracking = {
      trackingId: this.#subject.trackingId,
      jobId: this.#subject.jobId,
      vmContextId: this.#subject.vmContextId,
      status,
      percent: status === 'completed' ? 100 : Math.min(99, Math.max(Math.floor(percent), milestone)),
      metadata: { vm_name: this.#subject.vmName, status: exact, runs },
      errorMessage: withoutSecrets(error).slice(0, MAX_TEXT),
      startedAt,
      completedAt: over || status === 'released' ? at : null,
      updatedAt: at,
    }
  }

  #set(changed: Partial<JobLogState>): void {
    this.#state = { ...this.#state, ...changed }
  }
}

function statusOf(status: JobStatus): TrackingStatus {
  if (isTerminal(status)) return status
  return STATUS_RANK[status] > 0 ? 'running' : 'pending'
}

function stepEndOf(status: JobStatus): StepStatus {
  if (status === 'cancelled') return 'skipped'
  return status === 'failed' ? 'failed' : 'completed'
}
