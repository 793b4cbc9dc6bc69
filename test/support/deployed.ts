/** Databases in the shape that other services made (test/fixtures/deployed.sql), on a real MariaDB. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text, type Connection } from '../../src/db/executor.ts'
import { MysqlConnection } from '../../src/db/mysql.ts'
import type { MariaDb } from './mariadb.ts'

const FIXTURES = join(import.meta.dirname, '..', 'fixtures')
const UTF8 = 'default charset=utf8mb4 collate=utf8mb4_unicode_ci'
const LATIN1 = 'default charset=latin1 collate=latin1_swedish_ci'

/** As deployed today, on a server whose default is still latin1. */
export async function deployed(server: MariaDb, name: string): Promise<string> {
  return await shaped(server, name, { files: ['deployed.sql'], charset: UTF8 })
}

/** An older build: latin1 tables, no JobLog, some columns missing, others of another type. */
export async function deployedLean(server: MariaDb, name: string): Promise<string> {
  return await shaped(server, name, { files: ['deployed.sql', 'deployed-lean.sql'], charset: LATIN1 })
}

interface Shape {
  readonly files: readonly string[]
  readonly charset: string
}

/** By the fixtures' names: the statements that make their tables as they stand in the end, which is quicker than how they came to be. */
const made = new Map<string, readonly string[]>()

async function shaped(server: MariaDb, name: string, { files, charset }: Shape): Promise<string> {
  const url = await server.database(name, 'latin1')
  const on = new MysqlConnection(url, 1)
  try {
    const known = made.get(files.join())
    for (const statement of known ?? files.flatMap((file) => statementsOf(file, charset))) await on.run(statement)
    if (known === undefined)
      made.set(files.join(), ['set foreign_key_checks = 0', ...(await standingTables(on)).values()])
  } finally {
    await on.close()
  }
  return url
}

function statementsOf(file: string, charset: string): readonly string[] {
  const sql = readFileSync(join(FIXTURES, file), 'utf8')
    .replaceAll(/^--.*$/gm, '')
    .replaceAll('@charset', charset)
  return sql.split(/;\s*$/m).filter((statement) => statement.trim() !== '')
}

/** Every table of a MariaDB database and the statement that would make it. */
export async function standingTables(on: Connection): Promise<ReadonlyMap<string, string>> {
  const tables = await on.all(
    'select table_name as name from information_schema.tables where table_schema = database() order by table_name',
  )
  const standing = new Map<string, string>()
  for (const table of tables) {
    const name = text(table, 'name')
    const [row] = await on.all(`show create table ${name}`)
    standing.set(name, text(row ?? {}, 'Create Table'))
  }
  return standing
}
