/** The histories of jobs in a table of ours (API-3). Where it is missing nothing is read or written, and nothing fails. */

import { wallClock } from '../model/time.ts'
import { marks, text, type Connection, type KnownColumns, type SqlValue } from './executor.ts'
import type { HistoryRow } from './record-ports.ts'
import { jobHistory } from './own-tables.ts'
import type { ReadContext } from './reads.ts'
import type { Dialect } from './schema.ts'

const TABLE = jobHistory.name
/** MariaDB takes many rows in one statement; SQLite is quickest with one prepared statement in one transaction. */
const ROWS_AT_ONCE: Readonly<Record<Dialect, number>> = { mysql: 100, sqlite: 1 }
const REPLACE: Readonly<Record<Dialect, string>> = {
  mysql: 'on duplicate key update data = values(data), updated_at = values(updated_at)',
  sqlite: 'on conflict (job_id) do update set data = excluded.data, updated_at = excluded.updated_at',
}

export function hasHistories(known: KnownColumns): boolean {
  const columns = known.get(TABLE)
  return jobHistory.columns.every(({ name }) => columns?.has(name))
}

/** Ids compare exactly here, also where the database's collation takes `JOB-1` and `job-1` for one. */
export async function readHistories({ on }: ReadContext, jobIds: readonly string[]): Promise<readonly HistoryRow[]> {
  if (jobIds.length === 0) return []
  const wanted = new Set(jobIds)
  const rows = await on.all(`select job_id, data from ${TABLE} where job_id in (${marks(jobIds.length)})`, jobIds)
  return rows
    .map((row) => ({ jobId: text(row, 'job_id'), data: text(row, 'data') }))
    .filter(({ jobId }) => wanted.has(jobId))
}

export async function writeHistories(
  on: Connection,
  rows: readonly HistoryRow[],
  { dialect, updatedAt, zone }: { readonly dialect: Dialect; readonly updatedAt: number; readonly zone: string },
): Promise<void> {
  const at = wallClock(updatedAt, zone)
  await on.transaction(async (inside) => {
    for (let i = 0; i < rows.length; i += ROWS_AT_ONCE[dialect]) {
      const some = rows.slice(i, i + ROWS_AT_ONCE[dialect])
      const values: readonly SqlValue[] = some.flatMap(({ jobId, data }) => [jobId, data, at])
      await inside.run(
        `insert into ${TABLE} (job_id, data, updated_at) values ${some.map(() => '(?, ?, ?)').join(', ')} ${REPLACE[dialect]}`,
        values,
      )
    }
  })
}

/** Found first, then deleted: SQLite knows no `delete … limit`. A row that was written meanwhile stays. */
export async function pruneHistories({ on, zone }: ReadContext, before: number, atMost: number): Promise<number> {
  const limit = wallClock(before, zone)
  const old = await on.all(`select job_id from ${TABLE} where updated_at < ? order by updated_at limit ?`, [
    limit,
    atMost,
  ])
  if (old.length === 0) return 0
  const ids = old.map((row) => text(row, 'job_id'))
  return await on.run(`delete from ${TABLE} where job_id in (${marks(ids.length)}) and updated_at < ?`, [...ids, limit])
}
