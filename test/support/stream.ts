/** A stream hub under a hand clock, with jobs, connections and clients of the test's own. */

import { unpack } from 'msgpackr'
import type { LiveJobJson } from '../../src/model/live.ts'
import type { LiveChange } from '../../src/http/ports.ts'
import type { Client, Connection } from '../../src/http/stream/client.ts'
import type { Format } from '../../src/http/stream/codec.ts'
import type { Position, ServerFrame } from '../../src/http/stream/frames.ts'
import { Hub, type HubTimers } from '../../src/http/stream/hub.ts'
import type { StreamLimits } from '../../src/http/stream/limits.ts'
import { hear, type Held } from './stream-mirror.ts'
import { parseTopics } from '../../src/http/stream/topics.ts'

export const EPOCH = 'epoch-1'

/** A job's live state, with what a test changes of it. */
export function liveState(jobId: string, vmName: string, more: Partial<LiveJobJson> = {}): LiveJobJson {
  return {
    job_id: jobId,
    vm_name: vmName,
    vm_context_id: `ctx-${vmName}`,
    vcenter_host: 'vcenter-01',
    status: 'replicating',
    replication_type: 'initial',
    current_operation: 'Transfer',
    progress_percent: 0,
    setup_progress_percent: null,
    bytes_transferred: 0,
    total_bytes: 1_000,
    transfer_speed_bps: 0,
    error_message: '',
    vma_sync_type: 'initial',
    vma_current_phase: 'Transfer',
    vma_throughput_mbps: 0,
    vma_eta_seconds: null,
    vma_last_poll_at: null,
    created_at: '2025-09-05T15:00:00Z',
    started_at: null,
    completed_at: null,
    eta_seconds: null,
    eta_low_seconds: null,
    eta_high_seconds: null,
    verdict: 'moving',
    verdict_since: '2025-09-05T15:00:00Z',
    source_update_age_seconds: null,
    contact_age_seconds: null,
    write_age_seconds: null,
    source_updated_at: null,
    disks_total: 0,
    disks_reporting: 0,
    disks: [],
    poller: {
      state: 'polling',
      consecutive_errors: 0,
      next_poll_at: null,
      last_contact_at: null,
      last_write_at: null,
      last_error: null,
    },
    ...more,
  }
}

/** Timers that fire when the test lets time pass. */
class HandTimers {
  #now = Date.parse('2025-09-05T15:00:00Z')
  readonly #timers = new Set<{ readonly at: number; readonly work: () => void }>()

  now(): number {
    return this.#now
  }

  get running(): number {
    return this.#timers.size
  }

  /** Until the next one fires; Infinity when none runs. */
  get nextIn(): number {
    return Math.min(...[...this.#timers].map(({ at }) => Math.max(0, at - this.#now)))
  }

  setTimeout(work: () => void, ms: number): unknown {
    const timer = { at: this.#now + ms, work }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(timer: unknown): void {
    for (const known of this.#timers) if (known === timer) this.#timers.delete(known)
  }

  pass(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.work()
    }
    this.#now = end
  }
}

/** A hub and its jobs. Counts what the hub asks for. */
export class JobStream {
  readonly jobs = new Map<string, LiveJobJson>()
  readonly hub: Hub
  asked = 0

  constructor(timers: HubTimers, limits: Partial<StreamLimits> = {}, epoch: string = EPOCH) {
    this.hub = new Hub({
      epoch,
      live: {
        refs: () => [...this.jobs.values()].map((job) => ({ jobId: job.job_id, vmName: job.vm_name })),
        get: (jobId) => {
          this.asked += 1
          return this.jobs.get(jobId)
        },
      },
      timers,
      rfc3339: (at) => new Date(at).toISOString(),
      limits,
    })
  }

  /** Sets fields of a job, new or not, and tells. */
  set(jobId: string, more: Partial<LiveJobJson> = {}, change: LiveChange = 'progress', vmName = 'vm1'): void {
    const before = this.jobs.get(jobId) ?? liveState(jobId, vmName)
    this.jobs.set(jobId, { ...before, ...more })
    this.hub.change(jobId, before.vm_name, change)
  }

  remove(jobId: string): void {
    const job = this.jobs.get(jobId)
    if (job === undefined) return
    this.jobs.delete(jobId)
    this.hub.change(jobId, job.vm_name, 'removed')
  }

  /** What a client of the topic has to hold. */
  covered(topic: string): ReadonlyMap<string, LiveJobJson> {
    const isCovered = (job: LiveJobJson): boolean =>
      topic === 'jobs' || topic === `job:${job.job_id}` || topic === `vm:${job.vm_name}`
    return new Map([...this.jobs].filter(([, job]) => isCovered(job)))
  }
}

export class HandStream extends JobStream {
  readonly timers: HandTimers

  constructor(limits: Partial<StreamLimits> = {}, { epoch = EPOCH, timers = new HandTimers() } = {}) {
    super(timers, limits, epoch)
    this.timers = timers
  }

  connect(format: Format = 'json', expiresAt = Infinity): TestClient {
    return new TestClient(this.hub, format, expiresAt)
  }
}

/** A connection whose other end reads when the test says so, and a client that trusts nothing. */
export class TestClient implements Connection {
  readonly topics = new Map<string, Held>()
  readonly frames: ServerFrame[] = []
  closed: { readonly code: number; readonly reason: string } | undefined
  isReading = true
  mostBuffered = 0
  /** As the hub handed them over. */
  lastBytes: Uint8Array | undefined
  readonly #hub: Hub
  readonly #format: Format
  readonly #wanted = new Set<string>()
  #unread: Uint8Array[] = []
  #client: Client

  constructor(hub: Hub, format: Format, expiresAt = Infinity) {
    this.#hub = hub
    this.#format = format
    this.#client = hub.attach(this, format, expiresAt)
  }

  send(bytes: Uint8Array, _frame: ServerFrame): number {
    this.lastBytes = bytes
    // A wire carries bytes: whatever is shared and changed later would show.
    this.#unread.push(Uint8Array.from(bytes))
    if (this.isReading) this.#read(Infinity)
    this.mostBuffered = Math.max(this.mostBuffered, this.bufferedAmount())
    return this.bufferedAmount()
  }

  bufferedAmount(): number {
    return this.#unread.reduce((sum, bytes) => sum + bytes.byteLength, 0)
  }

  batch(write: () => void): void {
    write()
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason }
    this.#unread = []
  }

  /** Takes whole frames of at least so many bytes, as a socket would let it. */
  read(bytes: number): void {
    if (this.#read(bytes)) this.#hub.drained(this.#client)
  }

  subscribe(topics: readonly string[], since?: Position): string | undefined {
    const parsed = parseTopics(topics)
    for (const topic of topics) this.#wanted.add(topic)
    return typeof parsed === 'string' ? parsed : this.#hub.subscribe(this.#client, parsed, since)
  }

  unsubscribe(topics: readonly string[]): void {
    const parsed = parseTopics(topics)
    if (typeof parsed !== 'string') this.#hub.unsubscribe(this.#client, parsed)
    for (const topic of topics) {
      this.topics.delete(topic)
      this.#wanted.delete(topic)
    }
  }

  /** What was on its way is lost. */
  disconnect(): void {
    this.#unread = []
    this.#hub.detach(this.#client)
  }

  /** A new connection, which asks for what the client missed. */
  reconnect(): void {
    this.closed = undefined
    this.#client = this.#hub.attach(this, this.#format)
    for (const topic of this.#wanted) this.subscribe([topic], this.topics.get(topic)?.position)
  }

  held(topic: string): Held {
    const held = this.topics.get(topic)
    if (held === undefined) throw new Error(`nothing was sent of ${topic}`)
    return held
  }

  /** Types of the frames so far, events by name. */
  get told(): readonly string[] {
    return this.frames.map((frame) => (frame.type === 'event' ? frame.event : frame.type))
  }

  #read(bytes: number): boolean {
    let taken = 0
    while (taken < bytes) {
      const message = this.#unread.shift()
      if (message === undefined) break
      taken += message.byteLength
      const frame: unknown = this.#format === 'json' ? JSON.parse(Buffer.from(message).toString()) : unpack(message)
      this.#hear(frame as ServerFrame)
    }
    return taken > 0
  }

  #hear(frame: ServerFrame): void {
    this.frames.push(frame)
    // After an unsubscribe some frames are still on their way.
    if ('topic' in frame && this.#wanted.has(frame.topic)) hear(this.topics, frame)
  }
}
