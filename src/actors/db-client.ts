/** The database port as the main thread sees it: each call is one task of the database thread. */

import type { Piscina } from 'piscina'
import type { ContextStore, Database, JobStore } from '../db/ports.ts'
import type { HistoryStore, JobEventStore, JobLogStore } from '../db/record-ports.ts'
import type { DbAnswer, DbOperation, DbSettings, DbTask, ThreadFigures } from '../workers/protocol.ts'

/** A database operation that failed, as it came over from the thread. */
class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  readonly code: string
  /** Worth another try: the connection was lost, a lock was held, the server is starting. */
  readonly retryable: boolean

  constructor(operation: string, answer: Extract<DbAnswer, { ok: false }>) {
    super(`${operation}: ${answer.message}`)
    this.code = answer.code
    this.retryable = answer.retryable
  }
}

/** True when a fault of the database passes by itself: the same call is worth another try. */
export function isRetryable(cause: unknown): boolean {
  return typeof cause === 'object' && cause !== null && 'retryable' in cause && cause.retryable === true
}

export class DatabaseClient implements Database {
  readonly #pool: Piscina
  readonly #settings: DbSettings
  #thread: ThreadFigures | undefined

  constructor(pool: Piscina, settings: DbSettings) {
    this.#pool = pool
    this.#settings = settings
  }

  /** How the database thread did when it last answered; undefined before its first answer. */
  get thread(): ThreadFigures | undefined {
    return this.#thread
  }

  /** Calls that the thread has not taken yet. */
  get waiting(): number {
    return this.#pool.queueSize
  }

  open: Database['open'] = () => this.#run('open')
  migrate: Database['migrate'] = () => this.#run('migrate')
  ping: Database['ping'] = () => this.#run('ping')
  close: Database['close'] = () => this.#run('close')
  activeJobs: JobStore['activeJobs'] = (...args) => this.#run('activeJobs', args)
  targets: JobStore['targets'] = (...args) => this.#run('targets', args)
  /** As text: a structured clone of thousands of rows costs five times as much, on both sides. */
  writeProgress: JobStore['writeProgress'] = (...args) => this.#run('writeProgress', JSON.stringify(args))
  endJobs: JobStore['endJobs'] = (...args) => this.#run('endJobs', args)
  lostJobs: JobStore['lostJobs'] = (...args) => this.#run('lostJobs', args)
  reviveJobs: JobStore['reviveJobs'] = (...args) => this.#run('reviveJobs', args)
  contextPage: ContextStore['contextPage'] = (...args) => this.#run('contextPage', args)
  contextDetails: ContextStore['contextDetails'] = (...args) => this.#run('contextDetails', args)
  jobLogs: JobLogStore['jobLogs'] = (...args) => this.#run('jobLogs', args)
  writeJobLog: JobLogStore['writeJobLog'] = (...args) => this.#run('writeJobLog', args)
  jobEvents: JobEventStore['jobEvents'] = (...args) => this.#run('jobEvents', args)

  keepsHistories: HistoryStore['keepsHistories'] = () => this.#run('keepsHistories')
  readHistories: HistoryStore['readHistories'] = (...args) => this.#run('readHistories', args)
  writeHistories: HistoryStore['writeHistories'] = (...args) => this.#run('writeHistories', args)
  pruneHistories: HistoryStore['pruneHistories'] = (...args) => this.#run('pruneHistories', args)

  async #run<T>(operation: DbOperation, args: DbTask['args'] = []): Promise<T> {
    const task: DbTask = { settings: this.#settings, operation, args }
    const answer = (await this.#pool.run(task)) as DbAnswer
    if (answer.thread !== undefined) this.#thread = answer.thread
    if (answer.ok) return ('json' in answer ? JSON.parse(answer.json) : answer.value) as T
    throw new DatabaseError(operation, answer)
  }
}
