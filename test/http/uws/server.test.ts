/** The server under routes of its own: order of things, bad company, the end. */

import { request as httpsRequest } from 'node:https'
import { fileURLToPath } from 'node:url'
import { readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { admitting } from '../../../src/http/admission.ts'
import { authenticator } from '../../../src/http/authenticate.ts'
import type { HttpAnswer, HttpRequest, Route } from '../../../src/http/route.ts'
import type { ServerOptions } from '../../../src/http/server.ts'
import { listen } from '../../../src/http/uws/server.ts'
import { ask, json, rawConnection } from '../../support/http.ts'

const TEXT_BODY = { maxBytes: 1_000, contentTypes: ['text/plain'] }

function route(method: Route['method'], path: string, handler: Route['handler'], more: Partial<Route> = {}): Route {
  return { method, path, summary: '', auth: 'none', handler, ...more }
}

async function serverOf(t: Test, routes: readonly Route[], more: Partial<ServerOptions> = {}) {
  const faults: unknown[] = []
  const clock = { now: () => Date.now() }
  const onFault = (error: unknown): void => void faults.push(error)
  const server = await listen({ host: '127.0.0.1', port: 0, routes, clock, onFault, ...more })
  t.teardown(() => server.close(0))
  return { server, port: server.port, faults }
}

/** A promise and its key. */
function latch<T>() {
  let open: (value: T) => void = () => undefined
  const promise = new Promise<T>((resolve) => (open = resolve))
  return { promise, open: (value: T) => open(value) }
}

t.test('a port in use is told by host and port', async (t) => {
  const { port } = await serverOf(t, [])
  await t.rejects(
    listen({ host: '127.0.0.1', port, routes: [], clock: { now: () => 0 }, onFault: () => undefined }),
    new Error(`cannot listen on 127.0.0.1:${port}: port in use, or not an address of this machine`),
  )
})

t.test('[SEC-1] a slow sender is cut off, a quick one beside it is not', async (t) => {
  const refused: number[] = []
  const echo = route('POST', '/echo', (request) => ({ status: 200, body: request.body }), {
    body: TEXT_BODY,
    refused: (status) => refused.push(status),
  })
  const { port } = await serverOf(t, [echo], { bodyDeadlineMs: 50 })
  const slow = await rawConnection(port)
  slow.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf of')
  const said = await slow.closed
  t.match(said, /^HTTP\/1.1 408 /)
  t.match(said, /"details":"the body did not arrive within 50 ms"/)
  t.same(refused, [408])
  const silent = await rawConnection(port)
  silent.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n')
  t.match(await silent.closed, /^HTTP\/1.1 408 /, 'a body that never begins')
  t.equal((await ask(port, '/echo', { method: 'POST', body: 'quick' })).text, 'quick')
})

t.test('a body in pieces comes whole', async (t) => {
  const echo = route('POST', '/echo', (request) => ({ status: 200, body: request.body, contentType: 'text/plain' }), {
    body: TEXT_BODY,
  })
  const { port } = await serverOf(t, [echo])
  const connection = await rawConnection(port)
  for (const piece of ['POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n', 'hello ', 'wor', 'ld']) {
    connection.write(piece)
    t.equal((await ask(port, '/nowhere')).status, 404, 'by now the server has read the piece')
  }
  await connection.saw('hello world')
  connection.destroy()
})

t.test('handlers get what their route asks for, decoded', async (t) => {
  const echo = (request: HttpRequest): HttpAnswer => ({
    status: 200,
    body: {
      id: request.param('id'),
      q: request.query.get('q'),
      accept: request.header('accept'),
      origin: request.header('origin'),
    },
  })
  const { port, faults } = await serverOf(t, [
    route('GET', '/all/{id}', echo, { query: true, headers: ['accept'] }),
    route('GET', '/none/{id}', echo),
    route('GET', '/wrong/{name}', echo),
  ])
  const headers = { Accept: 'a/b', Origin: 'http://elsewhere' }
  const all = await ask(port, '/all/a%2Fb%20c?q=x%26y', { headers })
  t.same(json(all), { id: 'a/b c', q: 'x&y', accept: 'a/b', origin: '' })
  t.same(json(await ask(port, '/none/1?q=x', { headers })), { id: '1', q: null, accept: '', origin: '' })
  t.equal((await ask(port, '/wrong/1')).status, 500)
  t.match(faults, [{ message: 'the path /wrong/{name} has no {id}' }])
})

t.test('[API-6] a handler’s failure is a 500 that tells nothing, and the cause goes to the log', async (t) => {
  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  const { port, faults } = await serverOf(t, [
    route('GET', '/throws', () => {
      throw new Error('secret of the house')
    }),
    route('GET', '/rejects', async () => {
      await Promise.resolve()
      throw new Error('later')
    }),
    route('GET', '/cyclic', () => ({ status: 200, body: cyclic })),
    route('GET', '/cyclic-later', async () => ({ status: 200, body: cyclic })),
  ])
  for (const path of ['/throws', '/rejects', '/cyclic', '/cyclic-later']) {
    const reply = await ask(port, path)
    t.equal(reply.status, 500)
    t.match(
      reply.text,
      /^\{"error":"Internal server error","timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ","request_id":"[\da-f]{16}"\}$/,
    )
  }
  t.match(faults, [{ message: 'secret of the house' }, { message: 'later' }, TypeError, TypeError])
})

t.test('answers that come later, and clients that do not wait for them', async (t) => {
  const gate = latch<HttpAnswer>()
  const arrived = latch<true>()
  const later = route('GET', '/later', () => {
    arrived.open(true)
    return gate.promise
  })
  const { port, faults } = await serverOf(t, [later, route('GET', '/now', () => ({ status: 200, body: 'now' }))])
  const impatient = await rawConnection(port)
  impatient.write('GET /later HTTP/1.1\r\nHost: x\r\n\r\n')
  await arrived.promise
  impatient.destroy()
  const patient = ask(port, '/later')
  t.equal((await ask(port, '/now')).text, 'now', 'one waiting answer holds up no other')
  gate.open({ status: 201, body: 'done', contentType: 'text/plain', headers: { 'X-Extra': '1' } })
  const reply = await patient
  t.match(reply, { status: 201, text: 'done', headers: { 'content-type': 'text/plain', 'x-extra': '1' } })
  t.same(faults, [])
})

t.test('HEAD is answered as GET without its body', async (t) => {
  const { port } = await serverOf(t, [
    route('GET', '/text', () => ({ status: 200, body: 'grün' })),
    route('GET', '/later', async () => ({ status: 200, body: new Uint8Array(3) })),
  ])
  t.match(await ask(port, '/text', { method: 'HEAD' }), { status: 200, text: '', headers: { 'content-length': '5' } })
  t.match(await ask(port, '/later', { method: 'HEAD' }), { status: 200, text: '', headers: { 'content-length': '3' } })
  t.match(await ask(port, '/nowhere', { method: 'HEAD' }), { status: 404, text: '' })
})

t.test('[SEC-1] routes with a token let no one in without it, whatever fails', async (t) => {
  const authenticate = authenticator({ tokens: ['good'] })
  const trapped = (bearer: string) => {
    if (bearer === 'trap') throw new Error('checker broken')
    return authenticate(bearer)
  }
  const authorize = admitting(trapped, { now: () => Date.now() })
  const routes = [route('GET', '/guarded', () => ({ status: 200, body: 'in' }), { auth: 'token' })]
  const { port, faults } = await serverOf(t, routes, { authorize })
  const as = (authorization: string) => ask(port, '/guarded', { headers: { Authorization: authorization } })
  t.equal((await as('Bearer good')).text, 'in')
  const refused = await ask(port, '/guarded')
  t.equal(refused.status, 401)
  t.match(refused.text, /^\{"error":"Authentication required","timestamp":"[^"]+"\}$/)
  for (const wrong of ['Bearer bad', 'Basic good', 'good', 'Bearer', 'Bearer good more']) {
    t.equal((await as(wrong)).status, 401, wrong)
  }
  t.equal((await as('Bearer trap')).status, 401)
  t.equal(faults.length, 1)
  const open = await serverOf(t, routes)
  t.equal((await ask(open.port, '/guarded', { headers: { Authorization: 'Bearer good' } })).status, 401, 'no checker')
})

t.test('[SEC-1] connections beyond the limit are closed', async (t) => {
  const { port } = await serverOf(t, [route('GET', '/', () => ({ status: 200, body: 'in' }))], { maxConnections: 2 })
  const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
  const first = await rawConnection(port)
  const second = await rawConnection(port)
  for (const connection of [first, second]) {
    connection.write(GET)
    await connection.saw('200 OK')
  }
  const third = await rawConnection(port)
  third.write(GET)
  t.equal(await third.closed, '')
  first.destroy()
  await first.closed
  second.write(GET)
  await second.saw('200 OK')
  second.destroy()
})

t.test('closing lets what is being answered finish, and takes nothing new', async (t) => {
  const gate = latch<HttpAnswer>()
  const arrived = latch<true>()
  const later = route('GET', '/later', () => {
    arrived.open(true)
    return gate.promise
  })
  const { server, port } = await serverOf(t, [later])
  const reply = ask(port, '/later')
  await arrived.promise
  const closed = server.close(5_000)
  await t.rejects(ask(port, '/later'), { code: 'ECONNREFUSED' })
  gate.open({ status: 200, body: 'finished' })
  t.equal((await reply).text, 'finished')
  await closed
  await server.close()
})

t.test('closing does not wait for ever', async (t) => {
  const stuck = route('GET', '/stuck', () => new Promise<HttpAnswer>(() => undefined))
  const { server, port } = await serverOf(t, [stuck])
  const connection = await rawConnection(port)
  connection.write('GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n')
  const idle = await rawConnection(port)
  await server.close(50)
  t.equal(await connection.closed, '')
  t.equal(await idle.closed, '')
})

t.test('[SEC-1] TLS by certificate and key', async (t) => {
  const file = (name: string) => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url))
  const tls = { keyFile: file('key.pem'), certFile: file('cert.pem') }
  const { port } = await serverOf(t, [route('GET', '/', () => ({ status: 200, body: 'sealed' }))], { tls })
  const ca = await readFile(tls.certFile)
  const text = await new Promise<string>((resolve, reject) => {
    const req = httpsRequest({ host: '127.0.0.1', port, ca, agent: false }, (res) => {
      res.setEncoding('utf8').on('data', resolve)
    })
    req.on('error', reject).end()
  })
  t.equal(text, 'sealed')
  const missing = { keyFile: '/nowhere/key.pem', certFile: '/nowhere/cert.pem' }
  await t.rejects(serverOf(t, [], { tls: missing }), /cannot use the TLS files \/nowhere\/key.pem/)
})
