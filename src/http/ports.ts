/** What the OMA's HTTP side needs from the running system. Types only: actors implement them, main connects the two. */

import type { ProgressHistoryJson } from '../model/history-json.ts'
import type { LiveJobJson } from '../model/live.ts'

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
export interface ReadinessJson {
  readonly status: 'ready' | 'degraded'
  /** Empty when ready; sentences for people otherwise. */
  readonly reasons: readonly string[]
  readonly checks: {
    readonly database: { readonly status: 'up' | 'down'; readonly writes_waiting: number }
    readonly vmas: readonly {
      readonly name: string
      readonly status: 'up' | 'down'
      /** RFC 3339. */
      readonly since: string
      /** What its last probe ended in; null while it is up. */
      readonly reason: string | null
    }[]
    readonly workers: { readonly status: 'up' | 'down' }
  }
}

/** How jobs went, of live ones and of those that are over (API-3). */
export interface JobHistories {
  /** undefined for a job of which nothing is known; rejects when the database is asked in vain. */
  read(jobId: string): Promise<ProgressHistoryJson | undefined>
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
