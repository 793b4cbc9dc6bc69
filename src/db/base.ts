/** What both databases do alike: everything but the batched writes and the connection. */

import type { Connection, KnownColumns } from './executor.ts'
import { contextPage } from './context-list.ts'
import { contextDetails } from './contexts.ts'
import { endJob } from './ends.ts'
import { checkSchema, lookUp, type Lookup } from './lookup.ts'
import type {
  ActiveJob,
  ContextPage,
  ContextParts,
  ContextQuery,
  Database,
  DetailQuery,
  EndResult,
  JobEnd,
  JobTarget,
  ProgressRow,
  SchemaReport,
  WriteReport,
} from './ports.ts'
import { activeJobs, targets, type ReadContext } from './reads.ts'
import { createTable, TABLES, type Dialect } from './schema.ts'

export abstract class SqlDatabase implements Database {
  protected readonly connection: Connection
  protected readonly zone: string
  readonly #dialect: Dialect
  #lookup: Lookup | undefined

  constructor(connection: Connection, dialect: Dialect, zone: string) {
    this.connection = connection
    this.#dialect = dialect
    this.zone = zone
  }

  /** Rows in one statement per table where the database can (DB-1); disks apart from jobs (DB-4). */
  abstract writeProgress(rows: readonly ProgressRow[]): Promise<WriteReport>
  protected abstract isRetryable(cause: unknown): boolean

  async open(): Promise<SchemaReport> {
    const lookup = await lookUp(this.connection, this.#dialect)
    const report = checkSchema(lookup.known)
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

  async contextPage(query: ContextQuery): Promise<ContextPage> {
    return await contextPage(await this.#reading(), query)
  }

  async contextDetails(query: DetailQuery): Promise<readonly ContextParts[]> {
    return await contextDetails(await this.#reading(), query)
  }

  /** One transaction a job: the fault of one never stops another. */
  async endJobs(ends: readonly JobEnd[]): Promise<readonly EndResult[]> {
    const ctx = { known: await this.known(), zone: this.zone }
    const results: EndResult[] = []
    for (const end of ends) {
      const { jobId } = end.row
      try {
        results.push({ jobId, outcome: await this.connection.transaction((inside) => endJob(inside, end, ctx)) })
      } catch (cause) {
        const error = cause instanceof Error ? cause.message : String(cause)
        results.push({ jobId, outcome: 'error', error, retryable: this.isRetryable(cause) })
      }
    }
    return results
  }

  async lostJobs(_since: number): Promise<readonly ActiveJob[]> {
    return []
  }
  async reviveJobs(): Promise<readonly never[]> {
    return []
  }

  /** Told what stands in the database. */
  protected opened(_lookup: Lookup): void {}

  protected async known(): Promise<KnownColumns> {
    if (this.#lookup === undefined) await this.open()
    return this.#lookup?.known ?? new Map()
  }

  async #reading(): Promise<ReadContext> {
    return { on: this.connection, known: await this.known(), zone: this.zone }
  }
}
