/** The history of a job over restarts of the OMA, as processes on MariaDB. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openDatabase } from '../../src/db/open.ts'
import type { ProgressHistoryJson } from '../../src/model/wire/history.ts'
import { reportTransfer } from '../support/documents.ts'
import { addDocumentedJob, connect, DOCUMENTED_JOB } from '../support/inventory.ts'
import { MariaDb } from '../support/mariadb.ts'
import { Service, until } from '../support/service.ts'

const folder = mkdtempSync(join(tmpdir(), 'sightline-history-'))
const server = await MariaDb.start()
t.teardown(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

const TOKEN = 'a-token-for-tests'

async function prepared(t: Test, name: string) {
  const url = await server.database(name)
  const database = await openDatabase(url, { zone: 'UTC', poolSize: 1 })
  await database.migrate()
  const on = connect(url)
  t.teardown(async () => {
    await on.close()
    await database.close()
  })
  await addDocumentedJob(on)
  const vma = await Service.start('vma', {}, folder)
  t.teardown(() => vma.stop())
  const oma = async (): Promise<Service> => {
    const service = await Service.start(
      'oma',
      {
        OMA_API_TOKENS: TOKEN,
        DATABASE_URL: url,
        DATABASE_TIME_ZONE: 'UTC',
        VMA_PROGRESS_CLIENT_URL: vma.url,
        VMA_PROGRESS_POLL_INTERVAL: '200ms',
        VMA_PROGRESS_DISCOVERY_INTERVAL: '500ms',
      },
      folder,
    )
    t.teardown(() => service.stop())
    return service
  }
  return { on, database, vma, oma }
}

const tell = (vma: Service, bytes: number): Promise<void> => reportTransfer(vma.url, bytes, 50_000)

/** The job's history once its newest point has these bytes. */
async function historyAt(oma: Service, bytes: number): Promise<ProgressHistoryJson> {
  return await until(`the history comes to ${bytes} bytes`, async () => {
    const answer = await fetch(`${oma.url}/api/v1/progress/${DOCUMENTED_JOB}/history`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    })
    if (answer.status !== 200) return undefined
    const history = (await answer.json()) as ProgressHistoryJson
    return history.points.at(-1)?.bytes_transferred === bytes ? history : undefined
  })
}

t.test('[API-3] the history goes on after a restart', async (t) => {
  const { vma, oma } = await prepared(t, 'history')
  await tell(vma, 10_000)
  const first = await oma()
  const before = await historyAt(first, 10_000)
  t.equal(await first.stop(), 0, first.log)
  await tell(vma, 30_000)
  const after = await historyAt(await oma(), 30_000)
  t.match(after.points[0], { at: before.points[0]?.at, bytes_transferred: 10_000 })
  t.match(after.stages, [{ stage: 'Transfer', started_at: before.stages[0]?.started_at, ended_at: null }])
})

t.test('[DB-6] a deployed database without our table: one warning, and memory answers', async (t) => {
  const { on, database, vma, oma } = await prepared(t, 'without_history')
  await on.run('drop table sightline_job_history')
  await tell(vma, 10_000)
  const first = await oma()
  t.match(await historyAt(first, 10_000), { stages: [{ stage: 'Transfer', ended_at: null }] })
  t.equal(await first.stop(), 0, first.log)
  t.equal(first.log.split('\n').filter((line) => line.includes('sightline_job_history')).length, 1, first.log)
  t.same(await database.migrate(), ['sightline_job_history'])
  const second = await oma()
  await historyAt(second, 10_000)
  t.equal(await second.stop(), 0, second.log)
  t.equal((await on.all('select job_id from sightline_job_history')).length, 1)
})
