/** DB-6: what stands in the database is looked up once at start; what is missing and optional is skipped. */

import { marks, text, type Executor, type KnownColumns } from './executor.ts'
import type { SchemaReport } from './ports.ts'
import { ALIASES, TABLES, type Dialect } from './schema.ts'

export interface Lookup {
  readonly known: KnownColumns
  /** `table.column` → collation, where the database has any. */
  readonly collations: ReadonlyMap<string, string>
  /** `table.column` → the words that an enum takes, in lower case. SQLite has only tables that are ours. */
  readonly enums: ReadonlyMap<string, ReadonlySet<string>>
}

export async function lookUp(on: Executor, dialect: Dialect): Promise<Lookup> {
  const names = TABLES.map((table) => table.name)
  const rows =
    dialect === 'mysql'
      ? await on.all(
          `select table_name as t, column_name as c, collation_name as coll, column_type as type from information_schema.columns where table_schema = database() and table_name in (${marks(names.length)})`,
          names,
        )
      : await on.all(
          `select m.name as t, c.name as c, null as coll, null as type from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table' and m.name in (${marks(names.length)})`,
          names,
        )
  const known = new Map<string, Set<string>>()
  const collations = new Map<string, string>()
  const enums = new Map<string, ReadonlySet<string>>()
  for (const row of rows) {
    const table = text(row, 't')
    const column = text(row, 'c')
    const columns = known.get(table) ?? new Set<string>()
    known.set(table, columns.add(column))
    if (row['coll']) collations.set(`${table}.${column}`, text(row, 'coll'))
    const words = enumWords(text(row, 'type'))
    if (words !== undefined) enums.set(`${table}.${column}`, words)
  }
  return { known, collations, enums }
}

/** `enum('a','b')` → its words. */
function enumWords(type: string): ReadonlySet<string> | undefined {
  const inside = /^enum\((.*)\)$/i.exec(type)?.[1]
  if (inside === undefined) return undefined
  return new Set([...inside.matchAll(/'((?:[^']|'')*)'/g)].map(([, word]) => (word ?? '').toLowerCase()))
}

/** Throws a sentence that names all that is needed and missing; reports what is optional and missing. */
export function checkSchema(known: KnownColumns): SchemaReport {
  const needed: string[] = []
  const missing: string[] = []
  for (const table of TABLES) {
    const columns = known.get(table.name)
    if (columns === undefined) {
      ;(table.needed ? needed : missing).push(`table ${table.name}`)
      continue
    }
    for (const column of table.columns) {
      const path = `${table.name}.${column.name}`
      if (columns.has(column.name) || columns.has(ALIASES[path] ?? '')) continue
      ;(column.needed ? needed : missing).push(path)
    }
  }
  if (needed.length === 0) return { missing }
  throw new Error(
    `the database lacks ${needed.join(', ')}; on an empty database \`sightline migrate\` creates the tables`,
  )
}
