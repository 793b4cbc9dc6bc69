/**
 * Entry of the process that posts to the VMA as migratekit does and follows the OMA by the typed client. A job's bytes tell when they were
 * posted, so a callback tells which posts it has seen.
 */

import { SightlineClient, messagePackCodec } from '../../src/client/index.ts'
import type { Format } from '../../src/http/stream/codec.ts'
import { GIB } from '../../src/model/units.ts'
import { DelayHistogram, type Delays } from '../../src/telemetry/delays.ts'
import { until } from '../../test/support/service.ts'
import * as msgpackr from 'msgpackr'
import { Agent, request } from 'undici'
import { keyOf } from '../intake/traffic.ts'
import { jobId } from '../oma/inventory.ts'
import type { Sample } from '../oma/server.ts'
import { monotonicMs } from '../support/monotonic.ts'

import { obey } from '../support/parent.ts'

export type TypedQuestion =
  | {
      readonly ask: 'follow'
      readonly oma: string
      readonly token: string
      readonly clients: number
      readonly format: Format
      /** One more reader, which asks the REST for all live jobs every so many ms. */
      readonly restEveryMs: number
    }
  /** Each job in its turn, at an even pace. `settleMs`: how long the last posts are waited for. */
  | {
      readonly ask: 'post'
      readonly vma: string
      readonly jobs: number
      readonly perSecond: number
      readonly seconds: number
      readonly settleMs: number
    }
  /** From each of the samples to the clients' callbacks. */
  | { readonly ask: 'since'; readonly samples: readonly Sample[] }
  | { readonly ask: 'close' }

export interface Lateness extends Delays {
  readonly count: number
  /** Never heard of, nor of anything newer. */
  readonly unheard: number
}

export interface Posted {
  readonly posts: number
  readonly stream: Lateness
  readonly rest: Lateness
}

const TOTAL_BYTES = 40 * GIB
const LIVE_MS = 60_000
const startedAt = monotonicMs()

/** By reader, then by job: what it held from when on, oldest first. */
type Heard = Map<string, { readonly bytes: number; readonly at: number }[]>
const clients: SightlineClient[] = []
let readers: Heard[] = []
let rest: Heard = new Map()
let restTimer: NodeJS.Timeout | undefined

obey((question: TypedQuestion) => {
  switch (question.ask) {
    case 'follow':
      return follow(question)
    case 'post':
      return post(question)
    case 'since':
      return lateness(question.samples, readers)
    case 'close':
      clearInterval(restTimer)
      for (const client of clients.splice(0)) client.close()
      return undefined
  }
})

function hear(heard: Heard, job: { readonly job_id: string; readonly bytes_transferred: number }, at: number): void {
  const { job_id: id, bytes_transferred: bytes } = job
  const known = heard.get(id)
  if (known === undefined) heard.set(id, [{ bytes, at }])
  else if ((known.at(-1)?.bytes ?? -1) < bytes) known.push({ bytes, at })
}

async function follow(question: Extract<TypedQuestion, { ask: 'follow' }>): Promise<void> {
  const { oma, token, format, restEveryMs } = question
  const codec = format === 'msgpack' ? { codec: messagePackCodec(msgpackr) } : {}
  readers = Array.from({ length: question.clients }, () => new Map())
  for (const heard of readers) {
    const client = new SightlineClient({ url: oma, token, ...codec })
    clients.push(client)
    client.topic('jobs').onUpdate((update) => {
      if (update.type === 'event') return
      const at = monotonicMs()
      for (const job of update.jobs) hear(heard, job, at)
    })
  }
  const isLive = (): boolean => clients.every((client) => client.topic('jobs').isLive)
  await until('all clients are live', async () => (isLive() ? true : undefined), LIVE_MS)
  rest = new Map()
  restTimer = setInterval(() => void askRest(oma, token, rest), restEveryMs)
}

async function askRest(oma: string, token: string, heard: Heard): Promise<void> {
  const headers = { Authorization: `Bearer ${token}` }
  const { body } = await request(`${oma}/api/v1/progress`, { headers })
  const { jobs } = (await body.json()) as { jobs: { job_id: string; bytes_transferred: number }[] }
  const at = monotonicMs()
  for (const job of jobs) hear(heard, job, at)
}

async function post(question: Extract<TypedQuestion, { ask: 'post' }>): Promise<Posted> {
  const { vma, jobs, perSecond, seconds, settleMs } = question
  const agent = new Agent({ connections: 16 })
  const posts: Sample[] = []
  const total = Math.round(perSecond * seconds)
  const from = monotonicMs()
  const under: Promise<void>[] = []
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((monotonicMs() - from) / 1_000) * perSecond))
    for (; sent < due; sent += 1) under.push(postOne(agent, vma, sent % jobs, posts))
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  await Promise.all(under)
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  await agent.close()
  return { posts: posts.length, stream: lateness(posts, readers), rest: lateness(posts, [rest]) }
}

async function postOne(agent: Agent, vma: string, job: number, posts: Sample[]): Promise<void> {
  const bytes = Math.round((monotonicMs() - startedAt) * 1_000)
  const { statusCode, body } = await request(`${vma}/api/v1/progress/${keyOf(job)}/update`, {
    dispatcher: agent,
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      stage: 'Transfer',
      status: 'in_progress',
      bytes_transferred: bytes,
      total_bytes: TOTAL_BYTES,
      throughput_bps: 1_000_000,
      percent: (bytes / TOTAL_BYTES) * 100,
      disk_id: 'disk-2000',
      sync_type: 'initial',
    }),
  })
  // The answer's head is here: it is accepted.
  const at = monotonicMs()
  await body.dump()
  if (statusCode !== 200) throw new Error(`the VMA answered ${statusCode}`)
  posts.push({ jobId: jobId(job), bytes, at })
}

/** From each of these until each reader held it or something newer of the job. */
function lateness(since: readonly Sample[], by: readonly Heard[]): Lateness {
  const delays = new DelayHistogram()
  let unheard = 0
  const ofJob = Map.groupBy(since, (sample) => sample.jobId)
  for (const heard of by) {
    for (const [job, samples] of ofJob) {
      const arrivals = heard.get(job) ?? []
      let next = 0
      for (const { bytes, at } of samples.toSorted((a, b) => a.bytes - b.bytes)) {
        while (next < arrivals.length && (arrivals[next]?.bytes ?? 0) < bytes) next += 1
        const arrival = arrivals[next]
        if (arrival === undefined) unheard += 1
        else delays.record(arrival.at - at)
      }
    }
  }
  return { ...delays.read(), count: delays.count, unheard }
}
