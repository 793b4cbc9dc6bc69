/** The histories of jobs under a hand clock, over a table that outlives them. */

import type { Test } from 'tap'
import { SimulatedClock } from 'xstate'
import { Histories } from '../../src/actors/history.ts'
import type { Job } from '../../src/actors/job.ts'
import { Publisher, type JobChange } from '../../src/actors/publisher.ts'
import type { HistoryStore } from '../../src/db/record-ports.ts'
import type { JobProgress } from '../../src/model/progress.ts'
import { rfc3339 } from '../../src/model/time.ts'
import { jobOf, progressOf } from './jobs.ts'

export const START = Date.parse('2025-09-05T15:26:15Z')

/** A table that does what the test says; `calls` are what it was asked. */
export class FakeTable implements HistoryStore {
  readonly rows = new Map<string, { readonly data: string; readonly updatedAt: number }>()
  readonly calls: string[] = []
  kept = true
  fault: Error | undefined
  /** Held up: a write is under way until this resolves. */
  held: Promise<void> | undefined

  async keepsHistories(): Promise<boolean> {
    if (this.fault !== undefined) throw this.fault
    return this.kept
  }

  async readHistories(jobIds: readonly string[]) {
    this.calls.push(`read ${jobIds.length}`)
    if (this.fault !== undefined) throw this.fault
    return jobIds.flatMap((jobId) => {
      const row = this.rows.get(jobId)
      return row === undefined ? [] : [{ jobId, data: row.data }]
    })
  }

  async writeHistories(rows: readonly { readonly jobId: string; readonly data: string }[], updatedAt: number) {
    this.calls.push(`write ${rows.map(({ jobId }) => jobId).join(' ')}`)
    await this.held
    if (this.fault !== undefined) throw this.fault
    for (const { jobId, data } of rows) this.rows.set(jobId, { data, updatedAt })
  }

  async pruneHistories(before: number, atMost: number): Promise<number> {
    this.calls.push('prune')
    const old = [...this.rows].filter(([, { updatedAt }]) => updatedAt < before).slice(0, atMost)
    for (const [jobId] of old) this.rows.delete(jobId)
    return old.length
  }
}

/** One life of the service, over a table that outlives it. */
export class Life {
  readonly clock = new SimulatedClock()
  readonly publisher = new Publisher('epoch', (cause) => this.faults.push(cause))
  readonly faults: unknown[] = []
  readonly histories: Histories
  readonly #from: number

  constructor(t: Test, table: HistoryStore, from = START) {
    this.#from = from
    this.histories = new Histories({
      store: table,
      publisher: this.publisher,
      rfc3339: (at) => rfc3339(at, 'UTC'),
      now: () => this.now,
      clock: this.clock,
      onFault: (cause) => this.faults.push(cause),
    })
    this.histories.start()
    t.teardown(() => this.histories.close())
  }

  get now(): number {
    return this.#from + this.clock.now()
  }

  adopt(jobId: string, target: Parameters<typeof jobOf>[2] = {}): Job {
    const job = jobOf(jobId, this.now, target)
    this.publisher.publish(job, 'adopted')
    return job
  }

  tell(job: Job, progress: JobProgress, change: JobChange = 'progress'): void {
    job.progress = progress
    job.contactAt = this.now
    job.status = progress.status ?? job.status
    if (change === 'ended') job.completedAt = this.now
    this.publisher.publish(job, change)
  }

  /** `count` samples, 2 s apart, 1 000 bytes each, from `bytes` on. */
  run(job: Job, count: number, bytes = 0): void {
    for (let i = 0; i < count; i += 1) {
      this.tell(job, progressOf(bytes + i * 1_000))
      this.clock.increment(2_000)
    }
  }

  async sync(afterMs = 0): Promise<void> {
    this.clock.increment(afterMs)
    await this.histories.syncNow()
  }

  async points(jobId: string): Promise<readonly number[]> {
    return (await this.histories.read(jobId))?.points.map((p) => p.bytes_transferred) ?? []
  }
}
