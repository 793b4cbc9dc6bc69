import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Connection, Row } from '../../src/db/executor.ts'
import { EXPORT } from '../support/documents.ts'
import { emptyDatabase } from '../support/empty-database.ts'
import { addDocumentedJob, connect, DOCUMENTED_JOB } from '../support/inventory.ts'
import { MariaDb } from '../support/mariadb.ts'
import { MariaDbServer } from '../support/mariadb-server.ts'
import { Service, until } from '../support/service.ts'

const folder = mkdtempSync(join(tmpdir(), 'sightline-e2e-'))
const server = await MariaDb.start()
t.teardown(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

const TOKEN = 'a-token-for-tests'
const QUICK = {
  OMA_API_TOKENS: TOKEN,
  DATABASE_TIME_ZONE: 'UTC',
  VMA_PROGRESS_POLL_INTERVAL: '200ms',
  VMA_PROGRESS_DISCOVERY_INTERVAL: '500ms',
}
/** The API reference's own request. */
const DOCUMENTED_UPDATE = {
  stage: 'Transfer',
  status: 'Queued',
  bytes_transferred: 933232640,
  total_bytes: 42949672960,
  throughput_bps: 0,
  percent: 2.1728515625,
  disk_id: 'disk-2000',
}

async function prepared(t: Test, url: string): Promise<Connection> {
  await emptyDatabase(url)
  const on = connect(url)
  t.teardown(() => on.close())
  await addDocumentedJob(on)
  return on
}

async function started(t: Test, name: 'oma' | 'vma', env: Readonly<Record<string, string>> = {}): Promise<Service> {
  const service = await Service.start(name, { ...QUICK, ...env }, folder)
  t.teardown(() => service.stop())
  return service
}

async function post(vma: Service, update: object): Promise<Response> {
  return await fetch(`${vma.url}/api/v1/progress/${EXPORT}/update`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(update),
  })
}

async function jobWhere(on: Connection, what: string, holds: (row: Row) => boolean): Promise<Row> {
  return await until(what, async () => {
    const [row] = await on.all('select * from replication_jobs where id = ?', [DOCUMENTED_JOB])
    return row !== undefined && holds(row) ? row : undefined
  })
}

const DATABASES: readonly (readonly [string, () => Promise<string>])[] = [
  ['SQLite', async () => `sqlite:${join(folder, 'documented.db')}`],
  ['MariaDB', async () => await server.database('documented')],
]

for (const [name, freshUrl] of DATABASES) {
  t.test(`[DB-2] the documents' own case, from the POST to the row, on ${name}`, async (t) => {
    const url = await freshUrl()
    const on = await prepared(t, url)
    const vma = await started(t, 'vma')
    const answer = await post(vma, DOCUMENTED_UPDATE)
    t.match(await answer.json(), { status: 'success', message: 'Progress updated successfully' })
    const oma = await started(t, 'oma', { DATABASE_URL: url, VMA_PROGRESS_CLIENT_URL: vma.url })
    const row = await jobWhere(on, 'the row has the bytes', (r) => r['bytes_transferred'] === 933232640)
    t.match(row, {
      progress_percent: 2.17,
      bytes_transferred: 933232640,
      total_bytes: 42949672960,
      current_operation: 'Transfer',
    })
    const live = await fetch(`${oma.url}/api/v1/progress/${DOCUMENTED_JOB}`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    })
    t.match(await live.json(), {
      job_id: DOCUMENTED_JOB,
      vm_name: 'pgtest1',
      progress_percent: 2.1728515625,
      bytes_transferred: 933232640,
    })
    t.equal(await oma.stop(), 0, oma.log)
    t.equal(await vma.stop(), 0, vma.log)
  })
}

t.test('[DB-3] one job to its end on MariaDB: job, disk, CBT history and context', async (t) => {
  const url = await server.database('to_the_end')
  const on = await prepared(t, url)
  const vma = await started(t, 'vma')
  await started(t, 'oma', { DATABASE_URL: url, VMA_PROGRESS_CLIENT_URL: vma.url })
  for (const bytes of [0, 10_000, 40_000]) {
    await post(vma, {
      stage: 'Transfer',
      status: 'in_progress',
      sync_type: 'initial',
      bytes_transferred: bytes,
      total_bytes: 50_000,
    })
    await jobWhere(
      on,
      `${bytes} bytes are in the row`,
      (r) => r['bytes_transferred'] === bytes && r['total_bytes'] === 50_000,
    )
  }
  await post(vma, {
    stage: 'Transfer',
    status: 'completed',
    percent: 100,
    bytes_transferred: 50_000,
    total_bytes: 50_000,
    throughput_bps: 0,
  })
  const job = await jobWhere(on, 'the job is completed', (r) => r['status'] === 'completed')
  t.match(job, { progress_percent: 100, bytes_transferred: 50_000, replication_type: 'initial', completed_at: String })
  t.match(await on.all('select * from vm_disks'), [
    { sync_status: 'completed', sync_progress_percent: 100, bytes_synced: 50_000 },
  ])
  t.match(await on.all('select * from cbt_history'), [
    { job_id: DOCUMENTED_JOB, disk_id: 'disk-2000', sync_success: 1, bytes_transferred: 50_000 },
  ])
  t.match(await on.all('select * from vm_replication_contexts'), [
    {
      current_status: 'ready_for_failover',
      current_job_id: null,
      last_successful_job_id: DOCUMENTED_JOB,
      successful_jobs: 1,
    },
  ])
})

t.test('[DB-5] a database and a VMA that are away at start are waited for', async (t) => {
  const server = await MariaDbServer.start()
  t.teardown(() => server.stop())
  const url = await server.database('late')
  const on = await prepared(t, url)
  await on.close()
  await server.kill()
  const vma = await started(t, 'vma')
  const oma = await started(t, 'oma', { DATABASE_URL: url, VMA_PROGRESS_CLIENT_URL: vma.url })
  t.equal((await fetch(`${oma.url}/healthz`)).status, 200)
  await until('the log says what is wrong', async () =>
    /no answer from the database at 127\.0\.0\.1/.test(oma.log) ? true : undefined,
  )
  t.notMatch(oma.log, TOKEN)
  await server.restart()
  await post(vma, DOCUMENTED_UPDATE)
  const again = connect(url)
  t.teardown(() => again.close())
  await jobWhere(again, 'the job is followed', (r) => r['bytes_transferred'] === 933232640)
})

t.test('[API-1] no token, no contexts; unknown names are told as documented', async (t) => {
  const url = `sqlite:${join(folder, 'auth.db')}`
  await prepared(t, url)
  const oma = await started(t, 'oma', { DATABASE_URL: url, VMA_PROGRESS_CLIENT_URL: 'http://127.0.0.1:1' })
  const get = async (path: string, token?: string) => {
    const answer = await fetch(oma.url + path, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    })
    return { status: answer.status, body: await answer.json() }
  }
  for (const path of [
    '/api/v1/vm-contexts',
    '/api/v1/vm-contexts/pgtest1',
    '/api/v1/progress',
    `/api/v1/progress/${DOCUMENTED_JOB}`,
  ]) {
    t.match(await get(path), { status: 401, body: { error: 'Authentication required', timestamp: String } }, path)
    t.equal((await get(path, 'wrong')).status, 401, path)
  }
  t.match(await get('/api/v1/vm-contexts', TOKEN), {
    status: 200,
    body: { count: 1, vm_contexts: [{ vm_name: 'pgtest1' }] },
  })
  t.match(await get('/api/v1/vm-contexts/nonexistent-vm', TOKEN), {
    status: 404,
    body: { error: 'VM context not found for: nonexistent-vm', timestamp: String },
  })
  t.match(await get('/api/v1/progress/nope', TOKEN), { status: 404, body: { error: 'job not found', job_id: 'nope' } })
  t.equal((await get('/api/v1/vm-contexts/%00', TOKEN)).status, 400)
  t.equal((await get('/nowhere', TOKEN)).status, 404)
  t.equal((await fetch(`${oma.url}/api/v1/progress`, { method: 'POST' })).status, 405)
})
