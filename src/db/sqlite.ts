/** The embedded database: node:sqlite, write-ahead log, one connection; transactions take turns. */

import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import { SqlDatabase } from './base.ts'
import type { Connection, Executor, Row, SqlValue } from './executor.ts'
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
      this.#db.exec('rollback')
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
    const known = await this.known()
    const ofJob = jobAssignments(known)
    const ofDisk = diskAssignments(known)
    const jobSql = `update replication_jobs set ${setList(ofJob)} where id = ? and ${NOT_TERMINAL}`
    const diskSql = `update vm_disks set ${setList(ofDisk)} where job_id = ? and disk_id = ?`
    const jobs = await this.connection.transaction(async (on) => {
      let matched = 0
      for (const row of rows) matched += await on.run(jobSql, [...setValues(ofJob, row, this.zone), row.jobId])
      return matched
    })
    try {
      const disks = await this.connection.transaction(async (on) => {
        let matched = 0
        for (const disk of diskRowsOf(rows))
          matched += await on.run(diskSql, [...setValues(ofDisk, disk, this.zone), disk.jobId, disk.diskId])
        return matched
      })
      return { jobs, disks }
    } catch (cause) {
      return { jobs, disks: 0, diskError: cause instanceof Error ? cause.message : String(cause) }
    }
  }

  /** Another process may hold the file for longer than the busy timeout. */
  protected isRetryable(cause: unknown): boolean {
    return cause instanceof Error && /locked|busy|disk I\/O|full/i.test(cause.message)
  }
}
