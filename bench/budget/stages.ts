/** The stages of a poll, each with its surroundings replaced by nothing. */

import { createServer } from 'node:net'
import { once } from 'node:events'
import { Runtime } from '../../src/actors/runtime.ts'
import { Seats } from '../../src/actors/seats.ts'
import type { JobTarget, ProgressRow } from '../../src/db/ports.ts'
import type { JobProgress } from '../../src/model/progress.ts'
import { createLogger } from '../../src/telemetry/log.ts'
import { Fetcher } from '../../src/workers/fetcher.ts'
import { Outbox } from '../../src/workers/outbox.ts'
import type { FetchTarget, FromFetch } from '../../src/workers/protocol.ts'

const TOTAL = 68_719_476_736
const key = (i: number): string => `migration-vol-${i}`
const gathered = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10))

/** What a VMA says of a transfer, with some other numbers each time. */
function documentText(i: number, round: number, now: number): string {
  const at = new Date(now).toISOString().slice(0, 19)
  return `{"job_id":"${key(i)}","status":"Running","sync_type":"initial","phase":"Transfer","percentage":${round / 10},"current_operation":"Transfer","bytes_transferred":${round * 1_000_000 + i},"total_bytes":${TOTAL},"throughput":{"current_mbps":101.5,"average_mbps":99.5,"peak_mbps":200,"last_update":"${at}Z"},"timing":{"start_time":"2026-09-05T15:00:00Z","last_update":"${at}Z","elapsed_ms":531,"eta_seconds":10},"vm_info":{"name":"vm","path":"/dc/vm","disk_size_gb":64,"disk_size_bytes":${TOTAL},"cbt_enabled":true},"phases":[{"name":"Transfer","status":"in_progress","start_time":"2026-09-05T15:00:00Z"}],"errors":[],"last_error":null}`
}

export function parsedDocument(text: string): unknown {
  return JSON.parse(text)
}

export function fetches(jobs: number) {
  let now = Date.parse('2026-09-05T15:10:00Z')
  let round = 0
  let bodies: unknown[] = []
  const outbox = new Outbox({ postMessage: () => {} })
  const client = {
    get: (_key: string, done: (answer: { ok: true; body: unknown; date: number }) => void) =>
      done({ ok: true, body: bodies.pop(), date: now }),
  }
  const fetcher = new Fetcher(
    [client],
    () => now,
    (result) => outbox.add(result),
  )
  for (let slot = 0; slot < jobs; slot += 1) {
    outbox.seat(slot, slot + 1)
    fetcher.track({
      slot,
      jobId: `job-${slot}`,
      vma: 0,
      createdAt: now - 60_000,
      plan: [{ diskId: 'disk-2000', key: key(slot), planned: { bytes: TOTAL, origin: 'capacity' } }],
    })
  }
  const texts = (): string[] => {
    round += 1
    now += 2_000
    return Array.from({ length: jobs }, (_, i) => documentText(i, round, now))
  }
  return {
    texts,
    prepare: () => void (bodies = texts().map(parsedDocument).toReversed()),
    pollAll: () => {
      for (let slot = 0; slot < jobs; slot += 1) fetcher.poll(slot)
    },
    settle: gathered,
  }
}

export async function deliveries(jobs: number) {
  let now = Date.now()
  let round = 0
  const messages: Extract<FromFetch, { type: 'results' }>[] = []
  // Real polls go out meanwhile, and are never answered.
  const silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const address = silent.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const runtime = runtimeOn(port, () => now)
  const targets = Array.from({ length: jobs }, (_, i) => targetOf(i, now))
  runtime.supervisor.adopt(targets)
  const seats = new Seats()
  const outbox = new Outbox({
    postMessage: (message: unknown) => void messages.push(structuredClone(message) as never),
  })
  for (const [slot, { jobId }] of targets.entries()) {
    outbox.seat(slot, seats.take({ slot, jobId, vma: 0, createdAt: 0, plan: [] } satisfies FetchTarget).seat)
  }
  return {
    prepare: async (): Promise<void> => {
      round += 1
      now += 2_000
      for (let slot = 0; slot < jobs; slot += 1) outbox.add({ slot, ok: true, progress: progressOf(slot, round, now) })
      await gathered()
    },
    deliverAll: (): void => {
      for (const { whole, numbers } of messages.splice(0)) {
        for (const result of seats.unpack(whole, numbers)) runtime.supervisor.deliver(result)
      }
    },
    flush: () => runtime.writes.flush(),
    rowOf: (jobId: string, bytes: number, at: number): ProgressRow => ({
      jobId,
      status: 'replicating',
      currentOperation: 'Transfer',
      percent: 12.5,
      bytes,
      totalBytes: TOTAL,
      speedBps: 104_857_600,
      phase: 'Transfer',
      throughputMbps: 100,
      etaSeconds: 400,
      lastPollAt: at,
      updatedAt: at,
      syncType: 'initial',
      replicationType: 'initial',
      startedAt: at - 60_000,
      disks: [{ diskId: 'disk-2000', status: 'syncing', percent: 12.5, bytes }],
    }),
    stop: (): void => {
      runtime.supervisor.stop()
      silent.close()
    },
  }
}

function runtimeOn(port: number, now: () => number): Runtime {
  const nothing = async (): Promise<never[]> => []
  const store = {
    writeProgress: async (rows: readonly ProgressRow[]) => {
      // As the database's client hands them over.
      JSON.stringify([rows])
      return { jobs: rows.length, disks: rows.length }
    },
    keepsHistories: async () => false,
  }
  return new Runtime({
    policy: {
      intervalMs: 2_000,
      backoffBaseMs: 5_000,
      maxErrors: 5,
      startupGraceMs: 30_000,
      contactTimeoutMs: 300_000,
    },
    fetch: {
      vmas: [{ name: 'vma', url: `http://127.0.0.1:${port}` }],
      maxConcurrent: 64,
      timeoutMs: 60_000,
      feed: false,
    },
    fetchThreads: 1,
    discovery: { statuses: ['replicating'], intervalMs: 3_600_000 },
    // What is not asked for here answers nothing.
    store: new Proxy(store, { get: (own, name): unknown => Reflect.get(own, name) ?? nothing }) as never,
    vmaOf: () => 0,
    revive: false,
    epoch: 'bench',
    rfc3339: (at) => new Date(at).toISOString(),
    now,
    random: Math.random,
    log: createLogger({ level: 'error', format: 'json', service: 'bench' }),
  })
}

function targetOf(i: number, now: number): JobTarget {
  return {
    jobId: `job-20250905-${String(i).padStart(6, '0')}`,
    vmContextId: `ctx-${i}`,
    vmName: `vm-${i}`,
    vcenterHost: 'vcenter',
    status: 'replicating',
    currentOperation: 'Transfer',
    replicationType: 'initial',
    percent: 0,
    bytes: 0,
    totalBytes: 0,
    createdAt: now - 60_000,
    startedAt: null,
    disks: [
      {
        rowId: i,
        diskId: 'disk-2000',
        exportName: key(i),
        capacityBytes: TOTAL,
        syncStatus: 'pending',
        bytesSynced: 0,
        changeId: '',
      },
    ],
  }
}

function progressOf(i: number, round: number, now: number): JobProgress {
  const moved = { percent: round / 10, bytes: round * 1_000_000 + i, totalBytes: TOTAL, speedBps: 1_000_000 + round }
  return {
    status: 'replicating',
    stage: 'Transfer',
    phase: 'Transfer',
    ...moved,
    etaSeconds: 1_000,
    etaLowSeconds: 900,
    etaHighSeconds: 1_200,
    rate: { bps: 1_000_000, usualBps: 1_000_000, movedAt: now },
    syncType: 'initial',
    startedAt: 1,
    updatedAt: now,
    disksReporting: 1,
    disks: [
      {
        diskId: 'disk-2000',
        key: key(i),
        reporting: true,
        status: 'syncing',
        ...moved,
        totalOrigin: 'reported',
        etaSeconds: 1_000,
        startedAt: 1,
        updatedAt: now,
        syncType: 'initial',
      },
    ],
  }
}
