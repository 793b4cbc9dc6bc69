/** What both databases do alike: everything but the batched writes and the connection. */

import type { JobLogBatch, JobLogReport, JobLogStanding } from '../model/job-log-rows.ts'
import type { Connection, KnownColumns } from './executor.ts'
import { contextDetail, listContexts } from './contexts.ts'
import { endJob } from './ends.ts'
import { hasHistories, pruneHistories, readHistories, writeHistories } from './history.ts'
import { readJobLogs, writeJobLog, type JobLogContext } from './job-log.ts'
import { checkSchema, lookUp, type Lookup } from './lookup.ts'
import type {
  ActiveJob,
  Database,
  EndResult,
  HistoryRow,
  JobEnd,
  JobTarget,
  ProgressRow,
  SchemaReport,
  VmContextDetailJson,
  VmContextJson,
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

  async contexts(): Promise<readonly VmContextJson[]> {
    return await listContexts(await this.#reading())
  }

  async context(vmName: string): Promise<VmContextDetailJson | null> {
    return await contextDetail(await this.#reading(), vmName)
  }

  /** One transaction a job: the fault of one never stops another. */
  async endJobs(ends: readonly JobEnd[]): Promise<readonly EndResult[]> {
    const isRetryable = (cause: unknown): boolean => this.isRetryable(cause)
    const ctx = { known: await this.known(), zone: this.zone, isRetryable }
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

  async jobLogs(trackingIds: readonly string[]): Promise<readonly JobLogStanding[]> {
    return await readJobLogs(await this.#logging(), trackingIds)
  }

  async writeJobLog(batch: JobLogBatch): Promise<JobLogReport> {
    return await writeJobLog(await this.#logging(), batch)
  }

  async keepsHistories(): Promise<boolean> {
    return hasHistories(await this.known())
  }

  async readHistories(jobIds: readonly string[]): Promise<readonly HistoryRow[]> {
    return (await this.keepsHistories()) ? await readHistories(await this.#reading(), jobIds) : []
  }

  async writeHistories(rows: readonly HistoryRow[], updatedAt: number): Promise<void> {
    if (!(await this.keepsHistories())) return
    await writeHistories(this.connection, rows, { dialect: this.#dialect, updatedAt, zone: this.zone })
  }

  async pruneHistories(before: number, atMost: number): Promise<number> {
    return (await this.keepsHistories()) ? await pruneHistories(await this.#reading(), before, atMost) : 0
  }

  /** Told what stands in the database. */
  protected opened(_lookup: Lookup): void {}

  protected async known(): Promise<KnownColumns> {
    if (this.#lookup === undefined) await this.open()
    return this.#lookup?.known ?? new Map()
  }

  async #logging(): Promise<JobLogContext> {
    const known = await this.known()
    const enums = this.#lookup?.enums ?? new Map<string, ReadonlySet<string>>()
    const isRetryable = (cause: unknown): boolean => this.isRetryable(cause)
    return { connection: this.connection, dialect: this.#dialect, zone: this.zone, known, enums, isRetryable }
  }

  async #reading(): Promise<ReadContext> {
    return { on: this.connection, known: await this.known(), zone: this.zone }
  }
}
