/** The stream's fallback over real HTTP. */

import t from 'tap'
import { checkAnswer } from '../../support/answer-schemas.ts'
import { EventStream } from '../../support/event-stream.ts'
import { ask, json } from '../../support/http.ts'
import { until } from '../../support/service.ts'
import { BEARER, streamServer } from '../../support/stream-server.ts'
import { EPOCH } from '../../support/stream.ts'

const SSE = '/api/v1/stream/sse'

t.test('[WS-1, WS-2] the same frames as events, and Last-Event-ID goes on in every topic', async (t) => {
  const { port, stream } = await streamServer(t)
  stream.set('a')
  stream.set('b', {}, 'started', 'vm,2')
  const query = '?topics=jobs,vm:vm,2'
  const first = await EventStream.open(t, port, query)
  t.match(first.response.headers, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  t.match(await first.next(), { id: `${EPOCH}:1,`, frame: { type: 'snapshot', topic: 'jobs', jobs: [{}, {}] } })
  const second = await first.next()
  t.match(second, { id: `${EPOCH}:1,2`, frame: { type: 'snapshot', topic: 'vm:vm,2', jobs: [{ job_id: 'b' }] } })
  first.close()
  await until('it is gone', async () => (stream.hub.read().clients === 0 ? true : undefined))
  stream.set('b', { bytes_transferred: 7 })
  await until('the change is told', async () => (stream.hub.seq === 2 ? true : undefined))
  const again = await EventStream.open(t, port, query, { ...BEARER, 'Last-Event-ID': second?.id ?? '' })
  const delta = { type: 'delta', jobs: [{ job_id: 'b', bytes_transferred: 7 }] }
  t.match(await again.next(), { id: `${EPOCH}:2,2`, frame: { ...delta, topic: 'jobs' } })
  t.match(await again.next(), { id: `${EPOCH}:2,3`, frame: { ...delta, topic: 'vm:vm,2' } })
  const third = await EventStream.open(t, port, `?last_event_id=${EPOCH}:1`)
  t.match(await third.next(), { id: `${EPOCH}:2`, frame: { ...delta, topic: 'jobs' } })
})

t.test('[WS-5] events need a token or a ticket, and an origin that may', async (t) => {
  const { port } = await streamServer(t, {}, ['https://gui.example'])
  const unauthorized = await ask(port, SSE)
  t.equal(unauthorized.status, 401)
  t.match(json(unauthorized), { error: 'Authentication required', timestamp: String })
  const { ticket } = json(await ask(port, '/api/v1/stream/tickets', { method: 'POST', headers: BEARER }))
  const query = `?ticket=${String(ticket)}`
  t.equal((await ask(port, SSE + query, { headers: { Origin: 'https://evil.example' } })).status, 403)
  const page = await EventStream.open(t, port, query, { Origin: 'https://gui.example' })
  t.equal(page.response.headers['access-control-allow-origin'], 'https://gui.example')
  t.match(await page.next(), { frame: { type: 'snapshot' } })
  t.equal((await ask(port, SSE + query)).status, 401)
})

t.test('[API-6] what cannot be streamed is told as an error', async (t) => {
  const { port } = await streamServer(t, { maxClients: 1 })
  const bad = await ask(port, `${SSE}?topics=jobs,nonsense`, { headers: BEARER })
  t.equal(bad.status, 400)
  t.match(json(bad), { error: 'bad topics', details: /not a topic: "jobs,nonsense"/ })
  const odd = await ask(port, `${SSE}?topic=jobs&ticket=a&ticket=b`, { headers: BEARER })
  t.equal(odd.status, 400)
  t.match(json(odd), { error: 'invalid query', details: /^"topic" is no parameter .*; ticket must be given once$/ })
  t.equal(
    (await ask(port, `${SSE}?topics=jobs&topics=vm:a&ticket=x&last_event_id=`, { method: 'HEAD', headers: BEARER }))
      .status,
    200,
  )
  const many = Array.from({ length: 65 }, (_, i) => `job:${i}`).join(',')
  t.match(json(await ask(port, `${SSE}?topics=${many}`, { headers: BEARER })), { details: 'at most 64 topics' })
  t.equal((await ask(port, SSE, { method: 'POST', headers: BEARER })).status, 405)
  t.match(await ask(port, SSE, { method: 'HEAD', headers: BEARER }), { status: 200, text: '' })
  await EventStream.open(t, port)
  t.equal((await ask(port, SSE, { headers: BEARER })).status, 503)
})

t.test('[API-5] what is answered besides events is as the description says', async (t) => {
  const { port, routes } = await streamServer(t, { maxClients: 0 })
  for (const [status, method, path, headers] of [
    [200, 'POST', '/api/v1/stream/tickets', BEARER],
    [400, 'POST', '/api/v1/stream/tickets?x=1', BEARER],
    [401, 'POST', '/api/v1/stream/tickets', {}],
    [426, 'GET', '/api/v1/stream', BEARER],
    [401, 'GET', '/api/v1/stream', {}],
    [400, 'GET', `${SSE}?topics=nonsense`, BEARER],
    [401, 'GET', SSE, {}],
    [403, 'GET', SSE, { ...BEARER, Origin: 'https://evil.example' }],
    [503, 'GET', SSE, BEARER],
  ] as const) {
    const reply = await ask(port, path, { method, headers })
    t.equal(reply.status, status, `${method} ${path}`)
    checkAnswer(t, routes, method, path, status, json(reply))
  }
})

t.test('[WS-4] a reader that stands still is bounded, then gets the newest of all', async (t) => {
  const { port, stream } = await streamServer(t)
  const reader = await EventStream.open(t, port)
  await reader.next()
  const fill = 'x'.repeat(200_000)
  for (let i = 0; stream.hub.read().collapses === 0; i += 1) {
    stream.set(`job-${i % 5}`, { error_message: `${i} ${fill}` })
    await new Promise((resolve) => setTimeout(resolve, 6))
  }
  for (let i = 0; i < 100; i += 1) stream.set(`job-${i % 5}`, { error_message: `last ${i} ${fill}` })
  stream.set('job-0', { status: 'completed' }, 'completed')
  const held = new Map<string, object>()
  for (let seen = 0; seen < stream.hub.seq || !held.has('job-0');) {
    const event = await reader.next()
    if (event === undefined) throw new Error('ended')
    const { frame } = event
    if (frame.type === 'delta') for (const job of frame.jobs) held.set(job.job_id, { ...held.get(job.job_id), ...job })
    if ('seq' in frame) seen = frame.seq
  }
  t.same(held, stream.jobs)
})

t.test('at the end the response ends, and a client that went is forgotten', async (t) => {
  const { port, stream, close } = await streamServer(t)
  const [stays, goes] = [await EventStream.open(t, port), await EventStream.open(t, port)]
  goes.close()
  await until('one is left', async () => (stream.hub.read().clients === 1 ? true : undefined))
  await stays.next()
  await close()
  t.equal(await stays.next(), undefined)
})
