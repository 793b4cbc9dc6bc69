/** What the OMA's HTTP side needs from the running system. Types only: actors implement them, main connects the two. */

import type { ProgressHistoryJson } from '../model/history-json.ts'
import type { LiveJobJson } from '../model/live.ts'

/** Live state from memory (API-3). */
export interface LiveJobs {
  readonly count: number
  /** Names this process's life; a new one means that sequence numbers start anew. */
  readonly epoch: string
  /** Grows by one with each accepted change. */
  readonly seq: number
  list(): Iterable<LiveJobJson>
  get(jobId: string): LiveJobJson | undefined
}

/** How jobs went, of live ones and of those that are over (API-3). */
export interface JobHistories {
  /** undefined for a job of which nothing is known; rejects when the database is asked in vain. */
  read(jobId: string): Promise<ProgressHistoryJson | undefined>
}
