/** MariaDB and MySQL over mysql2: a small pool, and one statement per table for all due rows (JSON_TABLE, 2 µs a row). */

import mysql, { type Pool, type PoolConnection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise'
import { SqlDatabase } from './base.ts'
import type { Connection, Executor, Row, SqlValue } from './executor.ts'
import type { Lookup } from './lookup.ts'
import type { ProgressRow, WriteReport } from './ports.ts'
import {
  diskAssignments,
  diskRowsOf,
  jobAssignments,
  joinedSetList,
  NOT_TERMINAL,
  setValues,
  type Assignment,
} from './updates.ts'

const CONNECT_MS = 5_000
/** Rows in one statement: beyond it a statement only gets longer, not cheaper. */
const CHUNK = 500

class Session implements Executor {
  readonly #on: Pool | PoolConnection
  constructor(on: Pool | PoolConnection) {
    this.#on = on
  }

  async all(sql: string, params: readonly SqlValue[] = []): Promise<readonly Row[]> {
    const [rows] = await this.#on.query<RowDataPacket[]>(sql, [...params])
    return rows
  }

  /** mysql2 asks for FOUND_ROWS: affectedRows are the rows that matched. */
  async run(sql: string, params: readonly SqlValue[] = []): Promise<number> {
    const [result] = await this.#on.query<ResultSetHeader>(sql, [...params])
    return result.affectedRows
  }
}

export class MysqlConnection implements Connection {
  readonly #pool: Pool
  readonly #session: Session
  readonly #where: string
  #closing: Promise<void> | undefined

  constructor(url: string, poolSize: number) {
    const { hostname, port, username, password, pathname, searchParams } = new URL(url)
    this.#where = `${hostname}:${port || 3306}`
    this.#pool = mysql.createPool({
      host: hostname,
      port: Number(port || 3306),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: decodeURIComponent(pathname.slice(1)),
      connectionLimit: poolSize,
      connectTimeout: CONNECT_MS,
      enableKeepAlive: true,
      dateStrings: true,
      supportBigNumbers: true,
      charset: 'utf8mb4',
      ...(searchParams.has('ssl') ? { ssl: {} } : {}),
    })
    this.#session = new Session(this.#pool)
  }

  async all(sql: string, params?: readonly SqlValue[]): Promise<readonly Row[]> {
    return await this.#named(this.#session.all(sql, params))
  }

  async run(sql: string, params?: readonly SqlValue[]): Promise<number> {
    return await this.#named(this.#session.run(sql, params))
  }

  async transaction<T>(work: (inside: Executor) => Promise<T>): Promise<T> {
    const connection = await this.#named(this.#pool.getConnection())
    try {
      await connection.beginTransaction()
      const result = await work(new Session(connection))
      await connection.commit()
      connection.release()
      return result
    } catch (cause) {
      await connection.rollback().then(
        () => connection.release(),
        () => connection.destroy(),
      )
      throw cause
    }
  }

  async close(): Promise<void> {
    this.#closing ??= this.#pool.end()
    await this.#closing
  }

  /** A driver's "connect ECONNREFUSED" says neither what was asked nor where. */
  async #named<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (cause) {
      if (cause instanceof Error && isConnectionLost(cause))
        throw new Error(`no answer from the database at ${this.#where}: ${reasonOf(cause)}`, { cause })
      throw cause
    }
  }
}

function reasonOf(cause: Error): string {
  return cause.message || codeOf(cause)
}

export class MysqlDatabase extends SqlDatabase {
  #collations: Lookup['collations'] = new Map()

  constructor(url: string, zone: string, poolSize: number) {
    super(new MysqlConnection(url, poolSize), 'mysql', zone)
  }

  protected override opened(lookup: Lookup): void {
    this.#collations = lookup.collations
  }

  async writeProgress(rows: readonly ProgressRow[]): Promise<WriteReport> {
    const known = await this.known()
    const jobs = await this.#update(rows, jobAssignments(known), {
      update: 'replication_jobs x',
      keys: { id: (row) => row.jobId },
      where: `x.${NOT_TERMINAL}`,
    })
    try {
      const disks = await this.#update(diskRowsOf(rows), diskAssignments(known), {
        update: 'vm_disks x',
        keys: { job_id: (row) => row.jobId, disk_id: (row) => row.diskId },
        where: '1 = 1',
      })
      return { jobs, disks }
    } catch (cause) {
      return { jobs, disks: 0, diskError: cause instanceof Error ? cause.message : String(cause) }
    }
  }

  protected isRetryable(cause: unknown): boolean {
    return (
      isConnectionLost(cause) || /^ER_LOCK|^ER_CHECKREAD|^ER_SERVER_SHUTDOWN|^ER_QUERY_INTERRUPTED/.test(codeOf(cause))
    )
  }

  async #update<R>(rows: readonly R[], assignments: readonly Assignment<R>[], into: Into<R>): Promise<number> {
    let matched = 0
    const table = into.update.split(' ')[0] ?? ''
    const collation = (key: string): string => this.#collations.get(`${table}.${key}`) ?? 'utf8mb4_general_ci'
    const keys = Object.entries(into.keys)
    const columns = [
      ...keys.map(([key]) => `k_${key} varchar(191) ${CHARSET} collate ${collation(key)} path '$.k_${key}'`),
      ...assignments.map(({ column, type }) => `${column} ${withCharset(type)} path '$.${column}'`),
    ]
    const on = keys.map(([key]) => `x.${key} = t.k_${key}`).join(' and ')
    const sql = `update ${into.update} join json_table(?, '$[*]' columns (${columns.join(', ')})) t on ${on} set ${joinedSetList(assignments, 'x')} where ${into.where}`
    for (let i = 0; i < rows.length; i += CHUNK) {
      const json = rows.slice(i, i + CHUNK).map((row) => {
        const values = setValues(assignments, row, this.zone)
        const object: Record<string, SqlValue> = {}
        for (const [key, of] of keys) object[`k_${key}`] = of(row)
        assignments.forEach(({ column }, at) => (object[column] = values[at] ?? null))
        return object
      })
      matched += await this.connection.run(sql, [JSON.stringify(json)])
    }
    return matched
  }
}

/** The columns of a JSON row take the database's default character set if none is named: an old one would lose letters. */
const CHARSET = 'character set utf8mb4'

function withCharset(type: string): string {
  return /char|text/.test(type) ? `${type} ${CHARSET}` : type
}

interface Into<R> {
  /** Table with the alias `x`. */
  readonly update: string
  readonly keys: Readonly<Record<string, (row: R) => string>>
  readonly where: string
}

function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return ''
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  return cause.cause === undefined ? '' : codeOf(cause.cause)
}

function isConnectionLost(cause: unknown): boolean {
  return /^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|PROTOCOL_|ER_CON_COUNT)/.test(codeOf(cause))
}
