/** One client that reads nothing among others that do, on a real server (WS-4). */

import t from 'tap'
import type { ServerFrame } from '../../../src/http/stream/frames.ts'
import { STREAM_LIMITS } from '../../../src/http/stream/limits.ts'
import { until } from '../../support/service.ts'
import { hear, type Held } from '../../support/stream-mirror.ts'
import { RawSocket, StreamClient, streamServer } from '../../support/stream-server.ts'

const TEXT = 1
const JOBS = 60
/** Of a job's state: a frame of all jobs is some 300 KB. */
const FILL = 'x'.repeat(5_000)
const FRAME_BYTES = JOBS * (FILL.length + 1_500)
const ENDS = new Set(['completed', 'failed', 'removed'])

const jobId = (i: number): string => `job-${i}`
/** Every second job ends, one half each way; every sixth leaves too. */
const endOf = (i: number): 'completed' | 'failed' => (i % 4 === 0 ? 'completed' : 'failed')

t.test('[WS-4] one sleeps, wakes and has every end and the newest states; the others hear all at once', async (t) => {
  const { port, stream, sockets, faults } = await streamServer(t)
  const sleeper = await RawSocket.open(t, port)
  sleeper.say(TEXT, '{"type":"subscribe","topics":["jobs"]}')
  const readers = [await StreamClient.open(t, port), await StreamClient.open(t, port)]
  for (const reader of readers) {
    reader.say({ type: 'subscribe', topics: ['jobs'] })
    await reader.saw(({ type }) => type === 'snapshot')
  }
  let most = 0
  const tick = async (): Promise<void> => {
    const { seq } = stream.hub
    await until('it is told', async () => (stream.hub.seq > seq ? true : undefined), 15_000, 2)
    // In step with the readers, so that it is the sleeper alone that is slow.
    const { seq: told } = stream.hub
    for (const reader of readers) await reader.saw((frame) => 'seq' in frame && frame.seq === told)
    most = Math.max(most, ...sockets.map((socket) => socket.bufferedAmount()))
  }
  const changeAll = (bytes: number): void => {
    for (let i = 0; i < JOBS; i += 1) {
      if (stream.jobs.has(jobId(i)) || bytes === 0) {
        stream.set(jobId(i), { bytes_transferred: bytes, error_message: `${bytes}${FILL}` }, 'progress', `vm-${i}`)
      }
    }
  }
  let bytes = 0
  for (; stream.hub.read().collapses === 0; bytes += 1) {
    changeAll(bytes)
    await tick()
  }
  for (let i = 0; i < JOBS; i += 2) {
    const end = endOf(i)
    stream.set(jobId(i), { status: end, bytes_transferred: bytes }, end)
    if (i % 10 === 0) await tick()
  }
  for (let i = 0; i < JOBS; i += 6) stream.remove(jobId(i))
  await tick()
  for (let more = 0; more < 5; more += 1) {
    bytes += 1
    changeAll(bytes)
    await tick()
  }
  t.ok(most > STREAM_LIMITS.budgetBytes, 'it was behind')
  t.ok(most <= STREAM_LIMITS.budgetBytes + FRAME_BYTES, `${most} bytes: the budget and one frame`)

  const topics = new Map<string, Held>()
  while (topics.get('jobs')?.position?.seq !== stream.hub.seq) {
    const message = await sleeper.next()
    if (message === undefined) throw new Error('closed')
    const frame = JSON.parse(message.payload.toString()) as ServerFrame
    if ('topic' in frame) hear(topics, frame)
  }
  const woken = topics.get('jobs')
  t.ok((woken?.collapses ?? 0) > 0)
  t.same(woken?.jobs, stream.jobs, 'the newest state of every job, and of no other')
  const ends = (held: Held | undefined): string[] =>
    (held?.events ?? []).filter(({ event }) => ENDS.has(event)).map(({ event, job_id }) => `${event} ${job_id}`)
  const expected: string[] = []
  for (let i = 0; i < JOBS; i += 2) expected.push(`${endOf(i)} ${jobId(i)}`)
  for (let i = 0; i < JOBS; i += 6) expected.push(`removed ${jobId(i)}`)
  t.same(ends(woken).toSorted(), expected.toSorted(), 'every end, once')
  for (const reader of readers) {
    const held = reader.topics.get('jobs')
    t.same(held?.jobs, stream.jobs)
    t.equal(held?.collapses, 0)
    t.same(ends(held).toSorted(), expected.toSorted())
  }
  t.match(stream.hub.read(), { clients: 3, collapses: 1, slow_closed: 0 })
  t.same(faults, [])
})
