/** What the writes of jobs came to: rows by table and reason, and how long and how large flushes are. */

import type { JobEnd, ProgressRow } from '../db/ports.ts'
import { WRITE_REASONS, type WriteReason } from '../model/throttle.ts'
import { Buckets, DURATION_BOUNDS, ROW_BOUNDS } from '../telemetry/buckets.ts'

export const WRITTEN_TABLES = ['replication_jobs', 'vm_disks', 'cbt_history'] as const
export type WrittenTable = (typeof WRITTEN_TABLES)[number]

export interface SentRow {
  readonly row: ProgressRow
  readonly reason: WriteReason
}

type ByReason = Record<WriteReason, number>

function noRows(): ByReason {
  return Object.fromEntries(WRITE_REASONS.map((reason) => [reason, 0])) as ByReason
}

export class WriteCounts {
  readonly rows: Readonly<Record<WrittenTable, Readonly<ByReason>>>
  readonly #rows: Record<WrittenTable, ByReason>
  readonly flushSeconds = new Buckets(DURATION_BOUNDS)
  readonly flushRows = new Buckets(ROW_BOUNDS)

  constructor() {
    this.#rows = { replication_jobs: noRows(), vm_disks: noRows(), cbt_history: noRows() }
    this.rows = this.#rows
  }

  flushed(ms: number, rows: number): void {
    this.flushSeconds.record(ms / 1_000)
    this.flushRows.record(rows)
  }

  /**
   * The database says how many rows it took, not which. It takes nearly always all: then each counts under its reason. Of a
   * statement of which some were refused the first ones are counted, so that the sum is right at any time.
   */
  wrote(sent: readonly SentRow[], taken: { readonly jobs: number; readonly disks: number }): void {
    let { jobs, disks } = taken
    for (const { row, reason } of sent) {
      const [job, ofDisks] = [Math.min(jobs, 1), Math.min(disks, row.disks.length)]
      this.#rows.replication_jobs[reason] += job
      this.#rows.vm_disks[reason] += ofDisks
      jobs -= job
      disks -= ofDisks
    }
  }

  /** `withDisks`: its disks' rows were written too (DB-4). */
  ended(end: JobEnd, withDisks: boolean): void {
    this.#rows.replication_jobs.terminal += 1
    if (!withDisks) return
    this.#rows.vm_disks.terminal += end.disks.length
    this.#rows.cbt_history.terminal += end.disks.length
  }
}
