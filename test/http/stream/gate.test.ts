import t from 'tap'
import { authenticator, type Verified } from '../../../src/http/authenticate.ts'
import { Gate } from '../../../src/http/stream/gate.ts'
import { Tickets } from '../../../src/http/stream/tickets.ts'

const NOBODY = { authorization: '', protocols: [], origin: '', host: 'oma.example:8082', query: '' }

function gateOf(origins: readonly string[] = []) {
  const tickets = new Tickets()
  return {
    tickets,
    gate: new Gate({ authenticate: authenticator({ tokens: ['good'] }), tickets, origins, now: () => 0 }),
  }
}

t.test('[WS-5] header, subprotocol and ticket open, each for itself', async (t) => {
  const { gate, tickets } = gateOf()
  tickets.issue('ticket', 0)
  t.match(await gate.admit(NOBODY), { status: 401 })
  t.match(await gate.admit({ ...NOBODY, authorization: 'Bearer bad' }), { status: 401 })
  t.same(await gate.admit({ ...NOBODY, authorization: 'Bearer good' }), { expiresAt: Infinity })
  t.same(await gate.admit({ ...NOBODY, protocols: ['sightline.v1.json', 'sightline.bearer.good'] }), {
    expiresAt: Infinity,
  })
  t.match(await gate.admit({ ...NOBODY, protocols: ['sightline.bearer.bad'] }), { status: 401 })
  t.match(await gate.admit({ ...NOBODY, query: 'ticket=wrong' }), { status: 401 })
  t.same(await gate.admit({ ...NOBODY, query: 'ticket=ticket' }), { expiresAt: Infinity })
  t.match(await gate.admit({ ...NOBODY, query: 'ticket=ticket' }), { status: 401 }, 'once')
})

t.test('[WS-5] pages of this host and of the named origins may connect; a foreign one burns no ticket', async (t) => {
  const { gate, tickets } = gateOf(['https://gui.example:8443'])
  for (const origin of ['', 'http://oma.example:8082', 'https://gui.example:8443', 'https://GUI.example:8443']) {
    t.equal(gate.isOrigin(origin, NOBODY.host), true, origin)
  }
  for (const origin of ['http://oma.example', 'https://gui.example', 'http://gui.example:8443', 'null', 'nonsense']) {
    t.equal(gate.isOrigin(origin, NOBODY.host), false, origin)
  }
  t.equal(gateOf(['*']).gate.isOrigin('http://any', NOBODY.host), true)
  tickets.issue('ticket', 0)
  t.match(await gate.admit({ ...NOBODY, origin: 'http://evil', query: 'ticket=ticket' }), { status: 403 })
  t.same(await gate.admit({ ...NOBODY, query: 'ticket=ticket' }), { expiresAt: Infinity })
})

t.test('[WS-5] who is known only after a while comes in then; a token that may not read does not', async (t) => {
  const known = new Map<string, Verified>([
    ['late', { ok: true, scopes: new Set(['read']), expiresAt: 7 }],
    ['later', { ok: true, scopes: new Set(['read']), expiresAt: 9 }],
    ['orders', { ok: true, scopes: new Set(['operate']), expiresAt: 1 }],
  ])
  const gate = new Gate({
    authenticate: async (bearer) => known.get(bearer) ?? { ok: false },
    tickets: new Tickets(),
    origins: [],
    now: () => 0,
  })
  t.same(await gate.admit({ ...NOBODY, authorization: 'Bearer late' }), { expiresAt: 7 })
  const both = { authorization: 'Bearer late', protocols: ['sightline.bearer.later'] }
  t.same(await gate.admit({ ...NOBODY, ...both }), { expiresAt: 9 }, 'the token that is good for longest counts')
  for (const bearer of ['orders', 'nobody'])
    t.match(await gate.admit({ ...NOBODY, authorization: `Bearer ${bearer}` }), { status: 401 }, bearer)
})

t.test('[WS-1] the first known subprotocol is taken; none asked for is JSON', async (t) => {
  const { gate } = gateOf()
  t.same(gate.chosen([]), { protocol: '', format: 'json' })
  t.same(gate.chosen(['sightline.bearer.x', 'sightline.v1.msgpack', 'sightline.v1.json']), {
    protocol: 'sightline.v1.msgpack',
    format: 'msgpack',
  })
  t.same(gate.chosen(['sightline.bearer.x']), { protocol: 'sightline.bearer.x', format: 'json' })
  t.match(gate.chosen(['graphql-ws']), { status: 400 })
  t.match(gate.chosen(['toString']), { status: 400 })
})
