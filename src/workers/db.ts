/** Entry of a database thread: one operation per task, on a database that is opened once per thread and settings. */

import { codeOf, isRetryable } from '../db/faults.ts'
import { openDatabase } from '../db/open.ts'
import type { Database } from '../db/ports.ts'
import { LoopWatch } from './loop-watch.ts'
import type { DbAnswer, DbOperation, DbOutcome, DbSettings, DbTask } from './protocol.ts'

/** Long lists of plain objects: the main thread reads text in a quarter of the time that a structured clone takes. */
const AS_JSON: ReadonlySet<DbOperation> = new Set<DbOperation>(['activeJobs', 'targets'])

/** How this thread does goes with an answer, at most so often. */
const FIGURES_MS = 1_000
const watch = new LoopWatch()
let toldAt = -Infinity

let current: { readonly url: string; readonly database: Promise<Database> } | undefined

export default async function run(task: DbTask): Promise<DbAnswer> {
  const answer = await outcomeOf(task)
  if (performance.now() - toldAt < FIGURES_MS) return answer
  toldAt = performance.now()
  return { ...answer, thread: watch.read() }
}

async function outcomeOf({ settings, operation, args }: DbTask): Promise<DbOutcome> {
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

function describe(cause: unknown): DbOutcome {
  const message = cause instanceof Error ? cause.message : String(cause)
  return { ok: false, code: codeOf(cause), message, retryable: isRetryable(cause) }
}
