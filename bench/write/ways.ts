/** Ways to get rows into a database. `sightline` is the project's own store; the others are what one would write instead. */

import { DatabaseSync } from 'node:sqlite'
import mysql, { type Pool, type PoolConnection } from 'mysql2/promise'
import { openDatabase } from '../../src/db/open.ts'
import type { ProgressRow } from '../../src/db/ports.ts'
import { UPDATES, UPSERTS } from './rows.ts'

export interface Way {
  readonly name: string
  /** Rows that belong together, for which it has one call. */
  write(rows: readonly ProgressRow[]): Promise<void>
  close(): Promise<void>
  /** Sizes of batches that mean anything to it; absent: all. */
  readonly takes?: (batch: number) => boolean
}

const AT_ONCE = 8

export async function sightlineWay(url: string): Promise<Way> {
  const database = await openDatabase(url, { zone: 'UTC', poolSize: AT_ONCE })
  await database.open()
  return {
    name: 'sightline',
    write: async (rows) => {
      const { jobs, disks, diskError } = await database.writeProgress(rows)
      if (jobs !== rows.length || disks !== rows.length)
        throw new Error(`${jobs} jobs and ${disks} disks of ${rows.length}: ${diskError ?? ''}`)
    },
    close: () => database.close(),
  }
}

/** Each on a database of its own: upserts spoil the server's estimate of a table's size, and with it the plans of others. */
export async function mariaDbWays(databaseOf: (name: string) => Promise<string>): Promise<readonly Way[]> {
  const pool = async (name: string): Promise<Pool> =>
    mysql.createPool({ uri: await databaseOf(name), connectionLimit: AT_ONCE })
  const [single, atOnce, transaction, upserting] = [
    await pool('single'),
    await pool('at_once'),
    await pool('in_transaction'),
    await pool('upserting'),
  ]
  return [
    {
      name: 'UPDATE a row, each committed',
      write: (rows) => each(single, rows),
      close: () => single.end(),
      takes: (batch) => batch === 1,
    },
    {
      name: `UPDATE a row, each committed, ${AT_ONCE} at once`,
      write: async (rows) => {
        const left = rows.values()
        await Promise.all(
          Array.from({ length: AT_ONCE }, async () => {
            for (const row of left) await each(atOnce, [row])
          }),
        )
      },
      close: () => atOnce.end(),
      takes: (batch) => batch === 100,
    },
    {
      name: 'UPDATE a row, a transaction a batch',
      write: (rows) => inTransaction(transaction, rows),
      close: () => transaction.end(),
      takes: (batch) => batch > 1,
    },
    {
      name: 'INSERT … ON DUPLICATE KEY UPDATE',
      write: (rows) => upsert(upserting, rows),
      close: () => upserting.end(),
    },
  ]
}

async function inTransaction(pool: Pool, rows: readonly ProgressRow[]): Promise<void> {
  const connection = await pool.getConnection()
  await connection.beginTransaction()
  await each(connection, rows)
  await connection.commit()
  connection.release()
}

async function upsert(pool: Pool, rows: readonly ProgressRow[]): Promise<void> {
  for (const { sql, values } of Object.values(UPSERTS)) {
    const statement = sql(rows.length, (column) => `values(${column})`, 'on duplicate key update')
    await pool.query(statement, rows.flatMap(values))
  }
}

async function each(on: Pick<PoolConnection, 'execute'>, rows: readonly ProgressRow[]): Promise<void> {
  for (const row of rows) for (const { sql, values } of UPDATES) await on.execute(sql, values(row))
}

export function sqliteWays(file: string): readonly Way[] {
  const db = new DatabaseSync(file)
  // As our store has it: without a write-ahead log each commit would wait for the disk twice.
  db.exec(
    'pragma busy_timeout = 5000; pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on',
  )
  const updates = UPDATES.map(({ sql, values }) => ({ statement: db.prepare(sql), values }))
  const conflicts = {
    job: 'on conflict (id) do update set',
    disk: 'on conflict (vm_context_id, disk_id) do update set',
  }
  const upserts = (['job', 'disk'] as const).map((table) => ({
    statement: db.prepare(UPSERTS[table].sql(1, (column) => `excluded.${column}`, conflicts[table])),
    values: UPSERTS[table].values,
  }))
  const run = (rows: readonly ProgressRow[], by: typeof updates): void => {
    for (const row of rows) for (const { statement, values } of by) statement.run(...values(row))
  }
  const inTransaction = async (rows: readonly ProgressRow[], by: typeof updates): Promise<void> => {
    db.exec('begin immediate')
    run(rows, by)
    db.exec('commit')
  }
  const close = async (): Promise<void> => undefined
  return [
    {
      name: 'UPDATE a row, each committed',
      write: async (rows) => run(rows, updates),
      close,
      takes: (batch) => batch === 1,
    },
    {
      name: 'UPDATE a row, a transaction a batch',
      write: (rows) => inTransaction(rows, updates),
      close,
      takes: (batch) => batch > 1,
    },
    {
      name: 'INSERT … ON CONFLICT, a transaction a batch',
      write: (rows) => inTransaction(rows, upserts),
      close: async () => db.close(),
    },
  ]
}
