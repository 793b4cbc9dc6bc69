/** What has been logged of a job, and what may change it (LOG-1). Pure. */

import type { JobLogStanding, LogAttrs, LogLevel } from './job-log-rows.ts'
import type { JobStatus } from './words.ts'

/** A job as it stands when it changes. */
export interface JobMoment {
  readonly at: number
  readonly status: JobStatus
  readonly stage: string
  readonly percent: number
  readonly bytes: number
  readonly totalBytes: number
  readonly speedBps: number
  readonly startedAt: number | null
  /** The runs of the job as a whole and of each disk, '' where not known. */
  readonly runs: readonly string[]
}

/** A poll that brought nothing. */
export interface LogFault {
  readonly kind: 'fault'
  readonly at: number
  readonly code: string
  readonly text: string
  /** While the job starts (POLL-6). */
  readonly expected: boolean
}

export interface LogNote {
  readonly kind: 'note'
  readonly at: number
  readonly level: LogLevel
  readonly message: string
  readonly attrs: LogAttrs
}

export type LogChange =
  | { readonly kind: 'adopted' | 'moved'; readonly now: JobMoment }
  | { readonly kind: 'ended'; readonly now: JobMoment; readonly error: string }
  | LogFault
  /** No longer ours: another writer ended the job, or its row is gone. The database knows which. */
  | { readonly kind: 'released'; readonly at: number }
  | LogNote

export interface JobLogState {
  readonly status: JobStatus
  readonly stage: string
  /** Names in the order of `seq`, which counts from 1. */
  readonly steps: readonly string[]
  /** `seq` of the running step; 0 for none. */
  readonly open: number
  readonly openedAt: number
  /** The last one told: 0, 10 … 100. */
  readonly milestone: number
  readonly runs: readonly string[]
  readonly percent: number
  readonly startedAt: number | null
  /** The kind of the last poll error; '' while the VMA answers. */
  readonly fault: string
}

/** Percent → the highest milestone reached. */
export function milestoneOf(percent: number): number {
  return Math.floor(Math.min(100, Math.max(0, percent)) / 10) * 10
}

export const EMPTY_LOG: JobLogState = {
  status: 'pending',
  stage: '',
  steps: [],
  open: 0,
  openedAt: 0,
  milestone: 0,
  runs: [],
  percent: 0,
  startedAt: null,
  fault: '',
}

/** A job that has no log yet: milestones below what it has reached were not seen and are not claimed. */
export function freshLog({ status, percent, startedAt }: JobMoment): JobLogState {
  return { ...EMPTY_LOG, status, percent, startedAt, milestone: milestoneOf(percent) }
}

/** Goes on where the log ends. `status` is the job's own, for tables that do not hold it. */
export function resumedLog(standing: JobLogStanding, status: JobStatus): JobLogState {
  const steps: string[] = []
  for (const { seq, name } of standing.steps) steps[seq - 1] = name
  const open = standing.steps.findLast((step) => step.running)
  return {
    ...EMPTY_LOG,
    status: standing.status ?? status,
    stage: open?.name ?? '',
    // Numbers that are missing between those that stand are never used.
    steps: Array.from(steps, (name) => name ?? ''),
    open: open?.seq ?? 0,
    openedAt: open?.startedAt ?? 0,
    milestone: milestoneOf(standing.percent),
    runs: standing.runs,
    percent: standing.percent,
    startedAt: standing.startedAt,
  }
}

/** True when `moved` would write nothing: the usual case, asked at every sample. */
export function isQuiet(state: JobLogState, status: JobStatus, stage: string, percent: number): boolean {
  return (
    state.status === status &&
    state.fault === '' &&
    state.milestone === milestoneOf(percent) &&
    (stage === '' || state.stage === stage)
  )
}
