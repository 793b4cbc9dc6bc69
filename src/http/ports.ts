/** What the OMA's HTTP side needs from the running system. Types only: actors implement them, main connects the two. */

import type { Static } from 'typebox'
import type { ProgressHistoryJson } from '../model/wire/history.ts'
import type { LiveJobJson } from '../model/live.ts'
import type { LogLevel } from '../model/job-log-rows.ts'
import type { JobLogJson } from '../model/wire/job-log.ts'
import type { PollingStatusJson, ReadinessSchema } from '../model/wire/service.ts'

/** Live state from memory (API-3). */
export interface LiveJobs {
  readonly count: number
  /** Names this process's life; a new one means that sequence numbers start anew. */
  readonly epoch: string
  /** The position of the stream's topic `jobs`: who subscribes since it misses nothing of what came after this answer. */
  readonly seq: number
  list(): Iterable<LiveJobJson>
  get(jobId: string): LiveJobJson | undefined
}

/** `/readyz` (API-5). */
export type ReadinessJson = Readonly<Static<typeof ReadinessSchema>>

/** Orders to the poller (API-4) and its figures. */
export interface PollingControl {
  /** Polls the job at once, following it first if need be. Rejects when the database has to be asked and does not answer. */
  start(jobId: string): Promise<PollingOrder>
  /** No polls of it until `start` or a restart. Rejects likewise. */
  stop(jobId: string): Promise<PollingOrder>
  status(): PollingStatusJson
}

/** How jobs went, of live ones and of those that are over (API-3). */
export interface JobHistories {
  /** undefined for a job of which nothing is known; rejects when the database is asked in vain. */
  read(jobId: string): Promise<ProgressHistoryJson | undefined>
}

/** What is asked of a job's log: its newest lines, of this level and more serious ones. */
export interface JobLogQuery {
  readonly limit: number
  readonly level?: LogLevel | undefined
}

/** The JobLog of every job that the database knows (API-8). */
export interface JobLogs {
  /** undefined for a job that is unknown; rejects when the database is asked in vain. */
  read(jobId: string, query: JobLogQuery): Promise<JobLogJson | undefined>
}

/** What happened to a job; all but `progress` are events of the stream (WS-1). */
export type LiveChange = 'started' | 'progress' | 'stage' | 'completed' | 'failed' | 'stalled' | 'resumed' | 'removed'

export interface JobRef {
  readonly jobId: string
  /** The same for as long as the job is there. */
  readonly vmName: string
}

/** What the stream asks for when it has something to tell. A job never appears or goes without a change that says so. */
export interface LiveStates {
  refs(): Iterable<JobRef>
  get(jobId: string): LiveJobJson | undefined
}

export type PollingOrder =
  /** `state`: how the job is polled now. */
  | { readonly outcome: 'done'; readonly state: string }
  | { readonly outcome: 'unknown' }
  /** Its status is none of those that are polled, an end or another. */
  | { readonly outcome: 'inactive'; readonly status: string }
