/**
 * Rows on their way to the database: the newest state per job, grouped for 50 ms, one statement per table (DB-1).
 * Ends of jobs come after the rows that were due before them and are kept until the database has confirmed them (DB-5).
 * Memory is bounded by the number of jobs: a newer row replaces the older one. A row is made when it is written, of what is
 * newest then: thousands of them that wait for a busy database would be garbage that has grown old.
 */

import { isRetryable } from './db-client.ts'
import type { EndResult, JobEnd, JobStore, ProgressRow, WriteReport } from '../db/ports.ts'
import type { WriteReason } from '../model/throttle.ts'
import { WriteCounts, type SentRow } from './write-counts.ts'

const GROUP_MS = 50
/** Rows in one call: the database splits them further. */
const MAX_ROWS = 2_000
const MAX_ENDS = 100
const RETRY_FIRST_MS = 250
const RETRY_MOST_MS = 5_000
/** An end that the database refuses for a reason of its own is given up after this many tries; discovery finds the job again. */
const MAX_END_TRIES = 20

export type RowMaker = () => ProgressRow

interface Due {
  readonly make: RowMaker
  readonly reason: WriteReason
}

type DueRow = readonly [jobId: string, due: Due]

export type WriteStore = Pick<JobStore, 'writeProgress' | 'endJobs'>

export interface WriteEvents {
  /** A job's end stands in the database (or stood there before). */
  readonly onEnded: (jobId: string, result: EndResult) => void
  /** A call failed; `retryable` ones are tried again. */
  readonly onFault: (what: string, cause: unknown) => void
  /** Something that could not be written was given up, and why. */
  readonly onDropped: (jobId: string, cause: unknown) => void
}

export interface WriteStats {
  rows: number
  disks: number
  ends: number
  flushes: number
  /** Rows whose job was terminal or gone in the database. */
  refused: number
  replaced: number
  dropped: number
  faults: number
}

export class WriteBatcher {
  readonly #store: WriteStore
  readonly #events: WriteEvents
  readonly #rows = new Map<string, Due>()
  readonly #ends = new Map<string, { readonly end: JobEnd; tries: number }>()
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> | undefined
  #retryMs = 0
  readonly counts = new WriteCounts()
  readonly stats: WriteStats = {
    rows: 0,
    disks: 0,
    ends: 0,
    flushes: 0,
    refused: 0,
    replaced: 0,
    dropped: 0,
    faults: 0,
  }

  constructor(store: WriteStore, events: WriteEvents) {
    this.#store = store
    this.#events = events
  }

  /** A row of the job is due; after its end there is none. Where one waits already, the newer one's reason counts. */
  row(jobId: string, make: RowMaker, reason: WriteReason): void {
    if (this.#ends.has(jobId)) return
    if (this.#rows.has(jobId)) this.stats.replaced += 1
    this.#rows.set(jobId, { make, reason })
    this.#schedule()
  }

  end(end: JobEnd): void {
    this.#rows.delete(end.row.jobId)
    this.#ends.set(end.row.jobId, { end, tries: 0 })
    this.#schedule()
  }

  /** What the database no longer needs to know. */
  forget(jobId: string): void {
    this.#rows.delete(jobId)
  }

  get queued(): number {
    return this.#rows.size + this.#ends.size
  }

  /** The database did not take the last write. */
  get degraded(): boolean {
    return this.#retryMs > 0
  }

  /** The database is known to answer again: what waits for its next try is tried now. */
  retryNow(): void {
    if (this.degraded) void this.flush()
  }

  /** Writes what is there, once; what fails stays queued. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#flushing ??= this.#flushAll().finally(() => {
      this.#flushing = undefined
      if (this.queued > 0) this.#schedule()
    })
    await this.#flushing
  }

  /** One last write of everything, then no more. */
  async close(): Promise<void> {
    await this.#flushing
    await this.flush()
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#flushing !== undefined) return
    this.#timer = setTimeout(() => void this.flush(), Math.max(GROUP_MS, this.#retryMs))
  }

  async #flushAll(): Promise<void> {
    this.stats.flushes += 1
    const [since, before] = [performance.now(), this.stats.rows + this.stats.ends]
    const ok = (await this.#flushRows()) && (await this.#flushEnds())
    this.counts.flushed(performance.now() - since, this.stats.rows + this.stats.ends - before)
    this.#retryMs = ok ? 0 : Math.min(RETRY_MOST_MS, Math.max(RETRY_FIRST_MS, this.#retryMs * 2))
  }

  async #flushRows(): Promise<boolean> {
    const all = [...this.#rows]
    for (let i = 0; i < all.length; i += MAX_ROWS) {
      if (!(await this.#write(all.slice(i, i + MAX_ROWS)))) return false
    }
    return true
  }

  /**
   * A row that the database can't take must not hold the others: the batch is halved until it stands alone. Rows are not
   * kept over the wait for the database: what is tried again is made again.
   */
  async #write(due: readonly DueRow[]): Promise<boolean> {
    try {
      const { report, sent } = await this.#send(due)
      this.#retryMs = 0
      this.counts.wrote(sent, report)
      this.stats.rows += report.jobs
      this.stats.disks += report.disks
      this.stats.refused += sent.length - report.jobs
      if (report.diskError !== undefined) this.#fault('disk rows', report.diskError)
      for (const one of due) this.#done(one)
      return true
    } catch (cause) {
      this.#fault('rows', cause)
      if (isRetryable(cause)) return false
      const [only] = due
      if (due.length === 1 && only !== undefined) {
        this.#done(only)
        this.#drop(only[0], cause)
        return true
      }
      const half = due.length >> 1
      return (await this.#write(due.slice(0, half))) && (await this.#write(due.slice(half)))
    }
  }

  async #send(due: readonly DueRow[]): Promise<{ readonly report: WriteReport; readonly sent: readonly SentRow[] }> {
    const sent = due.flatMap((one) => this.#made(one) ?? [])
    return { report: await this.#store.writeProgress(sent.map(({ row }) => row)), sent }
  }

  /** A row that can't be made is that job's fault alone; it is given up once, whatever becomes of the others. */
  #made(one: DueRow): SentRow | undefined {
    const [jobId, { make, reason }] = one
    try {
      return { row: make(), reason }
    } catch (cause) {
      this.#done(one)
      this.#drop(jobId, cause)
      return undefined
    }
  }

  /** A row that came meanwhile stays. */
  #done([jobId, due]: DueRow): void {
    if (this.#rows.get(jobId) === due) this.#rows.delete(jobId)
  }

  async #flushEnds(): Promise<boolean> {
    const all = [...this.#ends.values()].map(({ end }) => end)
    let ok = true
    for (let i = 0; i < all.length && ok; i += MAX_ENDS) {
      try {
        const results = await this.#store.endJobs(all.slice(i, i + MAX_ENDS))
        this.#retryMs = 0
        for (const result of results) ok = this.#noteEnd(result) && ok
      } catch (cause) {
        this.#fault('ends', cause)
        ok = false
      }
    }
    return ok
  }

  #noteEnd(result: EndResult): boolean {
    const entry = this.#ends.get(result.jobId)
    if (result.outcome !== 'error') {
      this.#ends.delete(result.jobId)
      if (result.outcome === 'ended') {
        this.stats.ends += 1
        if (entry !== undefined) this.counts.ended(entry.end, result.diskError === undefined)
      } else this.stats.refused += 1
      if (result.diskError !== undefined) this.#fault(`disk rows at the end of ${result.jobId}`, result.diskError)
      this.#events.onEnded(result.jobId, result)
      return true
    }
    this.#fault(`end of ${result.jobId}`, result.error)
    if (entry === undefined || result.retryable) return false
    entry.tries += 1
    if (entry.tries < MAX_END_TRIES) return false
    this.#ends.delete(result.jobId)
    this.#drop(result.jobId, result.error)
    return true
  }

  #fault(what: string, cause: unknown): void {
    this.stats.faults += 1
    this.#events.onFault(what, cause)
  }

  #drop(jobId: string, cause: unknown): void {
    this.stats.dropped += 1
    this.#events.onDropped(jobId, cause)
  }
}
