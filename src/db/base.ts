/** What both databases do alike: everything but the batched writes and the connection. */

import type { Connection, Executor, KnownColumns } from './executor.ts'
import { contextDetail, listContexts } from './contexts.ts'
import { endJob } from './ends.ts'
import { isRetryable, messageOf } from './faults.ts'
import { readLimits, type Columns, type Limits } from './limits.ts'
import { checkSchema, lookUp, type Lookup } from './lookup.ts'
import type {
  ActiveJob,
  Database,
  EndResult,
  JobEnd,
  JobTarget,
  ProgressRow,
  Revival,
  ReviveResult,
  SchemaReport,
  VmContextDetailJson,
  VmContextJson,
  WriteReport,
} from './ports.ts'
import { activeJobs, targets, type ReadContext } from './reads.ts'
import { lostJobs, reviveJob } from './revivals.ts'
import type { WriteContext } from './roll-up.ts'
import { createTable, TABLES, type Dialect } from './schema.ts'

interface Keyed {
  readonly jobId: string
}
interface Fault {
  readonly outcome: 'error'
  readonly error: string
  readonly retryable: boolean
}

export abstract class SqlDatabase implements Database {
  protected readonly connection: Connection
  protected readonly zone: string
  readonly #dialect: Dialect
  #lookup: Lookup | undefined
  #limits: Limits = new Map()

  constructor(connection: Connection, dialect: Dialect, zone: string) {
    this.connection = connection
    this.#dialect = dialect
    this.zone = zone
  }

  /** Rows in one statement per table where the database can (DB-1); disks apart from jobs (DB-4). */
  abstract writeProgress(rows: readonly ProgressRow[]): Promise<WriteReport>

  async open(): Promise<SchemaReport> {
    const lookup = await lookUp(this.connection, this.#dialect)
    const report = checkSchema(lookup.known)
    this.#limits = await readLimits(this.connection, this.#dialect)
    this.#lookup = lookup
    this.opened(lookup)
    return report
  }

  async migrate(): Promise<readonly string[]> {
    const { known } = await lookUp(this.connection, this.#dialect)
    const made: string[] = []
    for (const table of TABLES.filter(({ name }) => !known.has(name))) {
      for (const statement of createTable(table, this.#dialect)) await this.connection.run(statement)
      made.push(table.name)
    }
    return made
  }

  async ping(): Promise<void> {
    await this.connection.all('select 1')
  }

  async close(): Promise<void> {
    await this.connection.close()
  }

  async activeJobs(statuses: readonly string[]): Promise<readonly ActiveJob[]> {
    return await activeJobs({ on: this.connection }, statuses)
  }

  async targets(jobIds: readonly string[]): Promise<readonly JobTarget[]> {
    return await targets(await this.#reading(), jobIds)
  }

  async contexts(): Promise<readonly VmContextJson[]> {
    return await listContexts(await this.#reading())
  }

  async context(vmName: string): Promise<VmContextDetailJson | null> {
    return await contextDetail(await this.#reading(), vmName)
  }

  async endJobs(ends: readonly JobEnd[]): Promise<readonly EndResult[]> {
    const idOf = (end: JobEnd): string => end.row.jobId
    return await this.#each(ends, idOf, (on, end, ctx) => endJob(on, end, ctx))
  }

  async lostJobs(since: number): Promise<readonly ActiveJob[]> {
    return await lostJobs(await this.#reading(), since)
  }

  async reviveJobs(revivals: readonly Revival[]): Promise<readonly ReviveResult[]> {
    const idOf = (revival: Revival): string => revival.jobId
    return await this.#each(revivals, idOf, (on, revival, ctx) => reviveJob(on, revival, ctx))
  }

  /** Told what stands in the database. */
  protected opened(_lookup: Lookup): void {}

  protected async known(): Promise<KnownColumns> {
    if (this.#lookup === undefined) await this.open()
    return this.#lookup?.known ?? new Map()
  }

  protected async columns(): Promise<Columns> {
    return { known: await this.known(), limits: this.#limits }
  }

  /** One transaction a job: the fault of one never stops another. */
  async #each<I, R extends object>(
    items: readonly I[],
    idOf: (item: I) => string,
    work: (on: Executor, item: I, ctx: WriteContext) => Promise<R>,
  ): Promise<readonly (Keyed & (R | Fault))[]> {
    const forUpdate = this.#dialect === 'mysql' ? ' for update' : ''
    const ctx = { ...(await this.columns()), zone: this.zone, forUpdate, isRetryable }
    const results: (Keyed & (R | Fault))[] = []
    for (const item of items) {
      const jobId = idOf(item)
      try {
        results.push({ jobId, ...(await this.connection.transaction((inside) => work(inside, item, ctx))) })
      } catch (cause) {
        results.push({ jobId, outcome: 'error', error: messageOf(cause), retryable: isRetryable(cause) })
      }
    }
    return results
  }

  async #reading(): Promise<ReadContext> {
    return { on: this.connection, ...(await this.columns()), zone: this.zone }
  }
}
