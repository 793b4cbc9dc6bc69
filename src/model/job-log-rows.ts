/** The rows of a job's log (LOG-1) on their way to the database and back: plain data. Times are epoch milliseconds. */

import type { JobStatus } from './words.ts'

/** From the least to the most serious. */
export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
/** `job_tracking.status`. */
export type TrackingStatus = 'pending' | 'running' | 'completed' | 'failed' | 'cancelled'
/** `job_steps.status`. */
export type StepStatus = 'running' | 'completed' | 'failed' | 'skipped'
/** `log_events.attrs`, flat. */
export type LogAttrs = Readonly<Record<string, string | number | boolean | null>>

export interface TrackingRow {
  /** The correlation id. */
  readonly trackingId: string
  readonly jobId: string
  readonly vmContextId: string
  /** `released`: as the job's own row says, which another writer has ended. */
  readonly status: TrackingStatus | 'released'
  /** Whole percent, 0..100. */
  readonly percent: number
  readonly metadata: { readonly vm_name: string; readonly status: JobStatus; readonly runs: readonly string[] }
  readonly errorMessage: string
  /** Set once. */
  readonly startedAt: number | null
  readonly completedAt: number | null
  readonly updatedAt: number
}

/** Found by (trackingId, seq). */
export interface StepRow {
  readonly trackingId: string
  readonly jobId: string
  /** Order of first appearance, from 1. */
  readonly seq: number
  readonly name: string
  readonly status: StepStatus | 'released'
  /** Set once. */
  readonly startedAt: number
  readonly completedAt: number | null
  readonly errorMessage: string
}

export interface LogEvent {
  readonly trackingId: string
  readonly jobId: string
  /** The step it belongs to; 0 for none. */
  readonly seq: number
  readonly level: LogLevel
  readonly message: string
  readonly attrs: LogAttrs
  readonly at: number
}

export interface JobLogRows {
  readonly tracking: readonly TrackingRow[]
  readonly steps: readonly StepRow[]
  readonly events: readonly LogEvent[]
}

export interface JobLogBatch extends JobLogRows {
  /** The same batch was sent before and its fate is unknown: what stands already is not written again. */
  readonly repeat: boolean
}

export interface JobLogReport {
  /** Rows that the database can't take, whatever is tried. */
  readonly refused: number
  /** Why the last of them was refused. */
  readonly fault?: string
}

/** A line of a log as it stands, whoever wrote it. */
export interface StoredEvent {
  readonly at: number
  /** One of LOG_LEVELS where Sightline wrote it. */
  readonly level: string
  readonly message: string
  readonly attrs: Readonly<Record<string, unknown>>
}

export interface StoredEventsQuery {
  readonly trackingId: string
  readonly jobId: string
  /** Absent: all. */
  readonly levels?: readonly LogLevel[]
  readonly limit: number
}

/** What a job's log says already: a restart goes on from here. */
export interface JobLogStanding {
  readonly trackingId: string
  /** The job's own status when it was last logged; absent where the table can't hold it. */
  readonly status?: JobStatus
  readonly percent: number
  readonly runs: readonly string[]
  readonly startedAt: number | null
  readonly steps: readonly StandingStep[]
}

export interface StandingStep {
  readonly seq: number
  readonly name: string
  readonly running: boolean
  readonly startedAt: number
}
