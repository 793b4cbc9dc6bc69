/** How the rows of a job's log become rows of its three tables: columns, what replaces what, one statement for many. */

import type { LogEvent, StepRow, TrackingRow } from '../model/job-log-rows.ts'
import { wallClock } from '../model/time.ts'
import { marks, type Executor, type KnownColumns, type SqlValue } from './executor.ts'
import type { Dialect } from './schema.ts'

export interface RowContext {
  readonly dialect: Dialect
  readonly zone: string
  readonly known: KnownColumns
  readonly enums: ReadonlyMap<string, ReadonlySet<string>>
}

/** `set`: replaces what stands. `once`: only where the column is null. `insert`: never changed again. */
type Mode = 'set' | 'once' | 'insert'

interface LogColumn<R> {
  readonly name: string
  readonly mode: Mode
  readonly value: (row: R, ctx: RowContext) => SqlValue
  /** The same word in every row: left out where the column's enum does not have it, so that its default holds. */
  readonly word?: string
}

export interface LogTable<R> {
  readonly name: string
  /** Without these it can't be written at all. */
  readonly needed: readonly string[]
  /** The unique key; none: rows are only added. */
  readonly key: readonly string[]
  readonly columns: readonly LogColumn<R>[]
}

/** Rows in one statement on MariaDB; SQLite runs one prepared statement a row, in process. */
const CHUNK = 500
/** `job_tracking.external_job_id` and `log_events.external_job_id`. */
const MAX_EXTERNAL = 64
const MAX_EVENT_EXTERNAL = 255

function column<R>(name: string, mode: Mode, value: LogColumn<R>['value']): LogColumn<R> {
  return { name, mode, value }
}

function constant<R>(name: string, word: string): LogColumn<R> {
  return { name, mode: 'insert', value: () => word, word }
}

function clock(at: number | null, zone: string): SqlValue {
  return at === null ? null : wallClock(at, zone)
}

/** The first of the words that the column's enum has; the first where it is no enum or has none of them. */
function wordOf(ctx: RowContext, path: string, ...words: readonly [string, ...string[]]): string {
  const known = ctx.enums.get(path)
  return words.find((word) => known?.has(word.toLowerCase()) ?? true) ?? words[0]
}

export const TRACKING: LogTable<TrackingRow> = {
  name: 'job_tracking',
  needed: ['id', 'status'],
  key: ['id'],
  columns: [
    column('id', 'insert', (r) => r.trackingId),
    constant('job_type', 'migration'),
    constant('operation', 'replication'),
    constant('job_category', 'replication'),
    constant('owner', 'sightline'),
    column('external_job_id', 'insert', (r) => r.jobId.slice(0, MAX_EXTERNAL)),
    column('context_id', 'insert', (r) => r.vmContextId || null),
    column('status', 'set', (r, ctx) => {
      const instead = r.status === 'cancelled' ? 'failed' : r.status === 'pending' ? 'running' : r.status
      return wordOf(ctx, 'job_tracking.status', r.status, instead)
    }),
    column('percent_complete', 'set', (r) => r.percent),
    column('metadata', 'set', (r) => JSON.stringify(r.metadata)),
    column('error_message', 'set', (r) => r.errorMessage || null),
    column('started_at', 'once', (r, { zone }) => clock(r.startedAt, zone)),
    column('completed_at', 'set', (r, { zone }) => clock(r.completedAt, zone)),
    column('created_at', 'insert', (r, { zone }) => clock(r.updatedAt, zone)),
    column('updated_at', 'set', (r, { zone }) => clock(r.updatedAt, zone)),
  ],
}

export const STEPS: LogTable<StepRow> = {
  name: 'job_steps',
  needed: ['job_id', 'seq', 'name', 'status'],
  key: ['job_id', 'seq'],
  columns: [
    column('job_id', 'insert', (r) => r.trackingId),
    column('seq', 'insert', (r) => r.seq),
    column('name', 'insert', (r) => r.name),
    column('status', 'set', (r, ctx) => {
      return wordOf(ctx, 'job_steps.status', r.status, r.status === 'skipped' ? 'failed' : r.status)
    }),
    column('started_at', 'once', (r, { zone }) => clock(r.startedAt, zone)),
    column('completed_at', 'set', (r, { zone }) => clock(r.completedAt, zone)),
    column('error_message', 'set', (r) => r.errorMessage || null),
  ],
}

/** An event with the keys that it refers to; null where no such row stands. */
export interface LinkedEvent extends LogEvent {
  readonly linkedId: string | null
  readonly stepId: number | null
}

export const EVENTS: LogTable<LinkedEvent> = {
  name: 'log_events',
  needed: ['message', 'ts'],
  key: [],
  columns: [
    column('job_id', 'insert', (r) => r.linkedId),
    column('step_id', 'insert', (r) => r.stepId),
    column('level', 'insert', (r, ctx) => wordOf(ctx, 'log_events.level', r.level, 'INFO')),
    column('message', 'insert', (r) => r.message),
    column('attrs', 'insert', (r) => JSON.stringify(r.attrs)),
    column('ts', 'insert', (r, { zone }) => wallClock(r.at, zone)),
    column('external_job_id', 'insert', (r) => r.jobId.slice(0, MAX_EVENT_EXTERNAL)),
  ],
}

/** True when the table stands with all that it needs. */
export function canWrite(known: KnownColumns, table: { name: string; needed: readonly string[] }): boolean {
  const columns = known.get(table.name)
  return table.needed.every((name) => columns?.has(name) ?? false)
}

/** Adds rows, or changes those that stand under the same key. */
export async function putRows<R>(on: Executor, ctx: RowContext, table: LogTable<R>, rows: readonly R[]): Promise<void> {
  const columns = table.columns.filter(({ name, word }) => {
    const words = ctx.enums.get(`${table.name}.${name}`)
    return ctx.known.get(table.name)?.has(name) && (word === undefined || (words?.has(word) ?? true))
  })
  const chunk = ctx.dialect === 'sqlite' ? 1 : CHUNK
  for (let i = 0; i < rows.length; i += chunk) {
    const some = rows.slice(i, i + chunk)
    const values = some.flatMap((row) => columns.map(({ value }) => value(row, ctx)))
    await on.run(statement(ctx.dialect, table, columns, some.length), values)
  }
}

function statement<R>(
  dialect: Dialect,
  { name, key }: LogTable<R>,
  columns: readonly LogColumn<R>[],
  count: number,
): string {
  const tuple = `(${marks(columns.length)})`
  const tuples = Array.from({ length: count }, () => tuple).join(', ')
  const insert = `insert into ${name} (${columns.map((c) => c.name).join(', ')}) values ${tuples}`
  if (key.length === 0) return insert
  const given = (column: string): string => (dialect === 'mysql' ? `values(${column})` : `excluded.${column}`)
  const changes = columns
    .filter(({ mode }) => mode !== 'insert')
    .map((c) => `${c.name} = ${c.mode === 'once' ? `coalesce(${name}.${c.name}, ${given(c.name)})` : given(c.name)}`)
  const clash = dialect === 'mysql' ? 'on duplicate key update' : `on conflict (${key.join(', ')}) do update set`
  return `${insert} ${clash} ${changes.join(', ')}`
}
