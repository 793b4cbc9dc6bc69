/**
 * Entry of a hub's process: `node server.ts KIND [ROOT]`. KIND: `uws` (ours), `ws`, or `ws-unbatched`. The stream's code comes out of the checkout ROOT
 * (default: this one), so that before and after can be measured in one run.
 */

import { pathToFileURL } from 'node:url'
import type * as Hubs from '../../src/http/stream/hub.ts'
import type * as Routes from '../../src/http/stream/routes.ts'
import type * as Sessions from '../../src/http/stream/session.ts'
import type { StreamStatsJson } from '../../src/http/stream/stats.ts'
import type * as Server from '../../src/http/uws/server.ts'
import type { Socket } from '../../src/http/websocket.ts'
import { rfc3339 } from '../../src/model/time.ts'
import { monotonicMs } from '../support/monotonic.ts'
import { obey, settledMemory } from '../support/parent.ts'
import { BenchJobs } from './jobs.ts'
import { ours, rival } from './sides.ts'

export type HubQuestion =
  | { readonly ask: 'start'; readonly jobs: number; readonly gatherMs?: number }
  /** Every job changes once, at once. */
  | { readonly ask: 'touch' }
  /** Changes one after the other at an even pace; `completions` of them end a job, spread evenly. */
  | { readonly ask: 'pace'; readonly perSecond: number; readonly seconds: number; readonly completions?: number }
  /** Frames of `jobsPerFrame` changes and `eventsPerFrame` events, the next one when every client has room for it. */
  | {
      readonly ask: 'saturate'
      readonly jobsPerFrame: number
      readonly eventsPerFrame: number
      readonly seconds: number
    }
  | { readonly ask: 'memory' | 'states' }

export interface HubRun {
  readonly seconds: number
  readonly cpuSeconds: number
  /** Of it in the kernel: sending is most of that. */
  readonly kernelSeconds: number
  readonly changes: number
  /** Told to clients, all together. */
  readonly frames: number
  readonly collapses: number
  readonly conflatedEvents: number
  readonly slowClosed: number
  /** The most that waited for one client at a time. */
  readonly mostBuffered: number
}

/** A hub that gathers for less than this flushes in the next turn of the event loop. */
const AT_ONCE_MS = 5
const PACE_MS = 4
/** A client for which more waits has no room. */
const ROOM_BYTES = 65_536

const [, , kind = 'uws', root] = process.argv
const base = root === undefined ? new URL('../../', import.meta.url) : pathToFileURL(`${root}/`)

let hub: Hubs.Hub | undefined
let jobs = new BenchJobs(0)
let next = 0
const sockets: Socket[] = []

obey((question: HubQuestion) => {
  switch (question.ask) {
    case 'start':
      return start(question.jobs, question.gatherMs)
    case 'touch':
      for (let i = 0; i < jobs.count; i += 1) change()
      return undefined
    case 'pace':
      return measured(() => pace(question.perSecond, question.seconds, question.completions ?? 0))
    case 'saturate':
      return measured(() => saturate(question.jobsPerFrame, question.eventsPerFrame, question.seconds))
    case 'memory':
      return settledMemory()
    case 'states':
      return [...jobs.refs()].map(({ jobId }) => jobs.get(jobId))
  }
})

async function start(count: number, gatherMs: number | undefined): Promise<number> {
  const load = async <T>(file: string): Promise<T> => (await import(new URL(file, base).href)) as T
  const { Hub } = await load<typeof Hubs>('src/http/stream/hub.ts')
  jobs = new BenchJobs(count)
  hub = new Hub({
    epoch: '00000000-0000-4000-8000-000000000000',
    live: jobs,
    timers: {
      now: Date.now,
      setTimeout: startTimer,
      clearTimeout: (cancel) => (cancel as (() => void) | undefined)?.(),
    },
    rfc3339: (at) => rfc3339(at, 'UTC'),
    ...(gatherMs === undefined ? {} : { limits: { gatherMs } }),
  })
  const listening =
    kind !== 'uws'
      ? rival(await load<typeof Sessions>('src/http/stream/session.ts'), kind === 'ws')
      : ours(
          await load<typeof Routes>('src/http/stream/routes.ts'),
          await load<typeof Server>('src/http/uws/server.ts'),
        )
  return await listening(hub, (socket) => sockets.push(socket))
}

/** Returns what cancels it. */
function startTimer(work: () => void, ms: number): () => void {
  if (ms < AT_ONCE_MS) {
    const immediate = setImmediate(work)
    return () => clearImmediate(immediate)
  }
  const timeout = setTimeout(work, ms)
  return () => clearTimeout(timeout)
}

function change(isCompleted = false): void {
  const { jobId, vmName } = jobs.change(next, isCompleted)
  next += 1
  hub?.change(jobId, vmName, isCompleted ? 'completed' : 'progress')
}

/** Runs `work`, which tells how many changes it made. */
async function measured(work: () => Promise<number>): Promise<HubRun> {
  const before = told()
  const from = { cpu: process.cpuUsage(), at: monotonicMs() }
  let mostBuffered = 0
  const watch = setInterval(() => {
    for (const socket of sockets) mostBuffered = Math.max(mostBuffered, socket.bufferedAmount())
  }, 100)
  const changes = await work()
  clearInterval(watch)
  const { user, system } = process.cpuUsage(from.cpu)
  const after = told()
  return {
    seconds: (monotonicMs() - from.at) / 1_000,
    cpuSeconds: (user + system) / 1e6,
    kernelSeconds: system / 1e6,
    changes,
    frames: framesOf(after) - framesOf(before),
    collapses: after.collapses - before.collapses,
    conflatedEvents: after.conflated_events - before.conflated_events,
    slowClosed: after.slow_closed - before.slow_closed,
    mostBuffered,
  }
}

function told(): StreamStatsJson {
  if (hub === undefined) throw new Error('start comes first')
  return hub.read()
}

function framesOf({ frames }: StreamStatsJson): number {
  return frames.reduce((sum, { count }) => sum + count, 0)
}

async function pace(perSecond: number, seconds: number, completions: number): Promise<number> {
  const total = perSecond * seconds
  const every = completions === 0 ? Infinity : Math.floor(total / completions)
  const startedAt = monotonicMs()
  for (let made = 0; made < total;) {
    const due = Math.min(total, Math.floor(((monotonicMs() - startedAt) / 1_000) * perSecond))
    for (; made < due; made += 1) change(made % every === every - 1)
    await pause(PACE_MS)
  }
  return total
}

/** It sleeps while clients have no room: a server that waits for them is seen to be idle. */
async function saturate(jobsPerFrame: number, eventsPerFrame: number, seconds: number): Promise<number> {
  const end = monotonicMs() + seconds * 1_000
  let made = 0
  while (monotonicMs() < end) {
    if (sockets.some((socket) => socket.bufferedAmount() > ROOM_BYTES)) {
      await pause(1)
      continue
    }
    for (let i = 0; i < jobsPerFrame; i += 1) change(i < eventsPerFrame)
    made += jobsPerFrame
    await new Promise((resolve) => setImmediate(resolve))
  }
  return made
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
