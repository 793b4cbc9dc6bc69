/** The stream over real websockets: who gets in, both formats, bad company, slow company, the end. */

import { randomBytes } from 'node:crypto'
import { pack } from 'msgpackr'
import t from 'tap'
import type { ServerFrame } from '../../../src/http/stream/frames.ts'
import { EventStream } from '../../support/event-stream.ts'
import { ask, json, type Reply } from '../../support/http.ts'
import { SECRET, token } from '../../support/jwt.ts'
import { until } from '../../support/service.ts'
import { BEARER, RawSocket, StreamClient, streamServer, TOKEN } from '../../support/stream-server.ts'

const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
}
const TEXT = 1
const CLOSE = 8
const PING = 9
const PONG = 10

/** An upgrade that is expected to be answered as a plain request. */
function refusal(port: number, headers: Readonly<Record<string, string>>, query = ''): Promise<Reply> {
  return ask(port, `/api/v1/stream${query}`, { headers: { ...UPGRADE, ...headers } })
}

const isDelta = (frame: ServerFrame): boolean => frame.type === 'delta'

t.test('[WS-1, WS-5] both formats by token in the header or as a subprotocol', async (t) => {
  const { port, stream } = await streamServer(t)
  stream.set('a', { bytes_transferred: 12_345_678_901_234, progress_percent: 2.1728515625 })
  const asks = [
    { protocol: '', protocols: [], headers: BEARER },
    { protocol: 'sightline.v1.msgpack', protocols: ['sightline.v1.msgpack'], headers: BEARER },
    { protocol: 'sightline.v1.json', protocols: [`sightline.bearer.${TOKEN}`, 'sightline.v1.json'], headers: {} },
    { protocol: 'sightline.v1.msgpack', protocols: ['sightline.v1.msgpack', `sightline.bearer.${TOKEN}`], headers: {} },
  ]
  for (const { protocol, ...how } of asks) {
    const client = await StreamClient.open(t, port, how)
    t.equal(client.protocol, protocol)
    const subscribe = { type: 'subscribe', topics: ['jobs'] }
    client.send(protocol.endsWith('msgpack') ? pack(subscribe) : JSON.stringify(subscribe))
    t.match(await client.saw(({ type }) => type === 'snapshot'), { topic: 'jobs', jobs: [stream.jobs.get('a')] })
    stream.set('a', { status: 'completed', eta_seconds: client.frames.length }, 'completed')
    t.match(await client.saw(({ type }) => type === 'event'), { event: 'completed', job_id: 'a' })
    t.same(client.topics.get('jobs')?.jobs.get('a'), stream.jobs.get('a'))
  }
})

t.test('[WS-5] no token, a wrong one, a foreign origin: refused before the upgrade, as any error', async (t) => {
  const { port } = await streamServer(t, {}, ['https://gui.example'])
  const unauthorized = { error: 'Authentication required', timestamp: String }
  for (const headers of [
    {},
    { Authorization: 'Bearer wrong' },
    { 'Sec-WebSocket-Protocol': 'sightline.bearer.wrong' },
  ]) {
    const reply = await refusal(port, headers)
    t.equal(reply.status, 401)
    t.match(json(reply), unauthorized)
  }
  const foreign = await refusal(port, { ...BEARER, Origin: 'https://evil.example' })
  t.equal(foreign.status, 403)
  t.match(json(foreign), { error: 'origin not allowed', timestamp: String })
  const odd = await refusal(port, { ...BEARER, 'Sec-WebSocket-Protocol': 'graphql-ws' })
  t.equal(odd.status, 400)
  t.match(json(odd), { error: 'unknown subprotocol', details: /sightline\.v1\.json, sightline\.v1\.msgpack/ })
  for (const Origin of ['https://gui.example', `http://127.0.0.1:${port}`]) {
    await StreamClient.open(t, port, { headers: { ...BEARER, Origin } })
  }
  const asked = await refusal(port, BEARER, '?topics=jobs')
  t.equal(asked.status, 400)
  t.match(json(asked), { error: 'invalid query', details: '"topics" is no parameter of this path (ticket)' })
  t.equal((await ask(port, '/api/v1/stream?topics=jobs', { headers: BEARER })).status, 400)
  t.equal((await ask(port, '/api/v1/stream/tickets?x=1', { method: 'POST', headers: BEARER })).status, 400)
  t.equal((await ask(port, '/api/v1/stream', { headers: BEARER })).status, 426, 'no upgrade at all')
  t.equal((await ask(port, '/api/v1/stream')).status, 401)
})

t.test('[WS-5] a stream ends with the JWT that opened it, by a ticket as well', async (t) => {
  const { port, stream, later } = await streamServer(t)
  const exp = Math.floor(Date.now() / 1_000) + 600
  const headers = { Authorization: `Bearer ${await token(Buffer.from(SECRET), { scope: 'read', exp })}` }
  const { ticket } = json(await ask(port, '/api/v1/stream/tickets', { method: 'POST', headers }))
  const ending = [
    await StreamClient.open(t, port, { headers }),
    await StreamClient.open(t, port, { headers: {}, query: `?ticket=${String(ticket)}` }),
  ]
  const stays = await StreamClient.open(t, port)
  const events = await EventStream.open(t, port, '', headers)
  t.match(await events.next(), { frame: { type: 'snapshot' } })
  // With what clocks may differ by.
  later(631_000)
  for (const client of ending) t.same(await client.closed, { code: 4401, reason: 'the token has expired' })
  t.equal(await events.next(), undefined, 'the events end too')
  t.match(stream.hub.read(), { clients: 1, expired_closed: 3 })
  t.equal((await refusal(port, headers)).status, 401)
  stays.say({ type: 'ping' })
  t.match(await stays.saw(({ type }) => type === 'pong'), {})
})

t.test('[WS-5] a ticket opens one connection within 30 s', async (t) => {
  const { port, later } = await streamServer(t)
  t.equal((await ask(port, '/api/v1/stream/tickets', { method: 'POST' })).status, 401)
  const ticketOf = async (): Promise<string> => {
    const reply = await ask(port, '/api/v1/stream/tickets', { method: 'POST', headers: BEARER })
    const { ticket, expires_at } = json(reply)
    t.equal(reply.status, 200)
    const lifetime = Date.parse(String(expires_at)) - Date.now()
    t.ok(lifetime > 25_000 && lifetime <= 30_000, `${lifetime} ms`)
    return String(ticket)
  }
  const query = `?ticket=${await ticketOf()}`
  const client = await StreamClient.open(t, port, { headers: {}, query })
  client.say({ type: 'ping' })
  await client.saw(({ type }) => type === 'pong')
  t.equal((await refusal(port, {}, query)).status, 401, 'used')
  const late = `?ticket=${await ticketOf()}`
  later(30_000)
  t.equal((await refusal(port, {}, late)).status, 401, 'over')
})

t.test('[WS-2] a new connection goes on where the last one was cut', async (t) => {
  const { port, stream } = await streamServer(t)
  stream.set('a')
  const first = await StreamClient.open(t, port)
  first.say({ type: 'subscribe', topics: ['jobs'] })
  await first.saw(({ type }) => type === 'snapshot')
  const since = first.topics.get('jobs')?.position
  first.close()
  await first.closed
  stream.set('a', { bytes_transferred: 5 })
  await until('the change is told', async () => (stream.hub.seq > (since?.seq ?? 0) ? true : undefined))
  const second = await StreamClient.open(t, port)
  second.say({ type: 'subscribe', topics: ['jobs'], since })
  t.match(await second.saw(isDelta), { seq: (since?.seq ?? 0) + 1, jobs: [{ job_id: 'a', bytes_transferred: 5 }] })
  t.equal(second.frames.length, 1)
})

t.test('[WS-1] what is not understood is told and changes nothing; ten times are enough', async (t) => {
  const { port, stream, faults } = await streamServer(t)
  const client = await StreamClient.open(t, port)
  const bad: readonly (readonly [string | Uint8Array, RegExp])[] = [
    ['{', /not JSON/],
    [Uint8Array.of(0x80), /json comes in text messages/],
    ['null', /type must be/],
    ['{"type":"snapshot"}', /type must be/],
    ['{"type":"subscribe"}', /topics/],
    ['{"type":"subscribe","topics":[]}', /topics must not have fewer than 1 items/],
    ['{"type":"subscribe","topics":["jobs"],"since":{"epoch":1}}', /since/],
    ['{"type":"subscribe","topics":["jobs","job:","all"]}', /not a topic: "job:", "all"/],
    [`{"type":"subscribe","topics":["job:${'x'.repeat(256)}"]}`, /topics\[0\]/],
  ]
  for (const [i, [message, told]] of bad.entries()) {
    client.send(message)
    const frame = await until('it is told', async () => client.frames[i])
    t.match(frame, { type: 'error', error: 'bad frame', details: told })
  }
  t.equal(stream.hub.read().topics, 0)
  client.send('[]')
  t.match(await client.closed, { code: 1008 })
  t.same(faults, [])
})

t.test('[WS-1] MessagePack that is none, or meant to harm, is an error like any other', async (t) => {
  const { port, faults } = await streamServer(t)
  const bad = [
    Uint8Array.of(0xc1),
    Uint8Array.of(0xdf, 0xff, 0xff, 0xff, 0xff),
    Buffer.alloc(60_000, 0x91),
    Buffer.concat([Uint8Array.of(0xd4, 0x72, 0x40), pack(['__proto__', 'type']), pack('x')]),
    pack({ __proto__: null, type: 'subscribe', topics: { length: 1 } }),
    randomBytes(1_000),
  ]
  for (const message of bad) {
    const client = await StreamClient.open(t, port, { protocols: ['sightline.v1.msgpack'] })
    client.send(message)
    t.match(await client.saw(({ type }) => type === 'error'), { error: 'bad frame' })
    client.send(pack({ type: 'ping' }))
    await client.saw(({ type }) => type === 'pong')
    client.close()
  }
  t.equal(Object.hasOwn(Object.prototype, 'type'), false)
  t.same(faults, [])
})

t.test('[SEC-1] oversize frames and garbage close the connection, and only that', async (t) => {
  const { port, stream } = await streamServer(t)
  const large = await StreamClient.open(t, port)
  large.send('x'.repeat(65_537))
  await large.closed
  const garbage = await RawSocket.open(t, port)
  garbage.socket.write(randomBytes(2_000).fill(0xff, 0, 2))
  t.equal(await garbage.next(), undefined)
  const good = await StreamClient.open(t, port)
  good.say({ type: 'ping' })
  await good.saw(({ type }) => type === 'pong')
  t.equal(stream.hub.read().clients, 1)
})

t.test('[SEC-1] more clients than the limit are told to come back', async (t) => {
  const { port } = await streamServer(t, { maxClients: 1 })
  const client = await StreamClient.open(t, port)
  const reply = await refusal(port, BEARER)
  t.equal(reply.status, 503)
  t.match(json(reply), { error: 'too many stream clients' })
  client.close()
  await client.closed
  await until('there is room again', async () => ((await refusal(port, {})).status === 401 ? true : undefined))
  await StreamClient.open(t, port)
})

t.test('pings of the protocol are answered; a flood of them that is not read is not', async (t) => {
  const { port, stream } = await streamServer(t)
  const raw = await RawSocket.open(t, port)
  raw.say(PING, 'hello')
  t.match(await raw.next(), { opcode: PONG, payload: Buffer.from('hello') })
  const ping = Buffer.from([0x89, 0xfd, 0, 0, 0, 0, ...Buffer.alloc(125)])
  const flood = Buffer.concat(Array.from({ length: 2_000 }, () => ping))
  const isOver = new Promise<true>((resolve) => raw.socket.once('close', () => resolve(true)))
  const pour = (error?: Error | null): void => {
    if (!error) raw.socket.write(flood, pour)
  }
  pour()
  t.ok(await isOver)
  await until('the server has forgotten it', async () => (stream.hub.read().clients === 0 ? true : undefined))
})

t.test('[WS-4] a client that does not read holds no more than the budget, then gets the newest of all', async (t) => {
  const { port, stream, sockets } = await streamServer(t)
  const raw = await RawSocket.open(t, port)
  raw.say(TEXT, '{"type":"subscribe","topics":["jobs"]}')
  await until('it has subscribed', async () => (stream.hub.read().topics === 1 ? true : undefined))
  const [socket] = sockets
  let most = 0
  const fill = 'x'.repeat(200_000)
  const change = (i: number): void => stream.set(`job-${i % 5}`, { error_message: `${i} ${fill}` })
  for (let i = 0; stream.hub.read().collapses === 0; i += 1) {
    change(i)
    await new Promise((resolve) => setTimeout(resolve, 6))
    most = Math.max(most, socket?.bufferedAmount() ?? 0)
  }
  for (let i = 0; i < 200; i += 1) {
    change(i)
    if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 6))
    most = Math.max(most, socket?.bufferedAmount() ?? 0)
  }
  stream.set('job-0', { status: 'completed' }, 'completed')
  t.ok(most > 1_048_576 && most < 1_048_576 + 1_100_000, `${most} bytes: the budget and one frame of five jobs`)
  const client = new Map<string, unknown>()
  const events: unknown[] = []
  const isDone = (frame: ServerFrame): boolean => 'seq' in frame && frame.seq === stream.hub.seq && events.length > 0
  for (;;) {
    const message = await raw.next()
    if (message === undefined) throw new Error('closed')
    const frame = JSON.parse(message.payload.toString()) as ServerFrame
    if (frame.type === 'event') events.push(frame.event)
    if (frame.type === 'delta' || frame.type === 'snapshot') {
      for (const job of frame.jobs) client.set(job.job_id, { ...(client.get(job.job_id) as object), ...job })
    }
    if (isDone(frame)) break
  }
  t.same(client, stream.jobs)
  t.same(events, ['completed'])
})

t.test('[WS-4] a client that never drains is closed with 4408, and its memory goes', async (t) => {
  const { port, stream, sockets } = await streamServer(t, { drainMs: 500 })
  const raw = await RawSocket.open(t, port)
  raw.say(TEXT, '{"type":"subscribe","topics":["jobs"]}')
  await until('it has subscribed', async () => (stream.hub.read().topics === 1 ? true : undefined))
  const fill = 'x'.repeat(500_000)
  for (let i = 0; stream.hub.read().slow_closed === 0; i += 1) {
    stream.set('a', { error_message: `${i} ${fill}` })
    await new Promise((resolve) => setTimeout(resolve, 6))
  }
  t.match(stream.hub.read(), { clients: 0, slow_closed: 1 })
  t.equal(sockets[0]?.bufferedAmount(), 0, 'the server is done with it')
  for (;;) {
    const message = await raw.next()
    if (message === undefined) return t.fail('closed without a word')
    if (message.opcode !== CLOSE) continue
    t.equal(message.payload.readUInt16BE(0), 4408)
    t.match(message.payload.subarray(2).toString(), /too slow/)
    return undefined
  }
})

t.test('at the end every client is told that the service goes', async (t) => {
  const { port, close } = await streamServer(t)
  const clients = [await StreamClient.open(t, port), await StreamClient.open(t, port)]
  await close()
  for (const client of clients) t.match(await client.closed, { code: 1001, reason: 'the service is going away' })
})
