/** One database with the documents' own job in it, opened as the service opens it, and looked at as the GUI does. */

import type { Test } from 'tap'
import type { Connection, Row } from '../../src/db/executor.ts'
import { lookUp } from '../../src/db/lookup.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { Database } from '../../src/db/ports.ts'
import { addDocumentedJob, connect, DOCUMENTED_JOB } from '../support/inventory.ts'

export const ZONE = 'Europe/London'
export const CONTEXT = 'ctx-pgtest1'

export interface Kind {
  readonly name: string
  readonly dialect: 'sqlite' | 'mysql'
  /** A database of its own each time. */
  readonly freshUrl: () => Promise<string>
  /** The same database as the service is let in, where that is not with all rights. */
  readonly asService?: ((url: string) => Promise<string>) | undefined
}

type Tables = 'replication_jobs' | 'vm_disks' | 'cbt_history' | 'vm_replication_contexts'

export class Rig {
  /** As the service has it. */
  readonly url: string
  readonly dialect: Kind['dialect']
  readonly database: Database
  /** Another writer's connection. */
  readonly on: Connection
  readonly #columns: ReadonlyMap<string, ReadonlySet<string>>

  private constructor(
    url: string,
    database: Database,
    on: Connection,
    columns: Rig['columns'],
    dialect: Kind['dialect'],
  ) {
    this.url = url
    this.database = database
    this.on = on
    this.#columns = columns
    this.dialect = dialect
  }

  static async open(t: Test, { freshUrl, dialect, asService = async (url) => url }: Kind): Promise<Rig> {
    const url = await freshUrl()
    const serviceUrl = await asService(url)
    const database = await openDatabase(serviceUrl, { zone: ZONE, poolSize: 2 })
    await database.migrate()
    await database.open()
    const on = connect(url)
    t.teardown(async () => {
      await on.close()
      await database.close()
    })
    await addDocumentedJob(on)
    return new Rig(serviceUrl, database, on, (await lookUp(on, dialect)).known, dialect)
  }

  get columns(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#columns
  }

  /** The service a second time, with connections of its own. */
  async another(t: Test): Promise<Database> {
    const database = await openDatabase(this.url, { zone: ZONE, poolSize: 2 })
    t.teardown(() => database.close())
    return database
  }

  async one(sql: string): Promise<Row> {
    return (await this.on.all(sql))[0] ?? {}
  }

  async job(id = DOCUMENTED_JOB): Promise<Row> {
    return plain(await this.one(`select * from replication_jobs where id = '${id}'`))
  }

  async context(): Promise<Row> {
    return await this.one(`select * from vm_replication_contexts where context_id = '${CONTEXT}'`)
  }

  async disk(): Promise<Row> {
    return plain(await this.one(`select * from vm_disks where disk_id = 'disk-2000'`))
  }

  async cbt(): Promise<readonly Row[]> {
    return await this.on.all('select * from cbt_history order by id')
  }

  /** All that an end touches. */
  async everything(): Promise<readonly (readonly Row[])[]> {
    const tables: readonly Tables[] = ['replication_jobs', 'vm_disks', 'cbt_history', 'vm_replication_contexts']
    const all: (readonly Row[])[] = []
    for (const table of tables) all.push(await this.on.all(`select * from ${table} order by 1`))
    return all
  }

  /** What can be expected of a table that lacks some columns. */
  standing(table: Tables, expected: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const known = this.columns.get(table)
    return Object.fromEntries(Object.entries(expected).filter(([name]) => known?.has(name)))
  }

  has(column: string): boolean {
    const [table = '', name = ''] = column.split('.')
    return this.columns.get(table)?.has(name) === true
  }

  /** From here on the database refuses this write, for a reason that does not pass. */
  async refuse(table: Tables, write: 'insert' | 'update', where = '1 = 1'): Promise<void> {
    const when = `create trigger refuse_${table} before ${write} on ${table} for each row`
    await this.on.run(
      this.dialect === 'mysql'
        ? `${when} begin if ${where} then signal sqlstate '45000' set message_text = 'refused by a trigger'; end if; end`
        : `${when} when ${where} begin select raise(abort, 'refused by a trigger'); end`,
    )
  }

  async allow(table: Tables): Promise<void> {
    await this.on.run(`drop trigger refuse_${table}`)
  }
}

/** Percent is a double here and a decimal there, which comes as text. */
function plain(row: Row): Row {
  const percents = ['progress_percent', 'sync_progress_percent'].filter((name) => typeof row[name] === 'string')
  return { ...row, ...Object.fromEntries(percents.map((name) => [name, Number(row[name])])) }
}
