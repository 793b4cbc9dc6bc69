/** The documents' own test calls against running services (API-4). */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Compile } from 'typebox/compile'
import { PollingStatusSchema } from '../../src/model/wire/service.ts'
import { EXPORT } from '../support/documents.ts'
import { emptyDatabase } from '../support/empty-database.ts'
import { addDisk, addDocumentedJob, addJob, addVm, connect, DOCUMENTED_JOB } from '../support/inventory.ts'
import { Service, until } from '../support/service.ts'

const TOKEN = 'a-token-for-tests'
const folder = mkdtempSync(join(tmpdir(), 'sightline-orders-'))
const url = `sqlite:${join(folder, 'orders.db')}`
await emptyDatabase(url)
const on = connect(url)
await addDocumentedJob(on)
const vma = await Service.start('vma', {}, folder)
const oma = await Service.start(
  'oma',
  {
    DATABASE_URL: url,
    DATABASE_TIME_ZONE: 'UTC',
    OMA_API_TOKENS: TOKEN,
    VMA_PROGRESS_CLIENT_URL: vma.url,
    VMA_PROGRESS_POLL_INTERVAL: '500ms',
    VMA_PROGRESS_DISCOVERY_INTERVAL: '60s',
  },
  folder,
)
t.teardown(async () => {
  await oma.stop()
  await vma.stop()
  await on.close()
  rmSync(folder, { recursive: true, force: true })
})

async function call(method: string, path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(oma.url + path, { method, headers: { authorization: `Bearer ${TOKEN}` } })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

async function report(key: string, bytes_transferred: number): Promise<void> {
  const body = JSON.stringify({ stage: 'Transfer', status: 'in_progress', bytes_transferred, total_bytes: 1_000 })
  const headers = { 'content-type': 'application/json' }
  await fetch(`${vma.url}/api/v1/progress/${key}/update`, { method: 'POST', headers, body })
}

function liveWhere(jobId: string, what: string, fields: Record<string, unknown>) {
  return until(what, async () => {
    const { body } = await call('GET', `/api/v1/progress/${jobId}`)
    return Object.entries(fields).every(([name, value]) => body[name] === value) ? body : undefined
  })
}

t.test('[API-4] stop and start of a job that is polled', async (t) => {
  await report(EXPORT, 100)
  await liveWhere(DOCUMENTED_JOB, 'the first bytes are there', { bytes_transferred: 100 })
  t.strictSame(await call('POST', `/api/test/stop-polling/${DOCUMENTED_JOB}`), {
    status: 200,
    body: { status: 'success', message: 'Polling stopped until it is started again', job_id: DOCUMENTED_JOB },
  })
  t.match((await call('GET', `/api/v1/progress/${DOCUMENTED_JOB}`)).body, {
    verdict: 'suspended',
    poller: { state: 'paused', next_poll_at: null },
  })
  const { body } = await call('GET', '/api/v1/vma-polling/status')
  t.same([...Compile(PollingStatusSchema).Errors(body)], [])
  t.match(body, { active_jobs: 1, jobs_by_state: { paused: 1 }, suspended_jobs: [{ job_id: DOCUMENTED_JOB }] })
  await report(EXPORT, 200)
  t.strictSame(await call('POST', `/api/test/start-polling/${DOCUMENTED_JOB}`), {
    status: 200,
    body: { status: 'success', message: 'Polling started', job_id: DOCUMENTED_JOB },
  })
  await liveWhere(DOCUMENTED_JOB, 'the next bytes are there', { bytes_transferred: 200, verdict: 'moving' })
})

t.test('[API-4, POLL-1] start finds a job that discovery would find in a minute', async (t) => {
  await addVm(on, { context: 'ctx-new', name: 'new' })
  await addJob(on, { id: 'job-new', context: 'ctx-new', createdAt: '2025-09-09 10:00:00.000' })
  await addDisk(on, { job: 'job-new', context: 'ctx-new', diskId: 'disk-1', volumeId: 7, volume: 'new' })
  await report('migration-vol-new', 300)
  t.equal((await call('GET', '/api/v1/progress/job-new')).status, 404)
  t.equal((await call('POST', '/api/test/start-polling/job-new')).status, 200)
  await liveWhere('job-new', 'it is followed', { bytes_transferred: 300 })
})

t.test('[API-4] what is not there or over is 404; export names come from the database', async (t) => {
  for (const order of ['start-polling', 'stop-polling'])
    t.match(await call('POST', `/api/test/${order}/job-none`), {
      status: 404,
      body: { error: 'job not found', job_id: 'job-none', timestamp: String },
    })
  await addJob(on, { id: 'job-over', context: 'ctx-new', status: 'completed' })
  t.match(await call('POST', '/api/test/start-polling/job-over'), {
    status: 404,
    body: { error: 'job is not active', details: 'it is completed: there is nothing to poll', job_id: 'job-over' },
  })
  t.match(await call('GET', `/api/debug/nbd-export-names/${DOCUMENTED_JOB}`), {
    status: 200,
    body: {
      job_id: DOCUMENTED_JOB,
      nbd_export_names: [EXPORT],
      disks: [
        {
          id: 1,
          disk_id: 'disk-2000',
          nbd_export_name: EXPORT,
          capacity_bytes: 42_949_672_960,
          sync_status: String,
          bytes_synced: Number,
        },
      ],
    },
  })
  t.match(await call('GET', '/api/debug/nbd-export-names/job-none'), { status: 404, body: { error: 'job not found' } })
})
