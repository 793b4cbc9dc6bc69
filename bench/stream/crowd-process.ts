/** Entry of the process of the light clients. The first one keeps its frames: it tells what was in each. */

import type { Format } from '../../src/http/stream/codec.ts'
import type { Position } from '../../src/http/stream/frames.ts'
import type { LiveJobJson } from '../../src/model/live.ts'
import { DelayHistogram } from '../../src/telemetry/delays.ts'
import { hear, type Held } from '../../test/support/stream-mirror.ts'
import { until } from '../../test/support/service.ts'
import { obey } from '../support/parent.ts'
import { RawClient, type Arrivals } from './raw-client.ts'

export type CrowdQuestion =
  | { readonly ask: 'open'; readonly port: number; readonly clients: number; readonly format: Format }
  /** Counts from here. */
  | { readonly ask: 'begin' }
  | { readonly ask: 'end' }
  /** One more client, which reads until it is told to stop. */
  | { readonly ask: 'sleeper'; readonly port: number; readonly format: Format }
  | { readonly ask: 'sleep' | 'wake' | 'close' }

export interface Heard {
  readonly frames: number
  readonly bytes: number
  /** Of a change, from when it was made to its arrival at a client; ms, over all changes and clients. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** Bytes on the wire of one client per change. */
  readonly bytesPerChange: number
  readonly cpuSeconds: number
}

export interface Woken {
  /** As the client holds them after it has caught up. */
  readonly states: readonly LiveJobJson[]
  readonly events: readonly string[]
  readonly collapsed: number
  readonly bytes: number
  /** From its waking until it had caught up. */
  readonly seconds: number
}

const WAIT_MS = 60_000
const OPEN_AT_ONCE = 100

const arrivals: Arrivals = noArrivals()
let clients: RawClient[] = []
let sleeper: { readonly client: RawClient; readonly arrivals: Arrivals } | undefined
let cpu = process.cpuUsage()

obey((question: CrowdQuestion) => {
  switch (question.ask) {
    case 'open':
      return open(question.port, question.clients, question.format)
    case 'begin':
      return begin()
    case 'end':
      return end()
    case 'sleeper':
      return addSleeper(question.port, question.format)
    case 'sleep':
      return sleeper?.client.pause()
    case 'wake':
      return wake()
    case 'close':
      for (const client of clients) client.destroy()
      clients = []
      return undefined
  }
})

function noArrivals(): Arrivals {
  return { frames: 0, bytes: 0, seqs: [], times: [] }
}

/** The first one gets the snapshot; the others come in at its position, so that not a thousand snapshots are sent. */
async function open(port: number, count: number, format: Format): Promise<void> {
  const first = new RawClient(port, format, arrivals, true)
  clients = [first]
  await first.open()
  first.say({ type: 'subscribe', topics: ['jobs'] })
  const since = await until('the snapshot came', async () => positionOf(first), WAIT_MS)
  while (clients.length < count) {
    const some = Array.from(
      { length: Math.min(OPEN_AT_ONCE, count - clients.length) },
      () => new RawClient(port, format, arrivals),
    )
    for (const client of some) await client.open()
    for (const client of some) client.say({ type: 'subscribe', topics: ['jobs'], since })
    clients.push(...some)
  }
}

function positionOf({ kept }: RawClient): Position | undefined {
  const frame = kept.at(-1)?.frame
  return frame !== undefined && 'seq' in frame ? { epoch: frame.epoch, seq: frame.seq } : undefined
}

function begin(): void {
  arrivals.frames = 0
  arrivals.bytes = 0
  arrivals.seqs.length = 0
  arrivals.times.length = 0
  if (clients[0] !== undefined) clients[0].kept.length = 0
  cpu = process.cpuUsage()
}

async function end(): Promise<Heard> {
  const { user, system } = process.cpuUsage(cpu)
  await quiet()
  const [first] = clients
  const madeAt = new Map<number, readonly number[]>()
  let changes = 0
  for (const { frame } of first?.kept ?? []) {
    if (frame.type !== 'delta') continue
    const times = frame.jobs.flatMap((job) => madeAtMs(job))
    madeAt.set(frame.seq, times)
    changes += times.length
  }
  const delays = new DelayHistogram()
  for (const [i, seq] of arrivals.seqs.entries()) {
    for (const at of madeAt.get(seq) ?? []) delays.record((arrivals.times[i] ?? 0) - at)
  }
  const { frames, bytes } = arrivals
  return {
    frames,
    bytes,
    ...delays.read(),
    bytesPerChange: bytes / Math.max(1, clients.length * changes),
    cpuSeconds: (user + system) / 1e6,
  }
}

function madeAtMs(job: object): readonly number[] {
  const us: unknown = 'bytes_transferred' in job ? job.bytes_transferred : undefined
  return typeof us === 'number' ? [us / 1_000] : []
}

/** Waits until nothing comes any more. */
async function quiet(): Promise<void> {
  let before = -1
  await until(
    'all frames have come',
    async () => {
      const isQuiet = arrivals.bytes === before
      before = arrivals.bytes
      return isQuiet ? true : undefined
    },
    WAIT_MS,
    300,
  )
}

async function addSleeper(port: number, format: Format): Promise<void> {
  const own = noArrivals()
  const client = new RawClient(port, format, own, true)
  sleeper = { client, arrivals: own }
  await client.open()
  client.say({ type: 'subscribe', topics: ['jobs'] })
  await until('the snapshot came', async () => positionOf(client), WAIT_MS)
}

async function wake(): Promise<Woken> {
  if (sleeper === undefined) throw new Error('nobody sleeps')
  const { client, arrivals: own } = sleeper
  const since = performance.now()
  const before = own.bytes
  client.resume()
  const newest = clients[0] === undefined ? undefined : positionOf(clients[0])?.seq
  await until(
    'it has caught up',
    async () => ((positionOf(client)?.seq ?? -1) >= (newest ?? 0) ? true : undefined),
    WAIT_MS,
    10,
  )
  const topics = new Map<string, Held>()
  for (const { frame } of client.kept) if ('seq' in frame) hear(topics, frame)
  const held = topics.get('jobs')
  return {
    states: [...(held?.jobs.values() ?? [])] as unknown as LiveJobJson[],
    events: held?.events.map(({ event, job_id: jobId }) => `${event} ${jobId}`) ?? [],
    collapsed: held?.collapses ?? 0,
    bytes: own.bytes - before,
    seconds: (performance.now() - since) / 1_000,
  }
}
