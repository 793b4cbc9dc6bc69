/** Traces and request ids through the server, whatever becomes of the request. */

import t, { type Test } from 'tap'
import { admitting } from '../../src/http/admission.ts'
import { authenticator } from '../../src/http/authenticate.ts'
import type { Route } from '../../src/http/route.ts'
import { randomHexFrom, type RequestTrace } from '../../src/http/tracing.ts'
import { listen } from '../../src/http/uws/server.ts'
import { parseTraceparent } from '../../src/model/trace.ts'
import { ask, json, type Ask } from '../support/http.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const CALLER = '00f067aa0ba902b7'
const GIVEN = `00-${TRACE}-${CALLER}-01`
const TOKEN = { Authorization: 'Bearer right' }

function route(path: string, more: Partial<Route>): Route {
  return { method: 'GET', path, summary: '', auth: 'token', handler: () => ({ status: 200, body: {} }), ...more }
}

const fails = (): never => {
  throw new Error('on purpose')
}
const ROUTES: readonly Route[] = [
  route('/good', {}),
  route('/late', { handler: async () => ({ status: 200, body: {} }) }),
  route('/fails', { handler: fails }),
  route('/jobs/{jobId}', { handler: () => ({ status: 503, body: { error: 'away' } }) }),
  route('/said', { method: 'POST', body: { maxBytes: 10, contentTypes: ['application/json'] } }),
]
const REFUSED: readonly (readonly [number, string, Ask])[] = [
  [401, '/good', {}],
  [404, '/nothing', { headers: TOKEN }],
  [405, '/good', { headers: TOKEN, method: 'DELETE' }],
  [413, '/said', { headers: TOKEN, method: 'POST', body: 'x'.repeat(100) }],
  [415, '/said', { headers: { ...TOKEN, 'Content-Type': 'text/plain' }, method: 'POST', body: 'x' }],
]

async function rig(t: Test) {
  const answered: {
    status: number
    path: string | undefined
    jobId: string | undefined
    trace: RequestTrace | undefined
  }[] = []
  const faults: (RequestTrace | undefined)[] = []
  let count = 0
  const clock = { now: Date.now }
  const server = await listen({
    host: '127.0.0.1',
    port: 0,
    routes: ROUTES,
    clock,
    authorize: admitting(authenticator({ tokens: ['right'] }), clock),
    onFault: (_error, _route, trace) => void faults.push(trace),
    onAnswered: (status, trace, request) =>
      void answered.push({ status, trace, path: request?.route.path, jobId: request?.jobId }),
    randomHex: (bytes) => (count += 1).toString(16).padStart(bytes * 2, '0'),
  })
  t.teardown(() => server.close(0))
  return { port: server.port, answered, faults }
}

t.test('[TRACE-1] a caller’s trace goes on with a span of ours, in every answer and what is told of it', async (t) => {
  const { port, answered } = await rig(t)
  const headers = { traceparent: GIVEN, tracestate: 'es=s:1', 'X-Request-Id': 'from-the-proxy' }
  const asks: typeof REFUSED = [
    [200, '/good', { headers: TOKEN }],
    [200, '/good', { headers: TOKEN, method: 'HEAD' }],
    [200, '/late', { headers: TOKEN }],
    [200, '/said', { headers: { ...TOKEN, 'Content-Type': 'application/json' }, method: 'POST', body: '{}' }],
    ...REFUSED,
  ]
  for (const [status, path, how] of asks) {
    const reply = await ask(port, path, { ...how, headers: { ...how.headers, ...headers } })
    t.equal(reply.status, status, path)
    const parent = parseTraceparent(String(reply.headers['traceparent']))
    t.match(parent, { traceId: TRACE, flags: '01' }, `${status} ${path}`)
    t.not(parent?.spanId, CALLER)
    t.equal(reply.headers['tracestate'], 'es=s:1')
    t.equal(reply.headers['x-request-id'], 'from-the-proxy')
    t.equal(answered.at(-1)?.path, status === 404 || status === 405 ? undefined : path)
    t.match(answered.at(-1), { status, trace: { traceId: TRACE, spanId: parent?.spanId, parentId: CALLER } }, path)
  }
})

t.test('[TRACE-1] without a good one a trace begins here, and the request is named by its span', async (t) => {
  const { port, answered } = await rig(t)
  const bad = { traceparent: `00-${'0'.repeat(32)}-${CALLER}-01`, tracestate: 'es=s:1', 'X-Request-Id': 'two words' }
  for (const headers of [{}, bad]) {
    const reply = await ask(port, '/good', { headers: { ...TOKEN, ...headers } })
    const parent = parseTraceparent(String(reply.headers['traceparent']))
    t.equal(parent?.flags, '00')
    t.equal(reply.headers['tracestate'], undefined, 'it belongs to a trace that is not there')
    t.equal(reply.headers['x-request-id'], parent?.spanId)
    const fields = answered.at(-1)?.trace?.fields
    t.same(fields, { trace_id: parent?.traceId, span_id: parent?.spanId, request_id: parent?.spanId })
  }
})

t.test('[TRACE-1, API-6] a failure of ours says the request’s name in its body, and the log has it', async (t) => {
  const { port, faults, answered } = await rig(t)
  const headers = { ...TOKEN, 'X-Request-Id': 'mine' }
  const failed = await ask(port, '/fails', { headers })
  t.match(json(failed), { error: 'Internal server error', request_id: 'mine' })
  t.match(faults, [{ requestId: 'mine' }])
  const away = await ask(port, '/jobs/job-1', { headers })
  t.match(json(away), { error: 'away', request_id: 'mine' })
  t.match(answered.at(-1), { status: 503, jobId: 'job-1' })
  t.notOk('request_id' in json(await ask(port, '/nothing', { headers })), 'what the caller did wrong says enough')
})

t.test(
  '[TRACE-1] the supply of random digits never gives the same twice, and is filled when it is used up',
  async (t) => {
    let filled = 0
    const hex = randomHexFrom((buffer) => {
      filled += 1
      for (let at = 0; at < buffer.length; at += 4) buffer.writeUInt32BE(filled * 100_000 + at, at)
    })
    const seen = new Set<string>()
    for (let i = 0; i < 600; i += 1) seen.add(hex(16))
    t.equal(seen.size, 600)
    t.equal(filled, 3)
    t.ok([...seen].every((text) => /^[\da-f]{32}$/.test(text)))
  },
)
