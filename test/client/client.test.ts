/** The client against the hub: losses, returns, restarts, refusals. */

import fc from 'fast-check'
import t from 'tap'
import type { ConnectionState, SightlineClient, Topic, TopicUpdate } from '../../src/client/index.ts'
import { MemoryServer } from '../support/client-wire.ts'

const names = (states: readonly ConnectionState[]): string[] => states.map(({ name }) => name)

t.test(
  '[CLIENT-1] subscribes, merges, tells listeners and readers, and is live when the round trip is done',
  async (t) => {
    const server = new MemoryServer()
    server.stream.set('a')
    const client = server.client()
    const states: ConnectionState[] = []
    client.onConnection((state) => states.push(state))
    const topic = client.topic('jobs')
    const heard: TopicUpdate[] = []
    topic.onUpdate((update) => heard.push(update))
    t.equal(topic.isLive, false)
    await server.pass(0)
    t.same(names(states), ['idle', 'connecting', 'live'])
    t.same(server.last.protocols, ['sightline.v1.json', 'sightline.bearer.a-token'])
    t.equal(server.last.url, 'ws://oma.test:8082/api/v1/stream')
    t.equal(topic.isLive, true)
    const reader = topic.updates()
    server.stream.set('a', { progress_percent: 40 })
    await server.pass(100)
    t.match(heard, [
      { type: 'snapshot', jobs: [{ job_id: 'a' }] },
      {
        type: 'delta',
        jobs: [{ job_id: 'a', vm_name: 'vm1', progress_percent: 40 }],
        changes: [{ progress_percent: 40 }],
      },
    ])
    t.match((await reader.next()).value, { type: 'snapshot', jobs: [{ progress_percent: 0 }] })
    t.match((await reader.next()).value, { type: 'delta', jobs: [{ progress_percent: 40 }] })
    server.stream.set('a', { status: 'completed' }, 'completed')
    server.stream.remove('a')
    await server.pass(100)
    t.equal(topic.jobs.size, 0)
    client.close()
    t.equal(client.connection.name, 'closed')
  },
)

t.test('[CLIENT-1] after a loss it comes back with what it missed; after a restart with a snapshot', async (t) => {
  const server = new MemoryServer()
  for (const id of ['a', 'b']) server.stream.set(id)
  const client = server.client()
  const topic = client.topic('jobs')
  const heard: string[] = []
  topic.onUpdate((update) => heard.push(update.type === 'event' ? update.event.event : update.type))
  await server.pass(0)
  server.isUp = false
  server.last.socket.end(1006)
  t.match(client.connection, { name: 'reconnecting', attempt: 1, inMs: 500, reason: 'closed with 1006' })
  t.equal(topic.isLive, false)
  t.equal(topic.jobs.size, 2, 'the last states are still there')
  await server.pass(500)
  t.match(client.connection, { name: 'reconnecting', attempt: 2, inMs: 1_000, reason: 'connection refused' })
  server.stream.set('a', { progress_percent: 70 }, 'stage')
  server.isUp = true
  await server.pass(1_000)
  t.equal(topic.isLive, true)
  t.same(heard, ['snapshot', 'delta', 'stage'])
  await server.pass(5_000)
  server.restart('epoch-2')
  server.stream.set('b', { progress_percent: 9 })
  await server.pass(600)
  t.same(heard, ['snapshot', 'delta', 'stage', 'snapshot'])
  t.match(topic.position, { epoch: 'epoch-2' })
  t.equal(topic.jobs.get('b')?.progress_percent, 9)
  client.close()
})

t.test('[CLIENT-1] a refused token is told once and not tried again until there is another', async (t) => {
  const server = new MemoryServer()
  server.isUp = false
  let token = 'an-old-token'
  const client = server.client({
    token: () => token,
    fetch: async () => new Response('{"error":"Authentication required"}', { status: 401 }),
  })
  client.topic('jobs')
  await server.pass(60_000)
  t.match(client.connection, { name: 'unauthorized', reason: 'Authentication required' })
  t.equal(server.attempts.length, 1)
  token = 'a-new-token'
  server.isUp = true
  client.retry()
  await server.pass(0)
  t.equal(client.connection.name, 'live')
  t.same(server.last.protocols[1], 'sightline.bearer.a-new-token')
  client.close()
})

t.test('[CLIENT-1] a stream whose token has ended comes back at once with the new one', async (t) => {
  const server = new MemoryServer()
  let tokens = 0
  const client = server.client({ token: () => `token-${(tokens += 1)}` })
  client.topic('jobs')
  await server.pass(0)
  server.last.socket.end(4401, 'the token has expired')
  await server.pass(0)
  t.equal(client.connection.name, 'live')
  t.same(
    server.attempts.map(({ protocols }) => protocols[1]),
    ['sightline.bearer.token-1', 'sightline.bearer.token-2'],
  )
  client.close()
})

t.test('[CLIENT-1] a token that no subprotocol can carry, or a page without one, goes by ticket', async (t) => {
  const server = new MemoryServer()
  const client = server.client({ token: 'base64/with+padding==' })
  client.topic('jobs')
  await server.pass(0)
  t.same(server.asked, ['http://oma.test:8082/api/v1/stream/tickets'])
  t.equal(server.last.url, 'ws://oma.test:8082/api/v1/stream?ticket=ticket-1')
  t.same(server.last.protocols, ['sightline.v1.json'])
  client.close()
  const page = server.client({ token: undefined, ticket: async () => 'of/the page' })
  page.topic('jobs')
  await server.pass(0)
  t.equal(server.last.url, 'ws://oma.test:8082/api/v1/stream?ticket=of%2Fthe%20page')
  page.close()
})

t.test('[CLIENT-1] silence is answered by a ping, and a connection that does not answer is left', async (t) => {
  const server = new MemoryServer()
  const client = server.client()
  const states: ConnectionState[] = []
  client.onConnection((state) => states.push(state))
  client.topic('jobs')
  await server.pass(95_000)
  t.equal(client.connection.name, 'live', 'nothing happens for long, and it is still there')
  t.equal(server.attempts.length, 1)
  server.last.socket.send = () => undefined
  await server.pass(21_000)
  t.match(states.slice(3), [{ name: 'reconnecting', reason: 'silent' }, { name: 'connecting' }, { name: 'live' }])
  client.close()
})

t.test('[CLIENT-1] what cannot be understood, or does not follow, is mended and not believed', async (t) => {
  const server = new MemoryServer()
  server.stream.set('a')
  const client = server.client()
  const topic = client.topic('jobs')
  await server.pass(0)
  server.last.socket.tell('message', { data: '{"type":"delta","topic":"jobs","epoch":"epoch-1","seq":77,"jobs":[]}' })
  t.equal(topic.isLive, false)
  await server.pass(100)
  t.equal(topic.isLive, true, 'asked for anew')
  server.last.socket.tell('message', { data: 'garbage' })
  t.match(client.connection, { name: 'reconnecting', reason: /not understood: / })
  await server.pass(500)
  t.equal(topic.isLive, true)
  client.close()
})

t.test('[CLIENT-1] a problem is told; an ended topic is not followed any more', async (t) => {
  const server = new MemoryServer()
  const client = server.client()
  const problems: unknown[] = []
  client.onProblem((problem) => problems.push(problem))
  client.topic('nonsense' as Topic)
  client.topic('job:a').unfollow()
  const topic = client.topic('jobs')
  await server.pass(100)
  t.match(problems, [{ error: 'bad frame', details: /not a topic/ }])
  t.equal(server.stream.hub.read().topics, 1)
  const reader = topic.updates()
  topic.unfollow()
  t.match(await reader.next(), { value: { type: 'snapshot' } })
  t.match(await reader.next(), { done: true })
  client.close()
})

const TOPICS: readonly Topic[] = ['jobs', 'job:a', 'vm:vm1']
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      job: fc.constantFrom('a', 'b', 'c'),
      percent: fc.nat(100),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), job: fc.constantFrom('a', 'b', 'c') }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(10, 100, 600, 20_000, 70_000) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('cut', 'down', 'up', 'restart'), client: fc.nat(1) }) },
)

t.test('[CLIENT-1] whatever is cut and restarted: in the end every client holds what the server holds', async (t) => {
  let reconnects = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
      const server = new MemoryServer()
      const clients: readonly SightlineClient[] = [server.client(), server.client({}, 'msgpack')]
      for (const client of clients) for (const topic of TOPICS) client.topic(topic)
      await server.pass(0)
      let epoch = 1
      for (const one of steps) {
        if (one.kind === 'change') server.stream.set(one.job, { progress_percent: one.percent })
        else if (one.kind === 'remove') server.stream.remove(one.job)
        else if (one.kind === 'pass') await server.pass(one.ms)
        else if (one.kind === 'cut') server.attempts.at(-1 - one.client)?.socket.end(1006)
        else if (one.kind === 'restart') server.restart(`epoch-${(epoch += 1)}`)
        else server.isUp = one.kind === 'up'
      }
      server.isUp = true
      await server.pass(16_000)
      await server.pass(16_000)
      reconnects += server.attempts.length - clients.length
      const sorted = (jobs: ReadonlyMap<string, object>): string =>
        JSON.stringify([...jobs].toSorted(([a], [b]) => (a < b ? -1 : 1)))
      for (const client of clients) {
        for (const name of TOPICS) {
          const topic = client.topic(name)
          if (!topic.isLive) throw new Error(`${name} is not live: ${JSON.stringify(client.connection)}`)
          const [held, there] = [sorted(topic.jobs), sorted(server.stream.covered(name))]
          if (held !== there) throw new Error(`${name}: the client holds ${held}, the server ${there}`)
        }
        client.close()
      }
    }),
    { numRuns: 200 },
  )
  t.ok(reconnects > 100, `${reconnects} reconnects were among them`)
})
