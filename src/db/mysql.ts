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

  /** For long parameters: they go as they are, where `run` writes them into the statement, each quote escaped. */
  async runPrepared(sql: string, params: readonly SqlValue[]): Promise<number> {
    const [result] = await this.#named(this.#pool.execute<ResultSetHeader>(sql, [...params]))
    return result.affectedRows
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

  readonly #connection: MysqlConnection

  constructor(url: string, zone: string, poolSize: number) {
    const connection = new MysqlConnection(url, poolSize)
    super(connection, 'mysql', zone)
    this.#connection = connection
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
    for (let i = 0; i < rows.length; i += CHUNK) {
      const { sql, json } = this.#statement(rows.slice(i, i + CHUNK), assignments, into)
      matched += await this.#connection.runPrepared(sql, [json])
    }
    return matched
  }

  /** Rows are arrays: half the bytes of objects to send and to read, and columns that no row sets are left out. */
  #statement<R>(rows: readonly R[], all: readonly Assignment<R>[], { update, keys, where }: Into<R>): Statement {
    const keyed = Object.entries(keys)
    const values = rows.map((row) => setValues(all, row, this.zone))
    const used = all.map(({ mode }, at) => mode === 'set' || values.some((row) => row[at] !== null))
    const json = rows.map((row, i) => [
      ...keyed.map(([, of]) => of(row)),
      ...(values[i] ?? []).filter((_, at) => used[at]),
    ])
    const table = update.split(' ')[0] ?? ''
    const assignments = all.filter((_, at) => used[at])
    const types = [
      ...keyed.map(([key]) => `k_${key} varchar(191) ${spelled(this.#collations.get(`${table}.${key}`))}`),
      ...assignments.map(({ column, type }, at) => `${column} ${typeOf(type, json, keyed.length + at)}`),
    ]
    const columns = types.map((type, at) => `${type} path '$[${at}]'`).join(', ')
    const on = keyed.map(([key]) => `x.${key} = t.k_${key}`).join(' and ')
    return {
      sql: `update ${update} join json_table(?, '$[*]' columns (${columns})) t on ${on} set ${joinedSetList(assignments, 'x')} where ${where}`,
      json: JSON.stringify(json),
    }
  }
}

interface Statement {
  readonly sql: string
  readonly json: string
}

/**
 * The server keeps the joined rows in a temporary table: in memory, and as wide as the types are; with a `text` among
 * them on disk, which costs half as much again as the whole update.
 */
function typeOf(type: string, rows: readonly (readonly SqlValue[])[], at: number): string {
  if (!/char|text/.test(type)) return type
  let longest = 0
  for (const row of rows) {
    const value = row[at]
    if (typeof value === 'string' && value.length > longest) longest = value.length
  }
  return `${longest <= 64 ? 'varchar(64)' : longest <= 255 ? 'varchar(255)' : 'text'} ${CHARSET}`
}

/** The columns of a JSON row take the database's default character set if none is named: an old one would lose letters. */
const CHARSET = 'character set utf8mb4'

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
