/** Entry of a database thread: one operation per task, on a database that is opened once per thread and settings. */

import { codeOf, isRetryable } from '../db/faults.ts'
import { openDatabase } from '../db/open.ts'
import type { Database } from '../db/ports.ts'
import type { DbAnswer, DbOperation, DbSettings, DbTask } from './protocol.ts'

/** Long lists of plain objects: the main thread reads text in a quarter of the time that a structured clone takes. */
const AS_JSON: ReadonlySet<DbOperation> = new Set<DbOperation>(['activeJobs', 'targets'])

let current: { readonly url: string; readonly database: Promise<Database> } | undefined

export default async function run({ settings, operation, args }: DbTask): Promise<DbAnswer> {
  try {
    const database = await databaseOf(settings)
    const method = database[operation] as (...given: unknown[]) => Promise<unknown>
    const given = typeof args === 'string' ? (JSON.parse(args) as unknown[]) : args
    const value = await method.apply(database, [...given])
    if (operation === 'close') current = undefined
    return AS_JSON.has(operation) ? { ok: true, json: JSON.stringify(value) } : { ok: true, value }
  } catch (cause) {
    return describe(cause)
  }
}

function databaseOf(settings: DbSettings): Promise<Database> {
  if (current?.url !== settings.url) current = { url: settings.url, database: openDatabase(settings.url, settings) }
  return current.database
}

function describe(cause: unknown): DbAnswer {
  const message = cause instanceof Error ? cause.message : String(cause)
  return { ok: false, code: codeOf(cause), message, retryable: isRetryable(cause) }
}
