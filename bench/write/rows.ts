/** Rows to write, and the columns of them that everybody writes, as the documented design has them. */

import type { SqlValue } from '../../src/db/executor.ts'
import type { ProgressRow } from '../../src/db/ports.ts'
import { wallClock } from '../../src/model/time.ts'

const TOTAL_BYTES = 42_949_672_960
const STEP_BYTES = 33_554_432

/** The state of a job in its `round`: each differs from the one before as one poll differs from the next. */
export function progressRow(jobId: string, round: number, now: number): ProgressRow {
  const bytes = (round * STEP_BYTES) % TOTAL_BYTES
  const percent = Math.round((bytes / TOTAL_BYTES) * 10_000) / 100
  return {
    jobId,
    status: 'replicating',
    currentOperation: 'Transfer',
    percent,
    bytes,
    totalBytes: TOTAL_BYTES,
    speedBps: 16_777_216 + round,
    phase: 'Transfer',
    throughputMbps: 16,
    etaSeconds: 2_000,
    lastPollAt: now,
    updatedAt: now,
    syncType: 'initial',
    replicationType: 'initial',
    disks: [{ diskId: DISK_ID, status: 'syncing', percent, bytes }],
  }
}

/** As bench/oma/inventory.ts fills it in: one disk a job. */
const DISK_ID = 'disk-2000'

type Columns = readonly (readonly [column: string, of: (row: ProgressRow) => SqlValue])[]

const JOB: Columns = [
  ['status', (row) => row.status],
  ['current_operation', (row) => row.currentOperation],
  ['progress_percent', (row) => row.percent],
  ['bytes_transferred', (row) => row.bytes],
  ['total_bytes', (row) => row.totalBytes],
  ['transfer_speed_bps', (row) => row.speedBps],
  ['vma_sync_type', (row) => row.syncType ?? null],
  ['replication_type', (row) => row.replicationType ?? null],
  ['vma_current_phase', (row) => row.phase],
  ['vma_throughput_mbps', (row) => row.throughputMbps],
  ['vma_eta_seconds', (row) => row.etaSeconds],
  ['vma_last_poll_at', (row) => wallClock(row.lastPollAt, 'UTC')],
  ['updated_at', (row) => wallClock(row.updatedAt, 'UTC')],
]
const DISK: Columns = [
  ['sync_status', (row) => row.disks[0]?.status ?? ''],
  ['sync_progress_percent', (row) => row.disks[0]?.percent ?? 0],
  ['bytes_synced', (row) => row.disks[0]?.bytes ?? 0],
  ['updated_at', (row) => wallClock(row.updatedAt, 'UTC')],
]

export interface Statement {
  readonly sql: string
  readonly values: (row: ProgressRow) => SqlValue[]
}

const set = (columns: Columns): string => columns.map(([name]) => `${name} = ?`).join(', ')
const all = (columns: Columns, row: ProgressRow): SqlValue[] => columns.map(([, of]) => of(row))

export const UPDATES: readonly Statement[] = [
  {
    sql: `update replication_jobs set ${set(JOB)} where id = ? and status not in ('completed', 'failed', 'cancelled')`,
    values: (row) => [...all(JOB, row), row.jobId],
  },
  {
    sql: `update vm_disks set ${set(DISK)} where job_id = ? and disk_id = ?`,
    values: (row) => [...all(DISK, row), row.jobId, DISK_ID],
  },
]

/** What an insert has to name besides, or the tables refuse it. */
const NEW_JOB: Columns = [
  ['id', (row) => row.jobId],
  ['vm_context_id', (row) => contextOf(row)],
  ['source_vm_id', () => 'uuid'],
  ['source_vm_name', () => 'vm'],
  ['source_vm_path', () => '/dc/vm'],
  ['v_center_host', () => 'vcenter-01'],
  ['datacenter', () => 'dc'],
]
const NEW_DISK: Columns = [
  ['vm_context_id', (row) => contextOf(row)],
  ['job_id', (row) => row.jobId],
  ['disk_id', () => DISK_ID],
  ['ossea_volume_id', (row) => Number(row.jobId.slice(-6)) + 1],
]

/** One VM context for each job, numbered alike. */
function contextOf({ jobId }: ProgressRow): string {
  return `ctx-vm-${jobId.slice(-5)}`
}

export interface Upsert {
  readonly sql: (rows: number, given: (column: string) => string, conflict: string) => string
  readonly values: (row: ProgressRow) => SqlValue[]
}

function upsert(table: string, fresh: Columns, changed: Columns): Upsert {
  const columns = [...fresh, ...changed]
  const marks = `(${columns.map(() => '?').join(', ')})`
  return {
    sql: (rows, given, conflict) =>
      `insert into ${table} (${columns.map(([name]) => name).join(', ')}) values ${Array.from({ length: rows }, () => marks).join(', ')} ${conflict} ` +
      changed.map(([name]) => `${name} = ${given(name)}`).join(', '),
    values: (row) => all(columns, row),
  }
}

export const UPSERTS = {
  job: upsert('replication_jobs', NEW_JOB, JOB),
  disk: upsert('vm_disks', NEW_DISK, DISK),
} as const
