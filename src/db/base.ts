/** What both databases do alike: everything but the batched writes and the connection. */

import type {
  JobLogBatch,
  JobLogReport,
  JobLogStanding,
  StoredEvent,
  StoredEventsQuery,
} from '../model/job-log-rows.ts'
import type { Connection, Executor, KnownColumns } from './executor.ts'
import { contextPage } from './context-list.ts'
import { contextDetails } from './contexts.ts'
import { endJob } from './ends.ts'
import { isRetryable, messageOf } from './faults.ts'
import { hasHistories, pruneHistories, readHistories, writeHistories } from './history.ts'
import { readJobEvents } from './job-events.ts'
import { readJobLogs, writeJobLog, type JobLogContext } from './job-log.ts'
import { readLimits, type Columns, type Limits } from './limits.ts'
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
  Revival,
  ReviveResult,
  SchemaReport,
  WriteReport,
} from './ports.ts'
import type { HistoryRow } from './record-ports.ts'
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

/** A transaction waits for its server's answers most of the time: some run side by side, on connections of their own. */
const TRANSACTIONS_AT_ONCE = 4

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

  async contextPage(query: ContextQuery): Promise<ContextPage> {
    return await contextPage(await this.#reading(), query)
  }

  async contextDetails(query: DetailQuery): Promise<readonly ContextParts[]> {
    return await contextDetails(await this.#reading(), query)
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

  async jobLogs(trackingIds: readonly string[]): Promise<readonly JobLogStanding[]> {
    return await readJobLogs(await this.#logging(), trackingIds)
  }

  async writeJobLog(batch: JobLogBatch): Promise<JobLogReport> {
    return await writeJobLog(await this.#logging(), batch)
  }

  async jobEvents(query: StoredEventsQuery): Promise<readonly StoredEvent[] | undefined> {
    return await readJobEvents(await this.#reading(), query)
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
    return { connection: this.connection, dialect: this.#dialect, zone: this.zone, known, enums, isRetryable }
  }

  protected async columns(): Promise<Columns> {
    return { known: await this.known(), limits: this.#limits }
  }

  /** One transaction a job, some at a time: the fault of one never stops another. */
  async #each<I, R extends object>(
    items: readonly I[],
    idOf: (item: I) => string,
    work: (on: Executor, item: I, ctx: WriteContext) => Promise<R>,
  ): Promise<readonly (Keyed & (R | Fault))[]> {
    const forUpdate = this.#dialect === 'mysql' ? ' for update' : ''
    const ctx = { ...(await this.columns()), zone: this.zone, forUpdate, isRetryable }
    const results: (Keyed & (R | Fault))[] = []
    const left = items.values()
    const lane = async (): Promise<void> => {
      for (const item of left) {
        const jobId = idOf(item)
        try {
          results.push({ jobId, ...(await this.connection.transaction((inside) => work(inside, item, ctx))) })
        } catch (cause) {
          results.push({ jobId, outcome: 'error', error: messageOf(cause), retryable: isRetryable(cause) })
        }
      }
    }
    await Promise.all(Array.from({ length: this.#dialect === 'mysql' ? TRANSACTIONS_AT_ONCE : 1 }, lane))
    return results
  }

  async #reading(): Promise<ReadContext> {
    return { on: this.connection, ...(await this.columns()), zone: this.zone }
  }
}
