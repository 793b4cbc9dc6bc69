/** The embedded database: node:sqlite, write-ahead log, one connection; transactions take turns. */

import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import { SqlDatabase } from './base.ts'
import type { Connection, Executor, Row, SqlValue } from './executor.ts'
import { isRetryable, messageOf } from './faults.ts'
import type { ProgressRow, WriteReport } from './ports.ts'
import { diskAssignments, diskRowsOf, jobAssignments, NOT_TERMINAL, setList, setValues } from './updates.ts'

const BUSY_MS = 5_000
/** Prepared statements that are kept; past it they are prepared anew. */
const MAX_STATEMENTS = 200

export class SqliteConnection implements Connection {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #turn: Promise<unknown> = Promise.resolve()

  constructor(file: string) {
    if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true })
    try {
      this.#db = new DatabaseSync(file)
    } catch (cause) {
      throw new Error(`the SQLite file ${file} can't be opened`, { cause })
    }
    this.#db.exec(
      `pragma busy_timeout = ${BUSY_MS}; pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on`,
    )
    this.#db.function('lower', { deterministic: true }, lower)
  }

  async all(sql: string, params: readonly SqlValue[] = []): Promise<readonly Row[]> {
    return this.#prepared(sql).all(...params)
  }

  async run(sql: string, params: readonly SqlValue[] = []): Promise<number> {
    return Number(this.#prepared(sql).run(...params).changes)
  }

  async transaction<T>(work: (inside: Executor) => Promise<T>): Promise<T> {
    const mine = this.#turn.then(() => this.#transact(work))
    this.#turn = mine.catch(() => {})
    return await mine
  }

  async close(): Promise<void> {
    await this.#turn
    if (this.#db.isOpen) this.#db.close()
  }

  async #transact<T>(work: (inside: Executor) => Promise<T>): Promise<T> {
    this.#db.exec('begin immediate')
    try {
      const result = await work(this)
      this.#db.exec('commit')
      return result
    } catch (cause) {
      // A full disk or a failed read ends the transaction by itself.
      if (this.#db.isTransaction) this.#db.exec('rollback')
      throw cause
    }
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear()
      statement = this.#db.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

/** SQLite's own knows the letters of ASCII only; names of VMs are searched and sorted by it. */
function lower(value: SQLOutputValue): SQLOutputValue {
  return typeof value === 'string' ? value.toLowerCase() : value
}

export class SqliteDatabase extends SqlDatabase {
  constructor(file: string, zone: string) {
    super(new SqliteConnection(file), 'sqlite', zone)
  }

  async writeProgress(rows: readonly ProgressRow[]): Promise<WriteReport> {
    const columns = await this.columns()
    const ofJob = jobAssignments(columns)
    const sql = `update replication_jobs set ${setList(ofJob)} where id = ? and ${NOT_TERMINAL}`
    const jobs = await this.connection.transaction(async (on) => {
      let matched = 0
      for (const row of rows) matched += await on.run(sql, [...setValues(ofJob, row, this.zone), row.jobId])
      return matched
    })
    try {
      return { jobs, ...(await this.#writeDisks(rows)) }
    } catch (cause) {
      return { jobs, disks: 0, diskError: messageOf(cause) }
    }
  }

  /** A disk row that can't be written does not stop the others. */
  async #writeDisks(rows: readonly ProgressRow[]): Promise<Omit<WriteReport, 'jobs'>> {
    const ofDisk = diskAssignments(await this.columns())
    const sql = `update vm_disks set ${setList(ofDisk)} where job_id = ? and disk_id = ?`
    return await this.connection.transaction(async (on) => {
      let disks = 0
      let first: string | undefined
      for (const disk of diskRowsOf(rows)) {
        try {
          disks += await on.run(sql, [...setValues(ofDisk, disk, this.zone), disk.jobId, disk.diskId])
        } catch (cause) {
          if (isRetryable(cause)) throw cause
          first ??= messageOf(cause)
        }
      }
      return { disks, ...(first === undefined ? {} : { diskError: first }) }
    })
  }
}
