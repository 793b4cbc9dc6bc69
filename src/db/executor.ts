/**
 * The smallest interface needed of a driver. Statements use `?` and the SQL that MariaDB, MySQL and SQLite share; what
 * differs (batched updates, look-up, DDL) is the dialect's own.
 */

export type SqlValue = string | number | null
export type Row = Readonly<Record<string, unknown>>

export interface Executor {
  all(sql: string, params?: readonly SqlValue[]): Promise<readonly Row[]>
  /** Rows that matched. */
  run(sql: string, params?: readonly SqlValue[]): Promise<number>
}

export interface Connection extends Executor {
  /** Everything in `work` stands or nothing does; transactions never interleave on one connection. */
  transaction<T>(work: (inside: Executor) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Columns that stand in the database, by table. */
export type KnownColumns = ReadonlyMap<string, ReadonlySet<string>>

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null
}

export function text(row: Row, name: string): string {
  return textOf(row[name]) ?? ''
}

export function textOrNull(row: Row, name: string): string | null {
  return textOf(row[name])
}

/** Numbers come as numbers, or as text where the driver keeps decimals exact. */
export function number(row: Row, name: string): number {
  const value = Number(row[name] ?? 0)
  return Number.isFinite(value) ? value : 0
}

export function numberOrNull(row: Row, name: string): number | null {
  return row[name] === null || row[name] === undefined ? null : number(row, name)
}

/** `?, ?, ?` */
export function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ')
}
