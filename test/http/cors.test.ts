/** Pages of other origins, over real HTTP (WS-5): each answer as a browser would judge it. */

import t, { type Test } from 'tap'
import { admitting } from '../../src/http/admission.ts'
import { authenticator } from '../../src/http/authenticate.ts'
import type { Route } from '../../src/http/route.ts'
import { listen } from '../../src/http/uws/server.ts'
import { EventStream } from '../support/event-stream.ts'
import { ask, json, type Ask, type Reply } from '../support/http.ts'
import { BEARER, streamServer } from '../support/stream-server.ts'

const GUI = 'https://gui.example:8443'
const FOREIGN = ['https://evil.example', 'https://gui.example', 'http://gui.example:8443', 'null', 'nonsense']
const clock = { now: () => 0 }

const late = async (): Promise<{ status: number; body: object }> => {
  await new Promise((resolve) => setImmediate(resolve))
  return { status: 200, body: {} }
}
const said: Pick<Route, 'method' | 'auth' | 'body' | 'summary'> = {
  method: 'POST',
  summary: '',
  auth: 'token',
  body: { maxBytes: 100, contentTypes: ['application/json'] },
}
const routes: readonly Route[] = [
  { method: 'GET', path: '/api/v1/at-once', summary: '', auth: 'token', handler: () => ({ status: 200, body: {} }) },
  { method: 'GET', path: '/api/v1/late/{name}', summary: '', auth: 'token', handler: late },
  { ...said, path: '/api/v1/said', handler: late },
  {
    method: 'GET',
    path: '/api/v1/broken',
    summary: '',
    auth: 'token',
    handler: () => {
      throw new Error('broken')
    },
  },
  { method: 'GET', path: '/api/debug/at-once', summary: '', auth: 'token', handler: () => ({ status: 200, body: {} }) },
]

async function portOf(t: Test): Promise<number> {
  const authorize = admitting(authenticator({ tokens: ['good'] }), clock)
  const allowsOrigin = (origin: string): boolean => origin === GUI
  const onFault = (): void => undefined
  const server = await listen({ host: '127.0.0.1', port: 0, routes, clock, authorize, allowsOrigin, onFault })
  t.teardown(() => server.close(0))
  return server.port
}

const TOKEN = { Authorization: 'Bearer good' }
const JSON_TYPE = { 'Content-Type': 'application/json' }
const EXPOSED = 'traceparent, X-Request-Id'
const PREFLIGHT = { 'Access-Control-Request-Method': 'GET', 'Access-Control-Request-Headers': 'authorization' }

/** Every way to an answer. */
const ASKS: readonly (readonly [status: number, path: string, how: Ask])[] = [
  [200, '/api/v1/at-once', { headers: TOKEN }],
  [200, '/api/v1/at-once', { headers: TOKEN, method: 'HEAD' }],
  [200, '/api/v1/late/a', { headers: TOKEN }],
  [200, '/api/v1/said', { headers: { ...TOKEN, ...JSON_TYPE }, method: 'POST', body: '{}' }],
  [400, '/api/v1/late/%00', { headers: TOKEN }],
  [401, '/api/v1/at-once', {}],
  [404, '/api/v1/nothing', { headers: TOKEN }],
  [405, '/api/v1/at-once', { headers: TOKEN, method: 'DELETE' }],
  [413, '/api/v1/said', { headers: TOKEN, method: 'POST', body: 'x'.repeat(101) }],
  [
    413,
    '/api/v1/said',
    { headers: { ...TOKEN, 'Transfer-Encoding': 'chunked' }, method: 'POST', body: 'x'.repeat(101) },
  ],
  [415, '/api/v1/said', { headers: { ...TOKEN, 'Content-Type': 'text/plain' }, method: 'POST', body: 'x' }],
  [500, '/api/v1/broken', { headers: TOKEN }],
]

function corsOf({ headers }: Reply): Record<string, unknown> {
  const names = Object.keys(headers).filter((name) => name.startsWith('access-control-') || name === 'vary')
  return Object.fromEntries(names.map((name) => [name, headers[name]]))
}

t.test('[WS-5] a page of an allowed origin may read every answer, refusals too', async (t) => {
  const port = await portOf(t)
  for (const [status, path, how] of ASKS) {
    const reply = await ask(port, path, { ...how, headers: { ...how.headers, Origin: GUI } })
    t.equal(reply.status, status, `${how.method ?? 'GET'} ${path}`)
    const expected = { 'access-control-allow-origin': GUI, 'access-control-expose-headers': EXPOSED, vary: 'Origin' }
    t.strictSame(corsOf(reply), expected, `${status} ${path}`)
  }
})

t.test('[WS-5] nothing at all is said to other origins, to programs, and below other paths', async (t) => {
  const port = await portOf(t)
  for (const Origin of ['', ...FOREIGN])
    for (const [status, path, how] of ASKS) {
      const reply = await ask(port, path, { ...how, headers: { ...how.headers, ...(Origin === '' ? {} : { Origin }) } })
      t.equal(reply.status, status)
      t.strictSame(corsOf(reply), {}, `${Origin}: ${status} ${path}`)
    }
  const debug = await ask(port, '/api/debug/at-once', { headers: { ...TOKEN, Origin: GUI } })
  t.strictSame([debug.status, corsOf(debug)], [200, {}])
})

t.test('[WS-5] a preflight is answered without a token, for allowed pages and paths that exist', async (t) => {
  const port = await portOf(t)
  const preflight = (path: string, Origin: string): Promise<Reply> =>
    ask(port, path, { method: 'OPTIONS', headers: { ...PREFLIGHT, Origin } })
  for (const path of ['/api/v1/at-once', '/api/v1/late/a', '/api/v1/said']) {
    const reply = await preflight(path, GUI)
    t.strictSame([reply.status, reply.text], [204, ''])
    t.strictSame(corsOf(reply), {
      'access-control-allow-origin': GUI,
      'access-control-expose-headers': EXPOSED,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers':
        'Authorization, Content-Type, Last-Event-ID, traceparent, tracestate, X-Request-Id',
      'access-control-max-age': '600',
      vary: 'Origin',
    })
    for (const origin of FOREIGN) {
      const foreign = await preflight(path, origin)
      t.strictSame([foreign.status, corsOf(foreign)], [405, {}], origin)
    }
  }
  t.equal((await preflight('/api/v1/nothing', GUI)).status, 404)
  const debug = await preflight('/api/debug/at-once', GUI)
  t.strictSame([debug.status, corsOf(debug)], [405, {}])
  const plain = await ask(port, '/api/v1/at-once', { method: 'OPTIONS', headers: { Origin: GUI } })
  t.equal(plain.status, 405, 'OPTIONS that is no preflight')
})

t.test('[WS-5] the origins of the stream: a page asks for its ticket, and reads the events', async (t) => {
  const { port } = await streamServer(t, {}, [GUI])
  const path = '/api/v1/stream/tickets'
  const headers = { ...BEARER, Origin: GUI }
  t.equal((await ask(port, path, { method: 'OPTIONS', headers: { ...PREFLIGHT, Origin: GUI } })).status, 204)
  const reply = await ask(port, path, { method: 'POST', headers })
  t.match(corsOf(reply), { 'access-control-allow-origin': GUI, vary: 'Origin' })
  const query = `?ticket=${String(json(reply)['ticket'])}`
  const { response } = await EventStream.open(t, port, query, { Origin: GUI })
  t.equal(response.statusCode, 200)
  t.match(response.headers, { 'access-control-allow-origin': GUI, vary: 'Origin' })
  const own = await ask(port, path, { method: 'POST', headers: { ...BEARER, Origin: `http://127.0.0.1:${port}` } })
  t.equal(own.status, 200, 'a page of the service itself')
  const foreign = await ask(port, path, { method: 'POST', headers: { ...BEARER, Origin: 'https://evil.example' } })
  t.strictSame([foreign.status, corsOf(foreign)], [200, {}], 'a browser keeps it from the page')
})
