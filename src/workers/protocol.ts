/**
 * What crosses between the main thread and the worker threads: plain data, discriminated unions, nothing else.
 * Errors cross as data (code, message, retryable); a result per item, never one throw for a batch.
 */

import type { MessagePort } from 'node:worker_threads'
import type { PlannedDisk } from '../model/aggregate.ts'
import type { PollError } from '../model/errors.ts'
import type { FeedState } from '../model/feed-state.ts'
import type { JobProgress } from '../model/progress.ts'
import type { Database } from '../db/ports.ts'

/** What a fetch thread must know of a job to poll it; sent once, then polls name the slot only. */
export interface FetchTarget {
  readonly slot: number
  readonly jobId: string
  /** Index into `FetchSettings.vmas`. */
  readonly vma: number
  /** Epoch ms; answers of runs that ended before are stale (RUN-1). */
  readonly createdAt: number
  /** Epoch ms: a newer job with one of these keys was created then; runs that began since are its (RUN-2). */
  readonly supersededAt?: number
  readonly plan: readonly PlannedDisk[]
  /** Its polls say that they belong to this trace (TRACE-2): 32 lower-case hex digits. */
  readonly traceId?: string
  /** What is known already, so that a new thread goes on where the last one was. */
  readonly before?: JobProgress
}

/** `seat`: a number for the job's time on its slot, never used again. */
export type SeatedTarget = FetchTarget & { readonly seat: number }

/** One VMA and the way to it (CFG-2). Holds secrets: never shown. */
export interface VmaTarget {
  readonly name: string
  /** http or https base URL, or `unix:` and the path of a socket. */
  readonly url: string
  /** Bearer token. */
  readonly token?: string
  /** PEM texts; cert and key go together. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly proxy?: {
    readonly origin: string
    /** Value of Proxy-Authorization. */
    readonly authorization?: string
  }
}

export interface FetchSettings {
  readonly vmas: readonly VmaTarget[]
  readonly maxConcurrent: number
  readonly timeoutMs: number
  /** Change feeds are followed where a VMA has one (POLL-10). */
  readonly feed: boolean
}

export type ToFetch =
  | { readonly type: 'track'; readonly targets: readonly SeatedTarget[] }
  | { readonly type: 'untrack'; readonly slots: readonly number[] }
  | { readonly type: 'poll'; readonly slots: readonly number[] }
  /** Any sign of life of a VMA (POLL-8). */
  | { readonly type: 'probe'; readonly vma: number }
  /** The VMA is back: a feed that is not followed is asked for now. */
  | { readonly type: 'follow'; readonly vma: number }
  | { readonly type: 'close' }

export type PollResult =
  /** `pushed`: the VMA's feed told of it, nobody asked (POLL-10). */
  | { readonly slot: number; readonly ok: true; readonly progress: JobProgress; readonly pushed?: true }
  | { readonly slot: number; readonly ok: false; readonly error: PollError }

export type SeatedResult = PollResult & { readonly seat: number }

/** How the event loop of a thread does. Seconds; the delays are of its last 10 s, `busySeconds` is since its start. */
export interface ThreadFigures {
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly busySeconds: number
}

/** Requests to one VMA out of one thread. */
export interface RequestFigures {
  readonly inFlight: number
  readonly waiting: number
}

export type FromFetch =
  /** `numbers`: results that differ from the last one of their seat in numbers only, packed (model/progress-numbers.ts). */
  | { readonly type: 'results'; readonly whole: readonly SeatedResult[]; readonly numbers: Float64Array }
  | { readonly type: 'probed'; readonly vma: number; readonly error?: PollError }
  | { readonly type: 'feed'; readonly vma: number; readonly state: FeedState }
  /** Every few seconds; `vmas` in the order of the settings. */
  | { readonly type: 'figures'; readonly thread: ThreadFigures; readonly vmas: readonly RequestFigures[] }

/** The one long task of a fetch thread: serve the port until it is told to close. */
export interface FetchTask {
  readonly port: MessagePort
  readonly settings: FetchSettings
}

/** Where the database is; a database thread opens it on its first task. */
export interface DbSettings {
  readonly url: string
  readonly zone: string
  readonly poolSize: number
}

export type DbOperation = keyof Database

export interface DbTask {
  readonly settings: DbSettings
  readonly operation: DbOperation
  /** Or as JSON, where that says the same. */
  readonly args: readonly unknown[] | string
}

export type DbAnswer = DbOutcome & {
  /** Comes along now and then. */
  readonly thread?: ThreadFigures
}

export type DbOutcome =
  | { readonly ok: true; readonly value: unknown }
  /** The value as JSON. */
  | { readonly ok: true; readonly json: string }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly retryable: boolean }
