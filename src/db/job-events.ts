/**
 * The lines of one job's log, for people (API-8). Found by the job's correlation id, and by every other row of `job_tracking` that
 * names the job: other services log about it under ids of their own.
 */

import type { StoredEvent, StoredEventsQuery } from '../model/job-log-rows.ts'
import { marks, text, type Row, type SqlValue } from './executor.ts'
import { canWrite, EVENTS } from './job-log-rows.ts'
import type { ReadContext } from './reads.ts'
import { timeOf } from './updates.ts'

/** Rows of `job_tracking` that one job is looked up by: an operation a row, of which a job has a handful. */
const MOST_IDS = 100

/** Oldest first, the newest `limit` of them; undefined where there is no table of them. */
export async function readJobEvents(
  ctx: ReadContext,
  query: StoredEventsQuery,
): Promise<readonly StoredEvent[] | undefined> {
  if (!canWrite(ctx.known, EVENTS)) return undefined
  const ids = await trackingIds(ctx, query)
  const byId = await newest(ctx, query, 'job_id', ids)
  // `external_job_id` has no index in the field: asked only for lines that lost the row they belonged to.
  return byId.length > 0 ? byId : await newest(ctx, query, 'external_job_id', [query.jobId])
}

async function trackingIds(
  { on, known }: ReadContext,
  { trackingId, jobId }: StoredEventsQuery,
): Promise<readonly string[]> {
  const columns = known.get('job_tracking')
  if (!columns?.has('id') || !columns.has('external_job_id')) return [trackingId]
  const rows = await on.all(`select id from job_tracking where external_job_id = ? limit ${MOST_IDS}`, [jobId])
  return [...new Set([trackingId, ...rows.map((row) => text(row, 'id'))])]
}

async function newest(
  { on, known, zone }: ReadContext,
  { levels, limit }: StoredEventsQuery,
  column: string,
  ids: readonly string[],
): Promise<readonly StoredEvent[]> {
  const columns = known.get(EVENTS.name)
  if (!columns?.has(column)) return []
  const params: SqlValue[] = [...ids]
  let where = `${column} in (${marks(ids.length)})`
  if (levels !== undefined && columns.has('level')) {
    where += ` and level in (${marks(levels.length)})`
    params.push(...levels)
  }
  // Lines of one moment stay in the order in which they were written.
  const order = columns.has('id') ? 'ts desc, id desc' : 'ts desc'
  const rows = await on.all(`select * from log_events where ${where} order by ${order} limit ?`, [...params, limit])
  return rows.map((row) => stored(row, zone)).toReversed()
}

function stored(row: Row, zone: string): StoredEvent {
  return {
    at: timeOf(row['ts'], zone),
    level: text(row, 'level') || 'INFO',
    message: text(row, 'message'),
    attrs: attrsOf(row['attrs']),
  }
}

/** An object or its text, by the driver; another writer may have put any JSON there, or none. */
function attrsOf(value: unknown): Readonly<Record<string, unknown>> {
  let parsed = value
  try {
    if (typeof value === 'string') parsed = JSON.parse(value)
  } catch {
    return { value }
  }
  if (parsed === null || parsed === undefined) return {}
  return typeof parsed === 'object' && !Array.isArray(parsed) ? { ...parsed } : { value: parsed }
}
