/** From the bearer to the handler, or not: on a real server, at once and after a wait. */

import t, { type Test } from 'tap'
import { admitting } from '../../src/http/admission.ts'
import { authenticator, type Authenticate, type Verified } from '../../src/http/authenticate.ts'
import type { HttpAnswer, HttpRequest, Route } from '../../src/http/route.ts'
import { listen } from '../../src/http/uws/server.ts'
import { ask, json, rawConnection } from '../support/http.ts'

const clock = { now: () => Date.parse('2025-09-05T15:26:15Z') }
const NOBODY: Verified = { ok: false }
const reader = { ok: true, scopes: new Set(['read'] as const), expiresAt: Infinity } as const
const as = (bearer: string) => ({ Authorization: `Bearer ${bearer}` })

async function served(t: Test, authenticate: Authenticate) {
  const handled: string[] = []
  const refused: number[] = []
  const faults: unknown[] = []
  const handler = (request: HttpRequest): HttpAnswer => {
    handled.push(request.body)
    return { status: 200, body: { said: request.body } }
  }
  const common = {
    summary: '',
    auth: 'token',
    handler,
    refused: (status: number) => void refused.push(status),
  } as const
  const routes: readonly Route[] = [
    { ...common, method: 'GET', path: '/look' },
    { ...common, method: 'POST', path: '/start', scope: 'operate' },
    { ...common, method: 'POST', path: '/say', body: { maxBytes: 100, contentTypes: ['text/plain'] } },
  ]
  const onFault = (error: unknown): void => void faults.push(error)
  const authorize = admitting(authenticate, clock)
  const server = await listen({ host: '127.0.0.1', port: 0, routes, clock, onFault, authorize })
  t.teardown(() => server.close(0))
  return { port: server.port, handled, refused, faults }
}

t.test('[SEC-1] a token without the scope is told so, and nothing happens', async (t) => {
  const { port, handled, refused } = await served(t, authenticator({ tokens: ['full'], readTokens: ['look'] }))
  t.equal((await ask(port, '/look', { headers: as('look') })).status, 200)
  t.equal((await ask(port, '/start', { method: 'POST', headers: as('full') })).status, 200)
  handled.length = 0
  const reply = await ask(port, '/start', { method: 'POST', headers: as('look') })
  t.equal(reply.status, 403)
  t.strictSame(json(reply), { error: 'Insufficient scope', timestamp: '2025-09-05T15:26:15Z' })
  t.equal(reply.headers['www-authenticate'], 'Bearer error="insufficient_scope", scope="operate"')
  const nobody = await ask(port, '/start', { method: 'POST', headers: as('nobody') })
  t.match(nobody, { status: 401, headers: { 'www-authenticate': 'Bearer' } })
  t.same(handled, [])
  t.same(refused, [403, 401])
})

t.test('[SEC-1] a bearer that takes time to know gets the same answers', async (t) => {
  const authenticate = async (bearer: string): Promise<Verified> => {
    await new Promise((resolve) => setImmediate(resolve))
    if (bearer === 'broken') throw new Error('no way to know')
    return bearer === 'look' ? reader : NOBODY
  }
  const { port, handled, refused, faults } = await served(t, authenticate)
  t.equal((await ask(port, '/look', { headers: as('look') })).status, 200)
  t.match(await ask(port, '/look', { method: 'HEAD', headers: as('look') }), { status: 200, text: '' })
  const said = await ask(port, '/say', { method: 'POST', headers: as('look'), body: 'hello' })
  t.same(json(said), { said: 'hello' })
  handled.length = 0
  t.match(await ask(port, '/look', { headers: as('nobody') }), {
    status: 401,
    headers: { 'www-authenticate': 'Bearer' },
  })
  t.equal((await ask(port, '/look')).status, 401)
  t.equal((await ask(port, '/start', { method: 'POST', headers: as('look') })).status, 403)
  t.equal((await ask(port, '/say', { method: 'POST', headers: as('nobody'), body: 'hello' })).status, 401)
  t.same(refused, [401, 401, 403, 401])
  t.equal((await ask(port, '/look', { headers: as('broken') })).status, 500)
  t.match(faults, [{ message: 'no way to know' }])
  t.same(handled, [])
})

t.test('[SEC-1] bodies in pieces and clients that leave, while the bearer is not known yet', async (t) => {
  const gates: (() => void)[] = []
  const authenticate = (): Promise<Verified> => new Promise((resolve) => gates.push(() => resolve(reader)))
  const { port, handled } = await served(t, authenticate)
  const head = `POST /say HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer look\r\nContent-Length: 11\r\n\r\n`
  const [staying, leaving, early] = await Promise.all([rawConnection(port), rawConnection(port), rawConnection(port)])
  for (const connection of [staying, leaving]) connection.write(`${head}hello `)
  early.write(head)
  while (gates.length < 3) t.equal((await ask(port, '/nowhere')).status, 404)
  leaving.destroy()
  early.destroy()
  for (const open of gates) open()
  t.equal((await ask(port, '/nowhere')).status, 404, 'the server goes on')
  staying.write('world')
  await staying.saw('{"said":"hello world"}')
  t.same(handled, ['hello world'])
  staying.destroy()
})
