/** Bad input for every endpoint of the VMA: a clear refusal, and nothing stored. */

import t, { type Test } from 'tap'
import { startVma } from '../../src/compose-vma.ts'
import { ask, json, rawConnection, send, type Ask } from '../support/http.ts'

const clock = { now: () => Date.parse('2025-09-05T15:26:15Z') }
const vma = await startVma(
  { host: '127.0.0.1', port: 0, tokens: [] },
  { clock, onFault: (error) => t.fail('a handler failed', { error }) },
)
t.teardown(() => vma.close())
const { port, store } = vma
const UPDATE = '/api/v1/progress/job-1/update'
const JOB = '/api/v1/progress/job-1'
const asJson = { 'Content-Type': 'application/json' }

async function refuses(t: Test, path: string, how: Ask, status: number, expected: Record<string, unknown>) {
  const before = store.revision
  const reply = await ask(port, path, how)
  t.equal(reply.status, status, reply.text)
  t.match(json(reply), { timestamp: '2025-09-05T15:26:15Z', ...expected })
  t.equal(reply.headers['content-type'], 'application/json')
  t.equal(store.revision, before, 'nothing changed')
  return reply
}

t.test('[VMA-2] updates that are no valid JSON document', async (t) => {
  const invalid = { error: 'invalid progress data', job_id: 'job-1' }
  const post = (body: string | Uint8Array): Ask => ({ method: 'POST', headers: asJson, body })
  await refuses(t, UPDATE, post('{"stage":'), 400, { ...invalid, details: 'body must be JSON' })
  await refuses(t, UPDATE, post(''), 400, { ...invalid, details: 'body must be JSON' })
  await refuses(t, UPDATE, post('[]'), 400, { ...invalid, details: 'body must be object' })
  await refuses(t, UPDATE, post('null'), 400, { ...invalid, details: 'body must be object' })
  await refuses(t, UPDATE, post('{}'), 400, { ...invalid, details: /one of stage, status/ })
  await refuses(t, UPDATE, post('{"percent":-1,"total_bytes":"9"}'), 400, {
    ...invalid,
    details: 'total_bytes must be integer; percent must be >= 0',
  })
  await refuses(t, UPDATE, post(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])), 400, { error: 'bad body', details: /UTF-8/ })
  t.equal(store.jobs, 0)
  t.equal(store.counts.invalid, 7)
})

t.test('[VMA-2] an update over 64 KiB', async (t) => {
  const exactly = (size: number) => `{"percent":1,"pad":"${'x'.repeat(size - 22)}"}`
  t.equal(exactly(65_536).length, 65_536)
  const tooLarge = { error: 'body too large', details: 'at most 65536 bytes' }
  await refuses(t, UPDATE, { method: 'POST', headers: asJson, body: exactly(65_537) }, 413, tooLarge)
  const chunked = { ...asJson, 'Transfer-Encoding': 'chunked' }
  await refuses(t, UPDATE, { method: 'POST', headers: chunked, body: exactly(65_537) }, 413, tooLarge)
  await refuses(t, JOB, { method: 'PUT', headers: asJson, body: exactly(65_537) }, 413, tooLarge)
  t.equal(store.counts.too_large, 2)
  t.equal(store.jobs, 0)
  const whole = await ask(port, '/api/v1/progress/job-2/update', {
    method: 'POST',
    headers: asJson,
    body: exactly(65_536),
  })
  t.equal(whole.status, 200, 'the limit itself is allowed')
})

t.test('[VMA-2] an endless body is refused long before its end', async (t) => {
  const connection = await rawConnection(port)
  connection.write(`POST ${UPDATE} HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n`)
  t.match(await connection.closed, /^HTTP\/1.1 413 /)
})

t.test('[VMA-2] wrong content types', async (t) => {
  const details = 'expected: application/json'
  for (const type of [
    'application/x-www-form-urlencoded',
    'text/plain',
    'application/jsonp',
    'multipart/form-data; boundary=x',
  ]) {
    const headers = { 'Content-Type': type }
    const expected = { error: 'unsupported content type', details }
    await refuses(t, UPDATE, { method: 'POST', headers, body: '{"percent":1}' }, 415, expected)
    await refuses(t, JOB, { method: 'PUT', headers, body: '{}' }, 415, expected)
  }
})

t.test('[VMA-2] wrong methods', async (t) => {
  for (const [path, allow, methods] of [
    [UPDATE, 'POST', ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']],
    [JOB, 'PUT, GET, HEAD', ['POST', 'DELETE', 'PATCH', 'OPTIONS']],
    ['/api/v1/health', 'GET, HEAD', ['POST', 'PUT', 'DELETE']],
  ] as const) {
    for (const method of methods) {
      const reply = await refuses(t, path, { method }, 405, { error: 'method not allowed' })
      t.equal(reply.headers.allow, allow)
    }
  }
})

t.test('[SEC-1] names in paths are decoded and bounded', async (t) => {
  const bad = { error: 'bad path' }
  const post: Ask = { method: 'POST', headers: asJson, body: '{"percent":1}' }
  for (const name of [
    '%zz',
    '%',
    '%ff',
    'a%00b',
    'a%0Ab',
    '%7f',
    'x'.repeat(256),
    encodeURIComponent('ü'.repeat(256)),
  ]) {
    await refuses(t, `/api/v1/progress/${name}/update`, post, 400, bad)
    await refuses(t, `/api/v1/progress/${name}`, { method: 'PUT' }, 400, bad)
    await refuses(t, `/api/v1/progress/${name}`, {}, 400, bad)
  }
})

t.test('[API-6] paths that do not exist', async (t) => {
  for (const path of [
    '/',
    '/api/v1/progress',
    '/api/v1/progress/',
    '/api/v1/progress//update',
    '/api/v2/health',
    '/api/v1/progress/a/b/c',
  ]) {
    await refuses(t, path, {}, 404, { error: 'not found' })
  }
  await refuses(t, '/api/v1/progress/nobody', {}, 404, { error: 'job not found', job_id: 'nobody' })
})

t.test('[VMA-3] registrations that are none', async (t) => {
  const put = (body: string): Ask => ({ method: 'PUT', headers: asJson, body })
  const invalid = { error: 'invalid registration', job_id: 'job-1' }
  await refuses(t, JOB, put('{'), 400, { ...invalid, details: 'body must be JSON' })
  await refuses(t, JOB, put('[]'), 400, { ...invalid, details: 'body must be object' })
  await refuses(t, JOB, put('{"disks":[{"id":"a","planned_bytes":-1}],"sync_type":1}'), 400, {
    ...invalid,
    details: 'sync_type must be string; disks[0].planned_bytes must be >= 0',
  })
})

t.test('[VMA-6] more disks than a VM can have', async (t) => {
  for (let disk = 0; disk < 256; disk += 1) {
    await send(port, 'POST', '/api/v1/progress/big/update', { percent: 1, disk_id: `disk-${disk}` })
  }
  const body = '{"percent":1,"disk_id":"one-more"}'
  const how = { method: 'POST', headers: asJson, body }
  await refuses(t, '/api/v1/progress/big/update', how, 400, { error: 'invalid progress data', details: /^disk_id / })
})

t.test('[SEC-1] line, query and headers together may have 4 KiB, and a hundred headers', async (t) => {
  const get = (query: string, headers: string) => `GET /api/v1/health${query} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`
  const within = [
    get(`?${'q'.repeat(3_900)}`, ''),
    get('', `X-Big: ${'x'.repeat(3_900)}\r\n`),
    get('', 'X-A: b\r\n'.repeat(90)),
  ]
  for (const request of within) {
    const connection = await rawConnection(port)
    connection.write(request)
    await connection.saw('HTTP/1.1 200 ')
    connection.destroy()
  }
  const beyond = [
    get(`?${'q'.repeat(4_100)}`, ''),
    get('', `X-Big: ${'x'.repeat(4_100)}\r\n`),
    get('', `X-Big: ${'x'.repeat(100_000)}\r\n`),
    get('', 'X-A: b\r\n'.repeat(110)),
    get(`?${'q'.repeat(2_100)}`, `X-Big: ${'x'.repeat(2_000)}\r\n`),
  ]
  for (const request of beyond) {
    for (const pieces of [[request], [request.slice(0, -3), request.slice(-3)]]) {
      const connection = await rawConnection(port)
      for (const piece of pieces) connection.write(piece)
      t.match(await connection.closed, /^HTTP\/1.1 431 /)
    }
  }
})

t.test('[SEC-1] what is no HTTP', async (t) => {
  const POST = `POST ${UPDATE} HTTP/1.1\r\nHost: x\r\n`
  for (const [request, status] of [
    [`${POST}Content-Length: ten\r\n\r\n`, 400],
    [`${POST}Content-Length: -2\r\n\r\n{}`, 400],
    [`${POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`, 400],
    [`${POST}Transfer-Encoding: chunked\r\n\r\nsize\r\n`, 400],
    [`${POST}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n`, 400],
    ['\0\u0001\u0002 no request at all\r\n\r\n', 505],
  ] as const) {
    const connection = await rawConnection(port)
    connection.write(request)
    t.match(await connection.closed, new RegExp(`^HTTP/1.1 ${status} `), JSON.stringify(request))
  }
  t.equal(store.jobs, 2, 'nothing came of it')
  t.equal((await ask(port, '/api/v1/health')).status, 200, 'the server goes on')
})
