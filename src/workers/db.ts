/** Entry of a database thread: one operation per task, on a database that is opened once per thread and settings. */

import { openDatabase } from '../db/open.ts'
import type { Database } from '../db/ports.ts'
import type { DbAnswer, DbSettings, DbTask } from './protocol.ts'

let current: { readonly url: string; readonly database: Promise<Database> } | undefined

export default async function run({ settings, operation, args }: DbTask): Promise<DbAnswer> {
  try {
    const database = await databaseOf(settings)
    const method = database[operation] as (...given: unknown[]) => Promise<unknown>
    const value = await method.apply(database, [...args])
    if (operation === 'close') current = undefined
    return { ok: true, value }
  } catch (cause) {
    return describe(cause)
  }
}

function databaseOf(settings: DbSettings): Promise<Database> {
  if (current?.url !== settings.url) current = { url: settings.url, database: openDatabase(settings.url, settings) }
  return current.database
}

/** Lost connections, full queues, deadlocks and lock waits pass; anything else stays wrong however often it is tried. */
const RETRYABLE =
  /^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EHOSTUNREACH|PROTOCOL_|POOL_|ER_LOCK_|ER_CON_COUNT|ER_SERVER_SHUTDOWN|ER_QUERY_INTERRUPTED|SQLITE_BUSY|ER_ACCESS_DENIED|ER_BAD_DB)/

function describe(cause: unknown): DbAnswer {
  const error = cause instanceof Error ? cause : new Error(String(cause))
  const code = codeOf(error)
  return { ok: false, code, message: error.message, retryable: RETRYABLE.test(code) }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN'
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.cause === undefined ? error.name : codeOf(error.cause)
}
