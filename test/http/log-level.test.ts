import t, { type Test } from 'tap'
import { admitting } from '../../src/http/admission.ts'
import { authenticator } from '../../src/http/authenticate.ts'
import { logLevelRoutes } from '../../src/http/routes/log-level.ts'
import { listen } from '../../src/http/uws/server.ts'
import { ask, json, type Ask } from '../support/http.ts'

const NOW = Date.parse('2025-09-05T15:26:15Z')
const PATH = '/api/v1/log-level'

async function rig(t: Test) {
  const orders: (readonly [string, number])[] = []
  let level = 'info'
  const levels = {
    view: () => ({ level, configured: 'info', until: level === 'info' ? undefined : NOW + 600_000 }),
    set: (to: string, forMs: number) => {
      level = to
      orders.push([to, forMs])
    },
  }
  const clock = { now: () => NOW }
  const server = await listen({
    host: '127.0.0.1',
    port: 0,
    clock,
    routes: logLevelRoutes({ levels, clock }),
    authorize: admitting(authenticator({ tokens: ['all'], readTokens: ['read'] }), clock),
    onFault: (error) => t.fail('a handler failed', { error }),
  })
  t.teardown(() => server.close(0))
  const put = (body: string, token = 'all') => order(server.port, { method: 'PUT', body }, token)
  const get = (token: string) => order(server.port, {}, token)
  return { orders, put, get }
}

function order(port: number, asked: Ask, token: string) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return ask(port, PATH, { ...asked, headers })
}

t.test('[LOG-2] an order is carried out and told; without a time it holds ten minutes', async (t) => {
  const { orders, put, get } = await rig(t)
  t.same(json(await get('read')), { level: 'info', configured_level: 'info', until: null })
  const reply = await put('{"level":"debug","for":"90s"}')
  t.equal(reply.status, 200)
  t.same(json(reply), { level: 'debug', configured_level: 'info', until: '2025-09-05T15:36:15Z' })
  await put('{"level":"trace"}')
  t.same(orders, [
    ['debug', 90_000],
    ['trace', 600_000],
  ])
})

t.test('[LOG-2] what is no order is refused with all that is wrong, and changes nothing', async (t) => {
  const { orders, put } = await rig(t)
  for (const [body, told] of [
    ['', /body must be a JSON object/],
    ['null', /body must be a JSON object/],
    ['[]', /body must be a JSON object/],
    ['{', /body must be a JSON object/],
    ['{}', /level must be one of trace, debug, info, warn, error$/],
    [
      '{"level":"silent","for":"2d","x":1}',
      /^level must be .*; for must be a duration from 1s to 24h, as 10m; "x" is no field/,
    ],
    ['{"level":"debug","for":600}', /^for must be/],
    ['{"level":"debug","for":"0s"}', /^for must be/],
    ['{"level":"debug","for":"soon"}', /^for must be/],
  ] as const) {
    const reply = await put(body)
    t.equal(reply.status, 400, body)
    t.match(json(reply), { error: 'invalid log level', details: told, timestamp: String }, body)
  }
  t.equal((await put(`{"level":"${'x'.repeat(2_000)}"}`)).status, 413)
  t.same(orders, [])
})

t.test('[LOG-2] it takes the scope operate', async (t) => {
  const { orders, put, get } = await rig(t)
  t.equal((await put('{"level":"debug"}', 'read')).status, 403)
  t.equal((await put('{"level":"debug"}', 'nobody')).status, 401)
  t.equal((await get('nobody')).status, 401)
  t.same(orders, [])
})
