/** What every database must do with the histories of jobs, run on each of them (API-3). */

import type { Test } from 'tap'
import type { Connection } from '../../src/db/executor.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { Database } from '../../src/db/ports.ts'
import type { HistoryRow } from '../../src/db/record-ports.ts'
import { addDocumentedJob, connect } from '../support/inventory.ts'
import { NOW } from '../support/rows.ts'

const ZONE = 'Europe/London'
const DAY_MS = 86_400_000

interface Rig {
  readonly database: Database
  readonly on: Connection
}

function row(jobId: string, data = `{"v":1,"of":"${jobId}"}`): HistoryRow {
  return { jobId, data }
}

/** `freshUrl` gives an empty database each time. */
export function historyContract(t: Test, name: string, freshUrl: () => Promise<string>): void {
  async function rig(t: Test): Promise<Rig> {
    const url = await freshUrl()
    const database = await openDatabase(url, { zone: ZONE, poolSize: 2 })
    await database.migrate()
    await database.open()
    const on = connect(url)
    t.teardown(async () => {
      await on.close()
      await database.close()
    })
    return { database, on }
  }
  const ids = async (on: Connection): Promise<readonly unknown[]> =>
    (await on.all('select job_id from sightline_job_history order by job_id')).map((found) => found['job_id'])

  t.test(
    `[API-3] ${name}: histories are read as they were written, the later one in the earlier one's place`,
    async (t) => {
      const { database, on } = await rig(t)
      t.ok(await database.keepsHistories())
      const first = [row('job-1'), row('job-2', '{"stage":"it\'s \\"über\\" 😀 \\\\ "}')]
      await database.writeHistories(first, NOW)
      t.same((await database.readHistories(['job-1', 'job-2', 'job-none'])).toSorted(byId), first)
      await database.writeHistories([row('job-1', 'later'), row('job-3')], NOW + 1_000)
      t.same(await database.readHistories(['job-1']), [row('job-1', 'later')])
      t.same(await database.readHistories([]), [])
      t.match(await on.all(`select updated_at from sightline_job_history where job_id <> 'job-2' order by job_id`), [
        { updated_at: /^2025-09-09 12:12:09\.204/ },
        { updated_at: /^2025-09-09 12:12:09\.204/ },
      ])
    },
  )

  t.test(`[API-3] ${name}: 450 jobs in one call, each its own, large ones too`, async (t) => {
    const { database } = await rig(t)
    const rows = Array.from({ length: 450 }, (_, i) => row(`job-${String(i).padStart(3, '0')}`, `${i}`.repeat(2_000)))
    await database.writeHistories(rows, NOW)
    t.same((await database.readHistories(rows.map(({ jobId }) => jobId))).toSorted(byId), rows)
  })

  t.test(`[API-3] ${name}: an id finds its own row only`, async (t) => {
    const { database } = await rig(t)
    await database.writeHistories([row('job-1')], NOW)
    for (const id of ['JOB-1', 'job-1 ', 'job_1', '%', "' or 1=1 -- "])
      t.same(await database.readHistories([id]), [], JSON.stringify(id))
  })

  t.test(`[API-3] ${name}: old histories are deleted, oldest first and no more than asked`, async (t) => {
    const { database, on } = await rig(t)
    for (let day = 1; day <= 5; day += 1) await database.writeHistories([row(`job-${day}`)], NOW - day * DAY_MS)
    t.equal(await database.pruneHistories(NOW - 2.5 * DAY_MS, 2), 2)
    t.same(await ids(on), ['job-1', 'job-2', 'job-3'])
    t.equal(await database.pruneHistories(NOW - 2.5 * DAY_MS, 2), 1)
    t.equal(await database.pruneHistories(NOW - 2.5 * DAY_MS, 2), 0)
    t.same(await ids(on), ['job-1', 'job-2'])
  })

  t.test(`[DB-6] ${name}: without the table nothing fails, and migrate makes it and it alone`, async (t) => {
    const { database, on } = await rig(t)
    await addDocumentedJob(on)
    await on.run('drop table sightline_job_history')
    const jobs = await on.all('select * from replication_jobs')
    t.same((await database.open()).missing, ['table sightline_job_history'])
    t.notOk(await database.keepsHistories())
    await database.writeHistories([row('job-1')], NOW)
    t.same(await database.readHistories(['job-1']), [])
    t.equal(await database.pruneHistories(NOW, 10), 0)
    t.same(await database.migrate(), ['sightline_job_history'])
    t.same((await database.open()).missing, [])
    t.ok(await database.keepsHistories())
    t.same(await on.all('select * from replication_jobs'), jobs)
    await database.writeHistories([row('job-1')], NOW)
    t.same(await ids(on), ['job-1'])
  })
}

function byId(a: HistoryRow, b: HistoryRow): number {
  return a.jobId < b.jobId ? -1 : 1
}
