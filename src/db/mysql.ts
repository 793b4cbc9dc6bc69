/** MariaDB and MySQL over mysql2: a small pool, and one statement per table for all due rows (JSON_TABLE, 2 µs a row). */

import mysql, { type Pool, type PoolConnection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise'
import { SqlDatabase } from './base.ts'
import type { Connection, Executor, Row, SqlValue } from './executor.ts'
import { codeOf, isConnectionLost, isRetryable, messageOf } from './faults.ts'
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
  type KeyedDiskRow,
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
    return await this.#named(this.#transact(work))
  }

  async close(): Promise<void> {
    this.#closing ??= this.#pool.end()
    await this.#closing
  }

  async #transact<T>(work: (inside: Executor) => Promise<T>): Promise<T> {
    const connection = await this.#pool.getConnection()
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
    const columns = await this.columns()
    const jobs = await this.#update(rows, jobAssignments(columns), {
      update: 'replication_jobs x',
      keys: { id: (row) => row.jobId },
      where: `x.${NOT_TERMINAL}`,
    })
    const trouble: Trouble = { left: MAX_REFUSALS }
    const ofDisk = diskAssignments(columns)
    const disks = await this.#updateDisks(diskRowsOf(rows), ofDisk, trouble)
    return { jobs, disks, ...(trouble.first === undefined ? {} : { diskError: trouble.first }) }
  }

  /** A disk row that can't be written does not stop the others: they are halved until it stands alone. */
  async #updateDisks(
    rows: readonly KeyedDiskRow[],
    assignments: readonly Assignment<KeyedDiskRow>[],
    trouble: Trouble,
  ): Promise<number> {
    if (trouble.left <= 0) return 0
    if (rows.length > CHUNK) return await this.#halves(rows, assignments, trouble)
    try {
      return await this.#update(rows, assignments, {
        update: 'vm_disks x',
        keys: { job_id: (row) => row.jobId, disk_id: (row) => row.diskId },
        where: '1 = 1',
      })
    } catch (cause) {
      trouble.first ??= messageOf(cause)
      trouble.left = isRetryable(cause) ? 0 : trouble.left - 1
      return rows.length > 1 ? await this.#halves(rows, assignments, trouble) : 0
    }
  }

  async #halves(
    rows: readonly KeyedDiskRow[],
    assignments: readonly Assignment<KeyedDiskRow>[],
    trouble: Trouble,
  ): Promise<number> {
    const half = rows.length >> 1
    const first = await this.#updateDisks(rows.slice(0, half), assignments, trouble)
    return first + (await this.#updateDisks(rows.slice(half), assignments, trouble))
  }

  async #update<R>(rows: readonly R[], assignments: readonly Assignment<R>[], into: Into<R>): Promise<number> {
    let matched = 0
    const table = into.update.split(' ')[0] ?? ''
    const spelling = (key: string): string => spelled(this.#collations.get(`${table}.${key}`))
    const keys = Object.entries(into.keys)
    const columns = [
      ...keys.map(([key]) => `k_${key} varchar(191) ${spelling(key)} path '$.k_${key}'`),
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

/** A key is compared as its column spells it, or no index helps: `latin1_swedish_ci` is a collation of `latin1`. */
function spelled(collation: string | undefined): string {
  return collation === undefined ? CHARSET : `character set ${collation.split('_')[0] ?? ''} collate ${collation}`
}

/** Statements over disk rows that may be refused in one call: with a table that takes nothing it ends soon. */
const MAX_REFUSALS = 64

interface Trouble {
  left: number
  first?: string
}

interface Into<R> {
  /** Table with the alias `x`. */
  readonly update: string
  readonly keys: Readonly<Record<string, (row: R) => string>>
  readonly where: string
}
