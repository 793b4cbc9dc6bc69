import t from 'tap'
import { SnapshotSchema, DeltaSchema, EventSchema } from '../../../src/http/stream/frames.ts'
import { GOING_AWAY, TOKEN_EXPIRED, TOO_SLOW } from '../../../src/http/stream/hub.ts'
import { Compile } from 'typebox/compile'
import { EPOCH, HandStream } from '../../support/stream.ts'

const GATHER_MS = 100

t.test('[WS-1] a snapshot with whole states, then deltas of what changed, then events; seq grows by one', async (t) => {
  const stream = new HandStream()
  stream.set('a', { bytes_transferred: 5 })
  stream.set('b', {}, 'progress', 'vm2')
  const client = stream.connect()
  client.subscribe(['jobs', 'job:a', 'vm:vm2', 'job:not-yet'])
  stream.timers.pass(0)
  t.same(client.frames, [
    { type: 'snapshot', topic: 'jobs', epoch: EPOCH, seq: 1, jobs: [stream.jobs.get('a'), stream.jobs.get('b')] },
    { type: 'snapshot', topic: 'job:a', epoch: EPOCH, seq: 2, jobs: [stream.jobs.get('a')] },
    { type: 'snapshot', topic: 'vm:vm2', epoch: EPOCH, seq: 3, jobs: [stream.jobs.get('b')] },
    { type: 'snapshot', topic: 'job:not-yet', epoch: EPOCH, seq: 4, jobs: [] },
  ])
  client.frames.length = 0
  stream.set('a', { status: 'completed', bytes_transferred: 9 }, 'completed')
  stream.timers.pass(GATHER_MS)
  const delta = { type: 'delta', epoch: EPOCH, jobs: [{ job_id: 'a', status: 'completed', bytes_transferred: 9 }] }
  const event = {
    type: 'event',
    epoch: EPOCH,
    event: 'completed',
    job_id: 'a',
    vm_name: 'vm1',
    status: 'completed',
    current_operation: 'Transfer',
  }
  t.match(client.frames, [
    { ...delta, topic: 'jobs', seq: 2 },
    { ...event, topic: 'jobs', seq: 3 },
    { ...delta, topic: 'job:a', seq: 3 },
    { ...event, topic: 'job:a', seq: 4 },
  ])
  t.equal(client.frames.length, 4, 'the other topics are not concerned')
})

t.test('[WS-1] every kind of change has its event, and every frame keeps to its schema', async (t) => {
  const stream = new HandStream()
  const client = stream.connect('msgpack')
  client.subscribe(['jobs'])
  stream.timers.pass(0)
  for (const change of ['started', 'progress', 'stage', 'stalled', 'resumed', 'failed'] as const) {
    stream.set('a', { error_message: change }, change)
    stream.timers.pass(GATHER_MS)
  }
  stream.remove('a')
  stream.timers.pass(GATHER_MS)
  t.same(
    client.told.filter((type) => type !== 'delta'),
    ['snapshot', 'started', 'stage', 'stalled', 'resumed', 'failed', 'removed'],
  )
  t.match(client.frames.at(-2), { event: 'failed', error_message: 'failed' })
  const schemas = [Compile(SnapshotSchema), Compile(DeltaSchema), Compile(EventSchema)]
  for (const frame of client.frames)
    t.ok(
      schemas.some((schema) => schema.Check(frame)),
      JSON.stringify(frame),
    )
})

t.test('[WS-2] a return within the linger gets exactly what it missed, even as the only client', async (t) => {
  const stream = new HandStream()
  stream.set('a')
  const client = stream.connect()
  client.subscribe(['jobs'])
  stream.timers.pass(0)
  client.disconnect()
  stream.set('a', { bytes_transferred: 1 })
  stream.timers.pass(GATHER_MS)
  stream.set('b', {}, 'started')
  stream.timers.pass(GATHER_MS)
  client.reconnect()
  t.same(client.told, ['snapshot', 'delta', 'delta', 'started'])
  client.disconnect()
  client.reconnect()
  t.equal(client.frames.length, 4, 'nothing missed, nothing told')
})

t.test('[WS-2] a snapshot where the missed frames are gone, and for positions that never were', async (t) => {
  const stream = new HandStream({ jobsLog: { frames: 2, bytes: 1e6 } })
  stream.set('a')
  const client = stream.connect()
  client.subscribe(['jobs'])
  stream.timers.pass(0)
  const { seq } = stream.hub
  for (let bytes = 1; bytes <= 3; bytes += 1) {
    stream.set('a', { bytes_transferred: bytes })
    stream.timers.pass(GATHER_MS)
  }
  const told = (since: { epoch: string; seq: number }): readonly string[] => {
    const other = stream.connect()
    other.subscribe(['jobs'], since)
    stream.timers.pass(GATHER_MS)
    other.disconnect()
    return other.frames.map(({ type }) => type)
  }
  t.same(told({ epoch: EPOCH, seq }), ['snapshot'], 'one frame too old')
  t.same(told({ epoch: 'another', seq: seq + 2 }), ['snapshot'], 'another life of the service')
  t.same(told({ epoch: EPOCH, seq: seq + 4 }), ['snapshot'], 'from the future')
})

t.test('[WS-2] the position that a reading of all jobs tells can be subscribed since', async (t) => {
  const stream = new HandStream()
  stream.set('a')
  const early = stream.hub.seq
  stream.set('a', { bytes_transferred: 1 })
  const client = stream.connect()
  client.subscribe(['jobs'], { epoch: EPOCH, seq: early })
  stream.timers.pass(0)
  t.same(client.told, ['snapshot'], 'nobody followed the jobs then')
  const { seq } = stream.hub
  stream.set('a', { bytes_transferred: 2 })
  stream.timers.pass(GATHER_MS)
  const reader = stream.connect()
  reader.subscribe(['jobs'], { epoch: EPOCH, seq })
  t.match(reader.frames, [{ type: 'delta', jobs: [{ job_id: 'a', bytes_transferred: 2 }] }])
})

t.test('[WS-2] a field that changed without being told reaches old clients too', async (t) => {
  const stream = new HandStream()
  stream.set('a')
  const [old, young] = [stream.connect(), stream.connect()]
  old.subscribe(['jobs'])
  stream.timers.pass(0)
  const state = stream.jobs.get('a')
  if (state !== undefined) stream.jobs.set('a', { ...state, current_operation: 'quietly' })
  young.subscribe(['jobs'])
  stream.timers.pass(GATHER_MS)
  stream.set('a', { bytes_transferred: 1 })
  stream.timers.pass(GATHER_MS)
  for (const client of [old, young]) t.match(client.held('jobs').jobs.get('a'), { current_operation: 'quietly' })
})

t.test('[WS-3] changes of 100 ms are one frame, and without clients nothing is asked', async (t) => {
  const stream = new HandStream()
  for (let bytes = 0; bytes < 100; bytes += 1) stream.set('a', { bytes_transferred: bytes })
  stream.timers.pass(10_000)
  t.equal(stream.asked, 0)
  t.equal(stream.timers.running, 0)
  const clients = Array.from({ length: 50 }, (_, i) => stream.connect(i < 25 ? 'json' : 'msgpack'))
  for (const client of clients) client.subscribe(['jobs'])
  stream.timers.pass(0)
  t.equal(stream.asked, 1, 'one snapshot for all')
  for (let bytes = 1; bytes <= 100; bytes += 1) stream.set('a', { bytes_transferred: bytes }, 'stage')
  stream.timers.pass(GATHER_MS)
  t.equal(stream.asked, 2)
  for (const client of clients) t.same(client.told, ['snapshot', 'delta', 'stage'])
  t.equal(new Set(clients.map(({ lastBytes }) => lastBytes)).size, 2, 'encoded once per format')
  for (const client of clients) client.disconnect()
  stream.timers.pass(120_000)
  const { asked } = stream
  stream.set('a', { bytes_transferred: 1_000 })
  stream.timers.pass(10_000)
  t.equal(stream.asked, asked, 'and after the last one is gone for good')
  t.equal(stream.timers.running, 0)
})

t.test('[WS-3] a topic that one client follows makes nobody ask for the other jobs', async (t) => {
  const stream = new HandStream()
  for (let i = 0; i < 100; i += 1) stream.set(`job-${i}`)
  stream.connect().subscribe(['job:job-7'])
  stream.timers.pass(0)
  for (let i = 0; i < 100; i += 1) stream.set(`job-${i}`, { bytes_transferred: 1 })
  stream.timers.pass(GATHER_MS)
  t.equal(stream.asked, 2)
})

t.test('[WS-4] a slow client gets the newest states when it drains, and every end', async (t) => {
  const stream = new HandStream({ budgetBytes: 2_000, resumeBytes: 500 })
  for (const id of ['a', 'b', 'c']) stream.set(id)
  const client = stream.connect()
  client.subscribe(['jobs'])
  stream.timers.pass(0)
  client.isReading = false
  for (let bytes = 1; bytes <= 100; bytes += 1) {
    for (const id of ['a', 'b']) stream.set(id, { bytes_transferred: bytes }, bytes % 10 === 0 ? 'stage' : 'progress')
    stream.timers.pass(GATHER_MS)
  }
  stream.set('b', { status: 'completed' }, 'completed')
  stream.set('c', { status: 'failed' }, 'failed')
  stream.timers.pass(GATHER_MS)
  stream.remove('c')
  stream.timers.pass(GATHER_MS)
  t.ok(client.mostBuffered < 2_500, `${client.mostBuffered} bytes`)
  client.isReading = true
  client.read(Infinity)
  const collapse = client.frames.filter((frame) => 'from' in frame)
  const { seq } = stream.hub
  const [first] = collapse
  const from = first?.type === 'delta' ? first.from : undefined
  t.match(collapse, [
    { type: 'delta', seq: from, jobs: [{ job_id: 'b', status: 'completed', bytes_transferred: 100, vm_name: 'vm1' }] },
    { type: 'event', seq: from, event: 'completed', job_id: 'b' },
    { type: 'event', seq: from, event: 'failed', job_id: 'c' },
    { type: 'event', seq: from, event: 'removed', job_id: 'c' },
    { type: 'delta', seq, from, jobs: [{ job_id: 'a', bytes_transferred: 100 }] },
  ])
  t.equal(collapse.length, 5)
  stream.set('a', { bytes_transferred: 101 })
  stream.timers.pass(GATHER_MS)
  t.match(client.frames.at(-1), { type: 'delta', seq: seq + 1, from: undefined })
  t.match(stream.hub.read(), { collapses: 1, slow_closed: 0 })
})

t.test('[WS-4] one that does not drain for 30 s is closed with a code; one that does slowly is not', async (t) => {
  const stream = new HandStream({ budgetBytes: 200_000, resumeBytes: 10_000 })
  stream.set('a')
  const [stuck, slow] = [stream.connect(), stream.connect()]
  for (const client of [stuck, slow]) client.subscribe(['jobs'])
  stream.timers.pass(0)
  stuck.isReading = false
  slow.isReading = false
  const fill = 'x'.repeat(100_000)
  for (let i = 0; i < 4; i += 1) {
    stream.set('a', { error_message: `${i}${fill}` })
    stream.timers.pass(GATHER_MS)
  }
  stream.timers.pass(25_000)
  slow.read(70_000)
  t.equal(stuck.closed, undefined)
  stream.timers.pass(7_000)
  t.same(stuck.closed?.code, TOO_SLOW)
  t.equal(slow.closed, undefined)
  stream.timers.pass(62_000)
  t.same(slow.closed?.code, TOO_SLOW, 'then it takes nothing any more')
  t.match(stream.hub.read(), { clients: 0, slow_closed: 2 })
})

t.test('topics are bounded per client and in all; what nobody follows makes room', async (t) => {
  const stream = new HandStream({ maxTopicsPerClient: 3, maxTopics: 4 })
  const [one, two] = [stream.connect(), stream.connect()]
  t.match(one.subscribe(['job:1', 'job:2', 'job:3', 'job:4']), /more than 3 topics on one connection/)
  t.equal(stream.hub.read().topics, 0, 'nothing has changed')
  t.equal(one.subscribe(['job:1', 'job:2', 'job:3']), undefined)
  t.match(two.subscribe(['job:5', 'job:6']), /more than 4 topics in all/)
  one.unsubscribe(['job:2', 'job:3'])
  t.equal(two.subscribe(['job:5', 'job:6']), undefined)
  t.equal(stream.hub.read().topics, 4)
})

t.test('closing tells every client, and takes no other', async (t) => {
  const stream = new HandStream()
  const client = stream.connect()
  client.subscribe(['jobs'])
  stream.hub.close()
  t.same(client.closed?.code, GOING_AWAY)
  t.equal(stream.hub.isOpen, false)
  stream.set('a')
  t.equal(stream.timers.running, 0)
})

t.test('[WS-5] a client is closed when its token ends, within a second; the others are not', async (t) => {
  const stream = new HandStream()
  const now = stream.timers.now()
  const [short, long] = [stream.connect('json', now + 2_500), stream.connect('json', now + 3_600_000)]
  for (const client of [short, long]) client.subscribe(['jobs'])
  stream.timers.pass(2_400)
  stream.set('a')
  stream.timers.pass(GATHER_MS)
  t.same(short.told, ['snapshot', 'delta'], 'all comes until then')
  stream.timers.pass(1_000)
  t.same(short.closed, { code: TOKEN_EXPIRED, reason: 'the token has expired' })
  t.equal(long.closed, undefined)
  t.match(stream.hub.read(), { clients: 1, expired_closed: 1 })
  stream.set('a', { bytes_transferred: 1 })
  stream.timers.pass(GATHER_MS)
  t.same([short.told.length, long.told.length], [2, 3], 'nothing comes after it')
  stream.timers.pass(3_600_000)
  t.match(long.closed, { code: 4401 })
})
