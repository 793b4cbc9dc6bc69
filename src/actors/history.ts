/**
 * Keeps the history of every live job (API-3): records each sample in memory and answers from there; what is stored is
 * read and written beside it (history-sync.ts), and nothing waits for that.
 */

import type { HistoryStore } from '../db/record-ports.ts'
import type { JobHistories } from '../http/ports.ts'
import type { ActorClock } from '../machines/clock.ts'
import { JobHistory } from '../model/history.ts'
import { historyJson } from '../model/history-json.ts'
import type { ProgressHistoryJson } from '../model/wire/history.ts'
import { isTerminal } from '../model/words.ts'
import { HistoryEntry, HistorySync, type HistoryStats } from './history-sync.ts'
import type { Job } from './job.ts'
import type { JobChange, Publisher } from './publisher.ts'

/** After adoption a disk that is not heard yet counts as nothing moved: a fall of the job's bytes is no new run then. */
const SETTLE_MS = 60_000

export interface HistoriesOptions {
  readonly store: HistoryStore
  readonly publisher: Publisher
  readonly rfc3339: (at: number) => string
  readonly now: () => number
  readonly clock?: ActorClock
  /** The database did not take or give histories; told once until it does again. */
  readonly onFault: (cause: unknown) => void
}

export class Histories implements JobHistories {
  readonly #options: HistoriesOptions
  readonly #sync: HistorySync
  readonly #entries = new Map<string, HistoryEntry>()
  readonly #unlisten: () => void

  constructor(options: HistoriesOptions) {
    this.#options = options
    this.#sync = new HistorySync(options)
    this.#unlisten = options.publisher.listen((job, change) => this.#heard(job, change))
  }

  get stats(): Readonly<HistoryStats> {
    return this.#sync.stats
  }

  /** Histories in memory: of live jobs, and of removed ones that are not written yet. */
  get size(): number {
    return this.#entries.size + this.#sync.leaving
  }

  /** The database is open: what is stored is read and written from now on. */
  start(): void {
    this.#sync.start()
  }

  /** One round of reading and writing now. Never throws. */
  async syncNow(): Promise<void> {
    await this.#sync.runNow()
  }

  /** From memory for live jobs, else from the database; undefined when neither has it. Throws what the database throws. */
  async read(jobId: string): Promise<ProgressHistoryJson | undefined> {
    const entry = this.#entries.get(jobId) ?? this.#sync.leavingEntry(jobId)
    // Adopted a moment ago: what is stored of it is on its way, and is the beginning of its curve.
    if (entry !== undefined && this.#sync.isUnread(entry)) await this.#sync.runNow()
    const history = entry?.history ?? (await this.#stored(jobId))
    return history === undefined ? undefined : historyJson(jobId, history, this.#options.rfc3339)
  }

  /** Writes what changed, once. */
  async close(): Promise<void> {
    this.#unlisten()
    await this.#sync.close()
  }

  async #stored(jobId: string): Promise<JobHistory | undefined> {
    const [row] = await this.#options.store.readHistories([jobId])
    return row === undefined ? undefined : JobHistory.decode(row.data)
  }

  #heard(job: Job, change: JobChange): void {
    const entry = this.#entries.get(job.jobId) ?? (change === 'adopted' ? this.#adopt(job.jobId) : undefined)
    if (entry === undefined) return
    if (job.contactAt !== undefined && job.contactAt !== entry.sampledAt) this.#sample(job, entry, job.contactAt)
    if (change === 'ended' && isTerminal(job.status)) {
      const changed = entry.history.end(job.completedAt ?? this.#options.now(), job.status)
      if (changed) this.#sync.write(entry, { urgent: true })
    }
    if (change === 'removed') {
      this.#entries.delete(job.jobId)
      this.#sync.leave(entry)
    }
  }

  #sample({ progress, target, operation, status, adoptedAt }: Job, entry: HistoryEntry, at: number): void {
    entry.sampledAt = at
    if (progress === undefined) return
    const { bytes, percent, disks, disksReporting } = progress
    const silent = at - adoptedAt < SETTLE_MS && disksReporting < disks.length
    if (silent && bytes < Math.max(entry.history.newestBytes, target.bytes)) return
    if (entry.history.sample({ at, bytes, percent, stage: operation, status })) this.#sync.write(entry)
  }

  #adopt(jobId: string): HistoryEntry {
    const entry = this.#sync.takeBack(jobId) ?? new HistoryEntry(jobId, this.#options.now())
    this.#entries.set(jobId, entry)
    this.#sync.load(entry)
    return entry
  }
}
