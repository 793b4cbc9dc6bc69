/** The documented requests and answers of the VMA, through real HTTP. */

import t, { type Test } from 'tap'
import { startVma, type VmaSettings } from '../../src/compose-vma.ts'
import { EXPORT, V10, V181 } from '../support/documents.ts'
import { vmaRoutes } from '../../src/http/vma-routes.ts'
import { DEFAULT_LIMITS, RunStore } from '../../src/vma/store.ts'
import { checkAnswer } from '../support/answer-schemas.ts'
import * as http from '../support/http.ts'
import { json, type Ask, type Reply } from '../support/http.ts'

const PATH = `/api/v1/progress/${EXPORT}`

/** API reference, POST /api/v1/progress/{jobId}/update, as it stands there. */
const DOCUMENTED_UPDATE = `{
    "stage": "Transfer",
    "status": "Queued", 
    "bytes_transferred": 933232640,
    "total_bytes": 42949672960,
    "throughput_bps": 0,
    "percent": 2.1728515625,
    "disk_id": "disk-2000"
}`

/** Only their schemas are looked at. */
const ROUTES = vmaRoutes({ intake: new RunStore(DEFAULT_LIMITS), clock: { now: () => 0 }, auth: 'none' })

/** As any client, and each answer has to be as its route's schema says. */
async function ask(t: Test, port: number, path: string, how: Ask = {}): Promise<Reply> {
  const reply = await http.ask(port, path, how)
  checkAnswer(t, ROUTES, how.method ?? 'GET', path, reply.status, json(reply))
  return reply
}

async function send(t: Test, port: number, method: string, path: string, body: unknown): Promise<Reply> {
  const reply = await http.send(port, method, path, body)
  checkAnswer(t, ROUTES, method, path, reply.status, json(reply))
  return reply
}

async function vmaAt(t: Test, time: string, settings: Partial<VmaSettings> = {}) {
  const clock = { at: Date.parse(time), now: () => clock.at }
  const onFault = (error: unknown): void => void t.fail('a handler failed', { error })
  const vma = await startVma({ host: '127.0.0.1', port: 0, tokens: [], ...settings }, { clock, onFault })
  t.teardown(() => vma.close())
  return { vma, port: vma.port, clock }
}

t.test('[VMA-1] the documented update gets the documented answer', async (t) => {
  const { port } = await vmaAt(t, '2025-09-05T15:26:15Z')
  const reply = await send(t, port, 'POST', `${PATH}/update`, DOCUMENTED_UPDATE)
  t.equal(reply.status, 200)
  t.equal(reply.headers['content-type'], 'application/json')
  t.equal(reply.text, `{"status":"success","message":"Progress updated successfully","job_id":"${EXPORT}"}`)
})

t.test('[VMA-4] the documented answer comes out byte for byte, with every field of v1.0 beside it', async (t) => {
  const { port, clock } = await vmaAt(t, '2025-09-05T15:24:43.016Z')
  await send(t, port, 'POST', `${PATH}/update`, DOCUMENTED_UPDATE.replace('2.1728515625', '2.0'))
  clock.at = Date.parse('2025-09-05T15:26:15Z')
  await send(t, port, 'POST', `${PATH}/update`, DOCUMENTED_UPDATE)
  const reply = await ask(t, port, PATH)
  t.equal(reply.status, 200)
  t.equal(reply.headers['content-type'], 'application/json')
  const document = json(reply)
  const legacy = Object.fromEntries(Object.keys(V181).map((name) => [name, document[name]]))
  t.equal(JSON.stringify(legacy), JSON.stringify(V181))
  t.match(document, {
    stage: 'Transfer',
    started_at: '2025-09-05T15:24:43Z',
    updated_at: '2025-09-05T15:26:15Z',
    aggregate: { total_bytes: 42949672960, bytes_transferred: 933232640, throughput_bps: 0, percent: 2.1728515625 },
    cbt: { type: 'full', previous_change_id: '', change_id: '' },
    nbd: { exports: [] },
    run: { number: 1, started_at: '2025-09-05T15:24:43.016Z' },
    progress: { eta_seconds: null },
    setup_progress_percent: null,
    revision: 2,
    server_time: '2025-09-05T15:26:15.000Z',
  })
})

t.test('[VMA-4] a registered job has the v1.0 answer in full', async (t) => {
  const { port } = await vmaAt(t, '2025-09-04T12:00:00Z')
  const { id, label, planned_bytes } = V10.disks[0] ?? { id: '', label: '', planned_bytes: 0 }
  const registration = { cbt: V10.cbt, nbd: V10.nbd, disks: [{ id, label, planned_bytes, origin: 'cbt' }] }
  t.equal((await send(t, port, 'PUT', '/api/v1/progress/job-123', registration)).status, 200)
  const moved = {
    stage: 'Transfer',
    status: 'Streaming',
    disk_id: id,
    bytes_transferred: 345678901,
    percent: 35,
    throughput_bps: 54321098,
  }
  await send(t, port, 'POST', '/api/v1/progress/job-123/update', moved)
  const document = json(await ask(t, port, '/api/v1/progress/job-123'))
  const { total_bytes, bytes_transferred, throughput_bps, percent } = {
    total_bytes: 987654321,
    bytes_transferred: 345678901,
    throughput_bps: 54321098,
    percent: 35,
  }
  const expected = {
    ...V10,
    updated_at: '2025-09-04T12:00:00Z',
    aggregate: { total_bytes, bytes_transferred, throughput_bps, percent },
  }
  t.match(document, expected)
})

t.test('[VMA-1] the documents’ curl example works: no status, no disk', async (t) => {
  const { port } = await vmaAt(t, '2025-09-05T15:26:15Z')
  const body =
    '{"stage":"Transfer","bytes_transferred":1073741824,"total_bytes":10737418240,"throughput_bps":104857600,"percent":10.0}'
  const reply = await send(t, port, 'POST', '/api/v1/progress/migration-vol-test-uuid/update', body)
  t.equal(reply.status, 200)
  const document = json(await ask(t, port, '/api/v1/progress/migration-vol-test-uuid'))
  t.match(document, { percentage: 10, throughput: { current_mbps: 100 }, timing: { eta_seconds: 93 } })
})

t.test('[VMA-4] an unknown job is answered as documented', async (t) => {
  const { port } = await vmaAt(t, '2025-09-05T15:26:15Z')
  const reply = await ask(t, port, '/api/v1/progress/migration-vol-invalid-uuid')
  t.equal(reply.status, 404)
  t.equal(
    reply.text,
    '{"error":"job not found","job_id":"migration-vol-invalid-uuid","timestamp":"2025-09-05T15:26:15Z"}',
  )
})

t.test('[VMA-2] invalid data is answered as documented', async (t) => {
  const { port } = await vmaAt(t, '2025-09-05T15:26:15Z')
  const reply = await send(t, port, 'POST', '/api/v1/progress/job-1/update', {
    stage: 'Transfer',
    bytes_transferred: -1,
  })
  t.equal(reply.status, 400)
  t.equal(
    reply.text,
    '{"error":"invalid progress data","details":"bytes_transferred must be >= 0","job_id":"job-1","timestamp":"2025-09-05T15:26:15Z"}',
  )
})

t.test('[VMA-3] explicit registration: 404 until PUT, whose body is optional', async (t) => {
  const { port, vma } = await vmaAt(t, '2025-09-05T15:26:15Z', { limits: { registration: 'explicit' } })
  const update = { stage: 'Transfer', bytes_transferred: 1 }
  const refused = await send(t, port, 'POST', '/api/v1/progress/job-1/update', update)
  t.equal(refused.status, 404)
  t.match(json(refused), { error: 'job not found', job_id: 'job-1' })
  t.equal(vma.store.jobs, 0)
  const registered = await ask(t, port, '/api/v1/progress/job-1', { method: 'PUT' })
  t.equal(registered.text, '{"status":"success","message":"Job registered successfully","job_id":"job-1"}')
  t.equal((await send(t, port, 'POST', '/api/v1/progress/job-1/update', update)).status, 200)
})

t.test('[VMA-4] both forms of key are live, and any name that can be encoded', async (t) => {
  const { port } = await vmaAt(t, '2025-09-05T15:26:15Z')
  for (const key of ['job-20250925-134230.513-8034ee', EXPORT, 'Ünïcode /"\\?#%', 'x'.repeat(255), '..', 'update']) {
    const path = `/api/v1/progress/${encodeURIComponent(key)}`
    t.equal((await send(t, port, 'POST', `${path}/update`, { percent: 1 })).status, 200, key)
    t.equal(json(await ask(t, port, path))['job_id'], key)
  }
})

t.test('[VMA-1] the content type may have a charset, or be missing', async (t) => {
  const { port } = await vmaAt(t, '2025-09-05T15:26:15Z')
  const path = '/api/v1/progress/job-1/update'
  for (const headers of [{ 'Content-Type': 'Application/JSON; charset=utf-8' }, {}]) {
    t.equal((await ask(t, port, path, { method: 'POST', headers, body: '{"percent":5}' })).status, 200)
  }
})

t.test(
  '[VMA-1, VMA-4] parameters that nobody knows are passed over here: documented paths stay as they are',
  async (t) => {
    const { port } = await vmaAt(t, '2025-09-05T15:26:15Z')
    t.equal((await send(t, port, 'POST', `${PATH}/update?x=1`, DOCUMENTED_UPDATE)).status, 200)
    t.equal((await ask(t, port, `${PATH}?x=1`)).status, 200)
  },
)

t.test('[VMA-10] the health probe', async (t) => {
  const { port, clock } = await vmaAt(t, '2025-09-05T15:26:15Z', { tokens: ['secret'] })
  clock.at += 61_500
  const reply = await ask(t, port, '/api/v1/health')
  t.equal(reply.status, 200)
  t.equal(reply.text, '{"status":"healthy","service":"vma","jobs":0,"uptime_seconds":61,"time":"2025-09-05T15:27:16Z"}')
})

t.test('the answer carries a Date header by which clocks are compared', async (t) => {
  const { port } = await vmaAt(t, '2025-09-05T15:26:15Z')
  const reply = await ask(t, port, '/api/v1/health')
  t.ok(Math.abs(Date.parse(String(reply.headers.date)) - Date.now()) < 60_000, String(reply.headers.date))
})
