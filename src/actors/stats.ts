/** What the runtime counts: polls, lateness, writes by reason, the event loop's delay. */

import type { EndHow } from '../model/ends.ts'
import type { PollErrorCode } from '../model/errors.ts'
import { Buckets, DURATION_BOUNDS } from '../telemetry/buckets.ts'
import { WRITE_REASONS, type WriteReason } from '../model/throttle.ts'
import { DelayHistogram, LoopDelay, type Delays } from '../telemetry/delays.ts'
import { Meter } from '../telemetry/meter.ts'
import type { JobLogStats } from './job-log.ts'
import type { EndCause } from './rows.ts'
import type { WriteStats } from './write-batcher.ts'

/** Unknown status words that are remembered, so that each is logged once. */
const MAX_WORDS = 1_000

export interface Gauges {
  readonly active: number
  readonly inFlight: number
  readonly mailboxDepth: number
  readonly conflated: number
  readonly writesQueued: number
  readonly databaseDegraded: boolean
  readonly writes: Readonly<WriteStats>
  readonly jobLog: Readonly<JobLogStats> & { readonly queued: number }
}

/** Per second, over `RATE_SPAN_MS`. */
export interface RecentRates {
  readonly polls: number
  readonly failed: number
  /** Milliseconds that polls took, from asking to the answer. */
  readonly tookMs: number
  readonly rows: number
}

export interface StatsJson extends Gauges {
  readonly polls: { readonly ok: number; readonly failed: Readonly<Partial<Record<PollErrorCode, number>>> }
  readonly recent: RecentRates
  /** From when a poll was due to the sample's arrival at its actor; milliseconds. */
  readonly lateness: Delays
  /** Delay of the main thread's event loop; milliseconds. */
  readonly loopDelay: Delays
  readonly writeReasons: Readonly<Record<WriteReason, number>>
  readonly backward: number
  readonly restarts: number
  readonly unknownWords: number
}

export const RATE_SPAN_MS = 60_000
/** Rates change no oftener: reading them costs nothing more, however often it is done. */
const MARK_MS = 1_000

export class RuntimeStats {
  readonly loop = new LoopDelay()
  readonly #lateness = new DelayHistogram()
  readonly #failed: Partial<Record<PollErrorCode, number>> = {}
  readonly #reasons: Record<WriteReason, number>
  readonly #words = new Set<string>()
  readonly #meters = {
    polls: new Meter(RATE_SPAN_MS),
    failed: new Meter(RATE_SPAN_MS),
    tookMs: new Meter(RATE_SPAN_MS),
    rows: new Meter(RATE_SPAN_MS),
  }
  /** Seconds. */
  readonly duration = new Buckets(DURATION_BOUNDS)
  readonly latenessSeconds = new Buckets(DURATION_BOUNDS)
  readonly #ends = new Map<string, number>()
  readonly #vmaDowns = new Map<string, number>()
  #recent: RecentRates = { polls: 0, failed: 0, tookMs: 0, rows: 0 }
  #markedAt = 0
  #tookMs = 0
  #ok = 0
  #unknown = 0
  /** Statuses that would have pulled a job back (STAT-2). */
  backward = 0
  /** Actors that threw and were started again (RECOVER-2). */
  restarts = 0
  /** Fetch threads that died and were started again. */
  threadRestarts = 0
  revived = 0
  /** Samples that a change feed brought, unasked (POLL-10). */
  pushed = 0
  rounds = { ok: 0, failed: 0 }

  constructor() {
    this.#reasons = Object.fromEntries(WRITE_REASONS.map((reason) => [reason, 0])) as Record<WriteReason, number>
  }

  poll(lateMs: number, tookMs: number, error: PollErrorCode | undefined): void {
    this.#lateness.record(lateMs)
    this.latenessSeconds.record(Math.max(0, lateMs) / 1_000)
    this.duration.record(Math.max(0, tookMs) / 1_000)
    this.#tookMs += tookMs
    if (error === undefined) this.#ok += 1
    else this.#failed[error] = (this.#failed[error] ?? 0) + 1
  }

  /** Forgets the lateness so far: start-up does not colour the figures of a running service. */
  resetLateness(): void {
    this.#lateness.reset()
  }

  /** Now and then: what has grown since is what the rates are made of. `rows`: rows written since the start. */
  mark(now: number, rows: number): void {
    if (now - this.#markedAt < MARK_MS) return
    this.#markedAt = now
    const { polls, failed, tookMs, rows: written } = this.#meters
    const faults = Object.values(this.#failed).reduce((sum, count) => sum + count, 0)
    this.#recent = {
      polls: polls.mark(now, this.#ok + faults),
      failed: failed.mark(now, faults),
      tookMs: tookMs.mark(now, this.#tookMs),
      rows: written.mark(now, rows),
    }
  }

  write(reason: WriteReason): void {
    this.#reasons[reason] += 1
  }

  ended(status: EndCause['status'], how: EndHow): void {
    const kind = `${status} ${how}`
    this.#ends.set(kind, (this.#ends.get(kind) ?? 0) + 1)
  }

  endsOf(status: EndCause['status'], how: EndHow): number {
    return this.#ends.get(`${status} ${how}`) ?? 0
  }

  vmaDown(vma: string): void {
    this.#vmaDowns.set(vma, this.vmaDownsOf(vma) + 1)
  }

  vmaDownsOf(vma: string): number {
    return this.#vmaDowns.get(vma) ?? 0
  }

  pollsOf(result: 'ok' | PollErrorCode): number {
    return result === 'ok' ? this.#ok : (this.#failed[result] ?? 0)
  }

  get unknownWords(): number {
    return this.#unknown
  }

  /** True the first time this word is heard (NORM-2: counted, and logged once). */
  unknownWord(word: string): boolean {
    this.#unknown += 1
    if (this.#words.has(word) || this.#words.size >= MAX_WORDS) return false
    this.#words.add(word)
    return true
  }

  read(gauges: Gauges): StatsJson {
    return {
      ...gauges,
      polls: { ok: this.#ok, failed: { ...this.#failed } },
      recent: this.#recent,
      lateness: this.#lateness.read(),
      loopDelay: this.loop.read(),
      writeReasons: { ...this.#reasons },
      backward: this.backward,
      restarts: this.restarts,
      unknownWords: this.#unknown,
    }
  }
}
