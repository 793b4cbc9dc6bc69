/**
 * What a column of a deployed database can hold (DB-6): tables differ by the age of their server and of the build that
 * made them, and in strict mode one value too long, too exotic or null refuses a whole statement. Values are made to fit.
 */

import { marks, number, text, type Executor, type KnownColumns, type SqlValue } from './executor.ts'
import { TABLES, type Dialect } from './schema.ts'

export interface ColumnLimit {
  readonly nullable: boolean
  /** What stands for null where a column takes none. */
  readonly empty: '' | 0
  /** UTF-16 code units; never more than the column's characters. */
  readonly maxLength: number
  /** `utf8mb4`, `latin1`, …; '' for columns without text. */
  readonly charset: string
}

/** By `table.column`. SQLite has none: it takes what it is given. */
export type Limits = ReadonlyMap<string, ColumnLimit>

/** What stands in a database: everything a statement is made from. */
export interface Columns {
  readonly known: KnownColumns
  readonly limits: Limits
}

/** Nobody reads more of a message, and a `text` of JSON_TABLE holds 65 535 bytes. */
const MAX_LENGTH = 16_000
const BYTES_PER_CHARACTER = 4

export async function readLimits(on: Executor, dialect: Dialect): Promise<Limits> {
  const limits = new Map<string, ColumnLimit>()
  if (dialect === 'sqlite') return limits
  const names = TABLES.map((table) => table.name)
  const rows = await on.all(
    `select table_name as t, column_name as c, is_nullable as nullable, data_type as type, character_maximum_length as length, character_set_name as charset from information_schema.columns where table_schema = database() and table_name in (${marks(names.length)})`,
    names,
  )
  for (const row of rows) {
    const charset = text(row, 'charset')
    // A `text` counts bytes, a `varchar` characters.
    const length = number(row, 'length') / (text(row, 'type').endsWith('text') ? BYTES_PER_CHARACTER : 1)
    limits.set(`${text(row, 't')}.${text(row, 'c')}`, {
      nullable: text(row, 'nullable') === 'YES',
      empty: charset === '' ? 0 : '',
      maxLength: charset === '' ? MAX_LENGTH : Math.min(MAX_LENGTH, Math.floor(length)),
      charset,
    })
  }
  return limits
}

/** The value, cut and spelled so that the column takes it. */
export function fit(value: SqlValue, limit: ColumnLimit | undefined): SqlValue {
  if (value === null) return limit === undefined || limit.nullable ? null : limit.empty
  if (typeof value === 'number') return value
  // Half a surrogate pair is no text: a VMA may send one, and so may a cut.
  const cut = value.slice(0, limit?.maxLength ?? MAX_LENGTH).toWellFormed()
  return limit === undefined ? cut : spelled(cut, limit.charset)
}

/** False for what the column can't hold: then no row has it, and asking for it may be an error of mixed collations. */
export function fits(value: string, limit: ColumnLimit | undefined): boolean {
  return fit(value, limit) === value
}

const ASTRAL = /[\u{10000}-\u{10ffff}]/gu
const NOT_LATIN1 = /[\u0080-\u009f]|[\u{100}-\u{10ffff}]/gu
const NOT_ASCII = /[\u{80}-\u{10ffff}]/gu

/** What a character set can't spell becomes `?`, as the server itself writes it when it is not strict. */
function spelled(value: string, charset: string): string {
  switch (charset) {
    case '':
    case 'utf8mb4':
      return value
    case 'utf8':
    case 'utf8mb3':
      return value.replaceAll(ASTRAL, '?')
    case 'latin1':
      return value.replaceAll(NOT_LATIN1, '?')
    default:
      return value.replaceAll(NOT_ASCII, '?')
  }
}
