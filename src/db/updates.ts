/** What a progress row sets (DB-2), once for both databases: column, SQL type in a JSON row, how it replaces what stands. */

import { fromWallClock, wallClock } from '../model/time.ts'
import type { SqlValue } from './executor.ts'
import { fit, type ColumnLimit, type Columns } from './limits.ts'
import type { DiskRow, ProgressRow } from './ports.ts'

/** `set`: always. `keep`: null leaves the column. `once`: only where the column is null. */
type Mode = 'set' | 'keep' | 'once'

export interface Assignment<R> {
  readonly column: string
  readonly type: string
  readonly mode: Mode
  readonly value: (row: R, zone: string) => SqlValue
}

const MAX_INT = 2_147_483_647
/** Largest value of decimal(10,2). */
const MAX_MBPS = 99_999_999

function clock(at: number | undefined, zone: string): SqlValue {
  return at === undefined ? null : wallClock(at, zone)
}

const JOB: readonly Assignment<ProgressRow>[] = [
  { column: 'status', type: 'varchar(191)', mode: 'set', value: (r) => r.status },
  { column: 'current_operation', type: 'text', mode: 'set', value: (r) => r.currentOperation },
  { column: 'progress_percent', type: 'double', mode: 'set', value: (r) => r.percent },
  { column: 'setup_progress_percent', type: 'double', mode: 'keep', value: (r) => r.setupPercent ?? null },
  { column: 'bytes_transferred', type: 'bigint', mode: 'set', value: (r) => r.bytes },
  { column: 'total_bytes', type: 'bigint', mode: 'set', value: (r) => r.totalBytes },
  { column: 'transfer_speed_bps', type: 'bigint', mode: 'set', value: (r) => r.speedBps },
  { column: 'vma_sync_type', type: 'varchar(50)', mode: 'keep', value: (r) => r.syncType ?? null },
  { column: 'replication_type', type: 'varchar(50)', mode: 'keep', value: (r) => r.replicationType ?? null },
  { column: 'vma_current_phase', type: 'varchar(100)', mode: 'set', value: (r) => r.phase },
  { column: 'vma_throughput_mbps', type: 'double', mode: 'set', value: (r) => Math.min(MAX_MBPS, r.throughputMbps) },
  {
    column: 'vma_eta_seconds',
    type: 'bigint',
    mode: 'set',
    value: (r) => (r.etaSeconds === null ? null : Math.min(MAX_INT, r.etaSeconds)),
  },
  { column: 'vma_last_poll_at', type: 'varchar(30)', mode: 'set', value: (r, zone) => clock(r.lastPollAt, zone) },
  { column: 'error_message', type: 'text', mode: 'keep', value: (r) => r.errorMessage ?? null },
  {
    column: 'vma_error_classification',
    type: 'varchar(50)',
    mode: 'keep',
    value: (r) => r.errorClassification ?? null,
  },
  { column: 'vma_error_details', type: 'text', mode: 'keep', value: (r) => r.errorDetails ?? null },
  { column: 'started_at', type: 'varchar(30)', mode: 'once', value: (r, zone) => clock(r.startedAt, zone) },
  { column: 'updated_at', type: 'varchar(30)', mode: 'set', value: (r, zone) => clock(r.updatedAt, zone) },
]

export interface KeyedDiskRow extends DiskRow {
  readonly jobId: string
  readonly updatedAt: number
}

const DISK: readonly Assignment<KeyedDiskRow>[] = [
  { column: 'sync_status', type: 'varchar(191)', mode: 'set', value: (r) => r.status },
  { column: 'sync_progress_percent', type: 'double', mode: 'set', value: (r) => r.percent },
  { column: 'bytes_synced', type: 'bigint', mode: 'set', value: (r) => r.bytes },
  { column: 'updated_at', type: 'varchar(30)', mode: 'set', value: (r, zone) => clock(r.updatedAt, zone) },
]

/** The columns that stand, with values that they take (DB-6). */
function present<R>(
  all: readonly Assignment<R>[],
  { known, limits }: Columns,
  table: string,
): readonly Assignment<R>[] {
  const columns = known.get(table)
  return all
    .filter(({ column }) => columns?.has(column))
    .map((assignment) => {
      const limit = limits.get(`${table}.${assignment.column}`)
      return { ...assignment, value: (row, zone) => fitted(assignment, assignment.value(row, zone), limit) }
    })
}

/** Null means "leave it" to all modes but `set`. */
function fitted<R>({ mode }: Assignment<R>, value: SqlValue, limit: ColumnLimit | undefined): SqlValue {
  return value === null && mode !== 'set' ? null : fit(value, limit)
}

export function jobAssignments(columns: Columns): readonly Assignment<ProgressRow>[] {
  return present(JOB, columns, 'replication_jobs')
}

export function diskAssignments(columns: Columns): readonly Assignment<KeyedDiskRow>[] {
  return present(DISK, columns, 'vm_disks')
}

export function diskRowsOf(rows: readonly ProgressRow[]): readonly KeyedDiskRow[] {
  return rows.flatMap((row) => row.disks.map((disk) => ({ ...disk, jobId: row.jobId, updatedAt: row.updatedAt })))
}

/** `status = ?, started_at = coalesce(started_at, ?)`: one row at a time. */
export function setList<R>(assignments: readonly Assignment<R>[]): string {
  return assignments.map(({ column, mode }) => `${column} = ${replaced(mode, column, '?')}`).join(', ')
}

export function setValues<R>(assignments: readonly Assignment<R>[], row: R, zone: string): readonly SqlValue[] {
  return assignments.map(({ value }) => value(row, zone))
}

/** `x.status = t.status, …`: from a joined table `t`. */
export function joinedSetList<R>(assignments: readonly Assignment<R>[], target: string): string {
  return assignments
    .map(({ column, mode }) => `${target}.${column} = ${replaced(mode, `${target}.${column}`, `t.${column}`)}`)
    .join(', ')
}

function replaced(mode: Mode, stands: string, given: string): string {
  if (mode === 'set') return given
  return mode === 'keep' ? `coalesce(${given}, ${stands})` : `coalesce(${stands}, ${given})`
}

/** What the database's wall clock says, in epoch ms; 0 for none. */
export function timeOf(value: unknown, zone: string): number {
  return typeof value === 'string' ? (fromWallClock(value, zone) ?? 0) : 0
}

/** STAT-3: what another writer ended stays ended. */
export const NOT_TERMINAL = "status not in ('completed', 'failed', 'cancelled')"
