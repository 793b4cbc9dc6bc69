/** What the OMA's HTTP side needs from the running system. Types only: actors implement them, main connects the two. */

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
