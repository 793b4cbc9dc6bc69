/** What the OMA's HTTP side needs from the running system. Types only: actors implement them, main connects the two. */

import type { Static } from 'typebox'
import type { LiveJobJson } from '../model/live.ts'
import type { PollingStatusJson, ReadinessSchema } from '../model/wire/service.ts'

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

export type PollingOrder =
  /** `state`: how the job is polled now. */
  | { readonly outcome: 'done'; readonly state: string }
  | { readonly outcome: 'unknown' }
  /** Its status is none of those that are polled, an end or another. */
  | { readonly outcome: 'inactive'; readonly status: string }
