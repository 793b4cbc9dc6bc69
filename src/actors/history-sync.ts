/**
 * Histories between memory and the database (API-3), in rounds in the background: reads those of adopted jobs, writes
 * those that changed, deletes old ones. While the database is away they wait in memory, and each round tries again.
 *
 * A series that gets a new point is written 30 s after its last write at the earliest. As its resolution doubles new
 * points get rarer, and writes with them: ten thousand jobs of an hour's age cost some 200 rows of 2 KB a second, of a
 * day's age 10.
 */

import type { HistoryStore } from '../db/record-ports.ts'
import type { ActorClock } from '../machines/clock.ts'
import { JobHistory } from '../model/history.ts'
import { SYSTEM_CLOCK } from './clock.ts'
import { isRetryable } from './db-client.ts'

/** Between two writes of one job. */
const WRITE_MS = 30_000
/** Between two rounds while nothing is urgent. */
const ROUND_MS = 5_000
/** Jobs that are adopted, ended or removed wait this long for company. */
const GROUP_MS = 250
/** Histories in one call: some 3 ms of the main thread to encode or decode. */
const AT_ONCE = 100
const RETRY_FIRST_MS = 1_000
const RETRY_MOST_MS = 60_000
/** Histories of removed jobs that wait for the database; beyond it the oldest goes. */
const MAX_LEAVING = 1_000
const DAY_MS = 86_400_000
const KEEP_MS = 30 * DAY_MS
/** Rows deleted in one call; what is left goes with the next round. */
const PRUNE_AT_ONCE = 1_000

/** A job's history and how it stands to the stored one. */
export class HistoryEntry {
  readonly jobId: string
  history = new JobHistory()
  /** What was stored is in it: only then may it replace what is stored. */
  loaded = false
  removed = false
  /** Due at once: the job ended or was removed. */
  urgent = false
  writing = false
  writtenAt: number
  sampledAt = 0

  constructor(jobId: string, now: number) {
    this.jobId = jobId
    this.writtenAt = now
  }
}

export interface HistoryStats {
  loaded: number
  written: number
  pruned: number
  /** Histories of removed jobs that found no room, and writes that the database refused. */
  dropped: number
  faults: number
}

export interface HistorySyncOptions {
  readonly store: HistoryStore
  readonly now: () => number
  readonly clock?: ActorClock
  readonly onFault: (cause: unknown) => void
}

export class HistorySync {
  readonly #options: HistorySyncOptions
  readonly #clock: ActorClock
  readonly #unread = new Set<HistoryEntry>()
  readonly #dirty = new Set<HistoryEntry>()
  /** Removed jobs that are not written yet. */
  readonly #leaving = new Map<string, HistoryEntry>()
  /** Whether the database has the table; undefined until it said so. */
  #kept: boolean | undefined
  #pruneAt = 0
  #isOpen = false
  #timer: { readonly id: unknown; readonly at: number } | undefined
  #round: Promise<void> | undefined
  /** Something became urgent during a round. */
  #hurried = false
  #retryMs = 0
  /** A fault was told and nothing has gone well since. */
  #isFailing = false
  readonly stats: HistoryStats = { loaded: 0, written: 0, pruned: 0, dropped: 0, faults: 0 }

  constructor(options: HistorySyncOptions) {
    this.#options = options
    this.#clock = options.clock ?? SYSTEM_CLOCK
  }

  get leaving(): number {
    return this.#leaving.size
  }

  leavingEntry(jobId: string): HistoryEntry | undefined {
    return this.#leaving.get(jobId)
  }

  /** What is stored of it has not been read yet, and can be. */
  isUnread(entry: HistoryEntry): boolean {
    return this.#isOpen && this.#unread.has(entry)
  }

  start(): void {
    this.#isOpen = true
    this.#wake(0)
  }

  /** Reads what is stored of it, soon. */
  load(entry: HistoryEntry): void {
    if (entry.loaded || this.#kept === false) return
    this.#unread.add(entry)
    this.#wake(GROUP_MS)
  }

  /** It changed: writes it when it is due. */
  write(entry: HistoryEntry, { urgent } = { urgent: false }): void {
    if (this.#kept === false) return
    this.#dirty.add(entry)
    if (!urgent) return
    entry.urgent = true
    this.#wake(GROUP_MS)
  }

  /** The job is removed: its history is freed as soon as it is written. */
  leave(entry: HistoryEntry): void {
    entry.removed = true
    if (!this.#dirty.has(entry) && !entry.writing) return this.#forget(entry)
    const [oldest] = this.#leaving.values()
    if (oldest !== undefined && this.#leaving.size >= MAX_LEAVING) this.#drop(oldest)
    this.#leaving.set(entry.jobId, entry)
    entry.urgent = true
    this.#wake(GROUP_MS)
  }

  /** The job is adopted again before its history was written. */
  takeBack(jobId: string): HistoryEntry | undefined {
    const entry = this.#leaving.get(jobId)
    this.#leaving.delete(jobId)
    if (entry !== undefined) entry.removed = false
    return entry
  }

  /** One round now, or the one that is under way. Never throws: faults are told. */
  runNow(): Promise<void> {
    this.#clearTimer()
    this.#round ??= this.#try(() => this.#run()).finally(() => {
      this.#round = undefined
      this.#wake(this.#hurried || this.#retryMs > 0 ? GROUP_MS : ROUND_MS)
      this.#hurried = false
    })
    return this.#round
  }

  /** Writes what changed, once; what the database does not take is counted. */
  async close(): Promise<void> {
    this.#clearTimer()
    await this.#round
    const isLeft = this.#isOpen && this.#dirty.size > 0
    for (const entry of this.#dirty) entry.urgent = true
    // A whole round: a job that was adopted a moment ago may not have been read yet.
    if (isLeft) await this.#try(() => this.#run())
    this.#isOpen = false
    this.#clearTimer()
    this.stats.dropped += this.#dirty.size
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work()
      if (this.#retryMs > 0) this.#isFailing = false
      this.#retryMs = 0
    } catch (cause) {
      this.#fault(cause)
      this.#retryMs = Math.min(RETRY_MOST_MS, Math.max(RETRY_FIRST_MS, this.#retryMs * 2))
    }
  }

  #fault(cause: unknown): void {
    this.stats.faults += 1
    if (!this.#isFailing) this.#options.onFault(cause)
    this.#isFailing = true
  }

  async #run(): Promise<void> {
    this.#kept ??= await this.#options.store.keepsHistories()
    if (!this.#kept) {
      for (const waiting of [this.#unread, this.#dirty, this.#leaving]) waiting.clear()
      return
    }
    await this.#read()
    await this.#write()
    await this.#prune()
  }

  async #read(): Promise<void> {
    const unread = [...this.#unread]
    for (let i = 0; i < unread.length && this.#isOpen; i += AT_ONCE) await this.#readSome(unread.slice(i, i + AT_ONCE))
  }

  async #readSome(entries: readonly HistoryEntry[]): Promise<void> {
    const rows = await this.#options.store.readHistories(entries.map(({ jobId }) => jobId))
    const stored = new Map(rows.map(({ jobId, data }) => [jobId, data]))
    for (const entry of entries) {
      // One that left meanwhile with nothing to write is not read any more.
      if (!this.#unread.delete(entry)) continue
      entry.loaded = true
      const data = stored.get(entry.jobId)
      if (data !== undefined) entry.history = JobHistory.decode(data).follow(entry.history)
    }
    this.stats.loaded += rows.length
  }

  async #write(): Promise<void> {
    const now = this.#options.now()
    const due = [...this.#dirty].filter(
      ({ loaded, urgent, writtenAt }) => loaded && (urgent || now - writtenAt >= WRITE_MS),
    )
    for (let i = 0; i < due.length; i += AT_ONCE) await this.#writeSome(due.slice(i, i + AT_ONCE), now)
  }

  async #writeSome(entries: readonly HistoryEntry[], now: number): Promise<void> {
    for (const entry of entries) {
      entry.writing = true
      this.#dirty.delete(entry)
    }
    const rows = entries.map(({ jobId, history }) => ({ jobId, data: history.encode() }))
    try {
      await this.#options.store.writeHistories(rows, now)
      this.stats.written += rows.length
      this.#isFailing = false
    } catch (cause) {
      if (isRetryable(cause)) {
        for (const entry of entries) this.#dirty.add(entry)
        throw cause
      }
      // Refused for a reason of its own: asking the same again would never end. The next point is another try.
      this.#fault(cause)
      this.stats.dropped += rows.length
    } finally {
      for (const entry of entries) entry.writing = false
    }
    for (const entry of entries) this.#written(entry, now)
  }

  #written(entry: HistoryEntry, now: number): void {
    entry.writtenAt = now
    if (this.#dirty.has(entry)) return
    entry.urgent = false
    if (entry.removed) this.#forget(entry)
  }

  async #prune(): Promise<void> {
    const now = this.#options.now()
    if (now < this.#pruneAt || !this.#isOpen) return
    const pruned = await this.#options.store.pruneHistories(now - KEEP_MS, PRUNE_AT_ONCE)
    this.stats.pruned += pruned
    if (pruned < PRUNE_AT_ONCE) this.#pruneAt = now + DAY_MS
  }

  #drop(entry: HistoryEntry): void {
    this.stats.dropped += 1
    this.#forget(entry)
  }

  #forget(entry: HistoryEntry): void {
    if (this.#leaving.get(entry.jobId) === entry) this.#leaving.delete(entry.jobId)
    this.#dirty.delete(entry)
    this.#unread.delete(entry)
  }

  /** An earlier waking stands; while the database is away nothing wakes before the next try. */
  #wake(afterMs: number): void {
    if (!this.#isOpen || this.#kept === false) return
    if (this.#round !== undefined) {
      this.#hurried = true
      return
    }
    const delay = Math.max(afterMs, this.#retryMs)
    const at = this.#options.now() + delay
    if (this.#timer !== undefined && this.#timer.at <= at) return
    this.#clearTimer()
    this.#timer = { id: this.#clock.setTimeout(() => void this.runNow(), delay), at }
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer.id)
    this.#timer = undefined
  }
}
