/**
 * A whole OMA in one thread under a hand clock: supervisor and fetcher as they are, a VMA and a database made of maps. What
 * happens is a list of deeds that a generator makes up; whatever it is, what stands below has to hold.
 */

import type { JobEnd, ProgressRow } from '../../src/db/ports.ts'
import { STATUS_RANK, type JobStatus } from '../../src/model/words.ts'
import { Fetcher } from '../../src/workers/fetcher.ts'
import type { VmaAnswer } from '../../src/workers/vma-client.ts'
import { disk, START, target, Tracking } from './tracking.ts'

export type Mood = 'up' | 'refusing' | 'hanging' | 'failing' | 'talking' | 'garbled'

export type Deed =
  | { readonly what: 'wait'; readonly seconds: number }
  | { readonly what: 'mood'; readonly vma: number; readonly mood: Mood }
  | { readonly what: 'move'; readonly key: number; readonly share: number }
  | { readonly what: 'word'; readonly key: number; readonly status: string; readonly stage: string }
  | { readonly what: 'end'; readonly key: number; readonly good: boolean }
  | { readonly what: 'forget'; readonly key: number }
  | { readonly what: 'late'; readonly key: number }
  | { readonly what: 'poll'; readonly job: number }
  | { readonly what: 'pause'; readonly job: number }
  | { readonly what: 'cancel'; readonly job: number }

const TOTAL = 1_000_000
const LATENCY_MS = 20
const TIMEOUT_MS = 10_000
const VMAS = 2
const TIMED_OUT: VmaAnswer = { ok: false, error: { code: 'timeout', message: '' } }

interface Key {
  bytes: number
  status: string
  stage: string
  over: 'completed' | 'failed' | undefined
  known: boolean
  updatedAt: number
  /** What it said before. */
  before: object | undefined
}

export class World {
  readonly tracking: Tracking
  /** Breaches of what always has to hold. */
  readonly breaches: string[] = []
  readonly rows = new Map<string, { status: JobStatus; percent: number; ended: boolean }>()
  readonly #keys: Key[]
  readonly #fetcher: Fetcher
  /** Each VMA has a change feed, which works while the VMA does (POLL-10). */
  readonly #hasFeeds: boolean
  readonly #jobs: readonly { readonly id: string; readonly vma: number; readonly keys: readonly number[] }[]
  readonly #moods: Mood[] = Array.from({ length: VMAS }, () => 'up')
  readonly #inFlight = new Set<number>()
  /** Jobs that nobody is to ask for. */
  readonly #paused = new Set<string>()
  /** When each job last got an answer that counts. */
  readonly #heardAt = new Map<string, number>()

  constructor(disksOfJobs: readonly number[], hasFeeds = false) {
    this.#hasFeeds = hasFeeds
    let next = 0
    this.#jobs = disksOfJobs.map((disks, i) => ({
      id: `job-${i}`,
      vma: i % VMAS,
      keys: Array.from({ length: disks }, () => next++),
    }))
    this.#keys = Array.from({ length: next }, () => ({
      bytes: 0,
      status: 'in_progress',
      stage: 'Initializing',
      over: undefined,
      known: false,
      updatedAt: START,
      before: undefined,
    }))
    const clients = Array.from({ length: VMAS }, (_, vma) => ({
      get: (key: string, done: (answer: VmaAnswer) => void) => this.#serve(vma, key, done),
    }))
    const fetcher = new Fetcher(
      clients,
      () => this.tracking.now(),
      (result) => {
        if (!result.ok || result.pushed !== true) this.#inFlight.delete(result.slot)
        const job = this.tracking.supervisor.jobs.at(result.slot)
        if (result.ok && job !== undefined) this.#heardAt.set(job.jobId, this.tracking.now())
        this.tracking.supervisor.deliver(result)
      },
    )
    this.#fetcher = fetcher
    this.tracking = new Tracking({
      vmas: ['one', 'two'],
      vmaOf: ({ jobId }) => Number(jobId.slice(4)) % VMAS,
      fetch: {
        track: (targets) => targets.forEach((one) => fetcher.track(one)),
        untrack: (slot) => fetcher.untrack(slot),
        ask: (slot) => this.#ask(slot, fetcher),
        probe: (vma) => this.#probe(vma),
        follow: () => {},
        isFed: (_slot, vma) => this.#isFed(vma),
      },
      onRow: (row) => this.#write(row),
      onEnd: (end) => this.#end(end),
    })
    this.tracking.adopt(...this.#jobs.map((job) => this.#targetOf(job)))
  }

  get jobIds(): readonly string[] {
    return this.#jobs.map(({ id }) => id)
  }

  /** What the VMA knows of a job in the end. */
  truthOf(jobId: string): 'completed' | 'failed' | 'open' {
    const keys = this.#jobs.find(({ id }) => id === jobId)?.keys.map((key) => this.#keys[key]) ?? []
    if (keys.some((key) => key?.over === 'failed')) return 'failed'
    return keys.every((key) => key?.over === 'completed') ? 'completed' : 'open'
  }

  do(deed: Deed): void {
    switch (deed.what) {
      case 'wait':
        return this.tracking.pass(deed.seconds * 1_000)
      case 'mood':
        return this.#turn(deed.vma % VMAS, deed.mood)
      case 'poll':
        return this.#resume(this.#jobs[deed.job % this.#jobs.length]?.id ?? '')
      case 'pause':
        return this.#pause(this.#jobs[deed.job % this.#jobs.length]?.id ?? '')
      case 'cancel':
        return this.#cancel(this.#jobs[deed.job % this.#jobs.length]?.id ?? '')
      default:
        return this.#change(this.#keys[deed.key % this.#keys.length], deed)
    }
  }

  /** Every VMA answers again and every transfer completes; then time passes until nothing can be open. */
  settle(): void {
    for (let vma = 0; vma < VMAS; vma += 1) this.#turn(vma, 'up')
    for (const jobId of this.#paused) this.#resume(jobId)
    for (const key of this.#keys) if (key.over === undefined) this.#finish(key, true)
    this.tracking.pass(2 * this.tracking.policy.contactTimeoutMs)
  }

  #isFed(vma: number): boolean {
    return this.#hasFeeds && this.#moods[vma] === 'up'
  }

  #turn(vma: number, mood: Mood): void {
    const wasFed = this.#isFed(vma)
    this.#moods[vma] = mood
    if (wasFed === this.#isFed(vma)) return
    this.tracking.supervisor.fedAnew(vma)
    for (const key of this.#keys) this.#tell(key)
  }

  /** What the feeds tell by themselves. */
  #tell(key: Key): void {
    const name = `key-${this.#keys.indexOf(key)}`
    for (let vma = 0; vma < VMAS; vma += 1) if (this.#isFed(vma)) this.#fetcher.push(vma, [name])
  }

  #change(key: Key | undefined, deed: Deed): void {
    if (key === undefined || key.over !== undefined) {
      if (deed.what !== 'forget' || key === undefined) return
      key.known = false
      return this.#tell(key)
    }
    key.before = this.#document(key, '')
    if (deed.what === 'move') key.bytes = Math.min(TOTAL - 1, key.bytes + Math.floor(TOTAL * deed.share))
    if (deed.what === 'move') Object.assign(key, { stage: 'Transfer', status: 'in_progress' })
    if (deed.what === 'word') Object.assign(key, { status: deed.status, stage: deed.stage })
    if (deed.what === 'end') return this.#finish(key, deed.good)
    key.known = deed.what !== 'forget'
    key.updatedAt = this.tracking.now()
    this.#tell(key)
  }

  #finish(key: Key, good: boolean): void {
    key.over = good ? 'completed' : 'failed'
    key.status = good ? 'completed' : 'failed'
    key.stage = 'Transfer'
    if (good) key.bytes = TOTAL
    key.known = true
    key.updatedAt = this.tracking.now()
    this.#tell(key)
  }

  #targetOf({ id, keys }: { readonly id: string; readonly keys: readonly number[] }) {
    const disks = keys.map((key, i) =>
      disk({ rowId: key, diskId: `disk-${i}`, exportName: `key-${key}`, capacityBytes: TOTAL }),
    )
    return target(id, { status: 'pending', disks })
  }

  #ask(slot: number, fetcher: Fetcher): void {
    const job = this.tracking.supervisor.jobs.at(slot)
    if (this.#inFlight.has(slot)) this.breaches.push(`${job?.jobId}: two polls at once`)
    if (job === undefined || this.rows.get(job.jobId)?.ended) this.breaches.push(`${job?.jobId}: polled after its end`)
    if (job !== undefined && this.#paused.has(job.jobId)) this.breaches.push(`${job.jobId}: polled while paused`)
    this.#inFlight.add(slot)
    // In a thread of its own: no answer comes before the machine that asked has come to rest.
    this.#later(1, () => fetcher.poll(slot))
  }

  #probe(vma: number): void {
    const mood = this.#moods[vma]
    const isUp = mood !== 'refusing' && mood !== 'hanging'
    this.#later(isUp ? LATENCY_MS : 5_000, () =>
      this.tracking.supervisor.circuits.probed(vma, isUp ? undefined : { code: 'timeout', message: '' }),
    )
  }

  #serve(vma: number, name: string, done: (answer: VmaAnswer) => void): void {
    const mood = this.#moods[vma]
    const key = this.#keys[Number(/^key-(\d+)$/.exec(name)?.[1] ?? -1)]
    if (this.#isFed(vma)) return done(this.#answer(mood, key, name))
    /** Asked over HTTP: a feed that came meanwhile knows better. */
    const late = (): VmaAnswer => this.#answer(this.#isFed(vma) ? 'up' : mood, key, name)
    if (mood === 'hanging') return this.#later(TIMEOUT_MS, () => done(this.#isFed(vma) ? late() : TIMED_OUT))
    this.#later(LATENCY_MS, () => done(late()))
  }

  #answer(mood: Mood | undefined, key: Key | undefined, name: string): VmaAnswer {
    if (mood === 'refusing') return { ok: false, error: { code: 'unreachable', message: '' } }
    if (mood === 'failing') return { ok: false, error: { code: 'http_5xx', message: '', status: 500 } }
    if (mood === 'garbled') return { ok: true, body: '<html>', date: undefined }
    if (key === undefined || !key.known) {
      if (mood === 'talking') return { ok: true, body: 'job not found', date: undefined }
      return { ok: false, error: { code: 'not_found', message: '', status: 404 } }
    }
    return { ok: true, body: this.#document(key, name), date: undefined }
  }

  #document(key: Key, name: string): object {
    const now = new Date(this.tracking.now()).toISOString()
    return {
      job_id: name,
      status: key.status,
      current_operation: key.stage,
      percentage: key.over === 'completed' ? 100 : (key.bytes / TOTAL) * 100,
      bytes_transferred: key.bytes,
      total_bytes: TOTAL,
      last_error: key.over === 'failed' ? 'disk full' : null,
      timing: { start_time: new Date(START).toISOString(), last_update: new Date(key.updatedAt).toISOString() },
      server_time: now,
    }
  }

  #later(ms: number, run: () => void): void {
    this.tracking.clock.setTimeout(run, ms)
  }

  #resume(jobId: string): void {
    this.#paused.delete(jobId)
    this.tracking.supervisor.pollNow(jobId)
  }

  #pause(jobId: string): void {
    if (this.tracking.supervisor.pause(jobId)) this.#paused.add(jobId)
  }

  /** Another writer ends the job: discovery lets it go. */
  #cancel(jobId: string): void {
    const job = this.tracking.supervisor.jobs.get(jobId)
    if (job?.phase !== 'live') return
    this.rows.set(jobId, { status: 'cancelled', percent: 0, ended: true })
    this.tracking.supervisor.release(job)
  }

  #write(row: ProgressRow): void {
    const stands = this.rows.get(row.jobId)
    if (stands?.ended) this.breaches.push(`${row.jobId}: written after its end`)
    if (row.percent < 0 || row.percent > 100) this.breaches.push(`${row.jobId}: ${row.percent} %`)
    if (stands !== undefined && STATUS_RANK[row.status] < STATUS_RANK[stands.status])
      this.breaches.push(`${row.jobId}: from ${stands.status} back to ${row.status}`)
    if (stands !== undefined && row.percent < stands.percent)
      this.breaches.push(`${row.jobId}: from ${stands.percent} % back to ${row.percent} %`)
    this.rows.set(row.jobId, { status: row.status, percent: row.percent, ended: false })
  }

  #end({ row, status }: JobEnd): void {
    const job = this.tracking.supervisor.jobs.get(row.jobId)
    if (this.rows.get(row.jobId)?.ended) this.breaches.push(`${row.jobId}: ended twice`)
    const truth = this.truthOf(row.jobId)
    const lost = row.errorClassification === 'connection'
    const quietMs = this.tracking.now() - (this.#heardAt.get(row.jobId) ?? START)
    if (status === 'completed' && truth !== 'completed' && job?.inferred !== true)
      this.breaches.push(`${row.jobId}: completed, and in truth ${truth}`)
    if (status === 'failed' && !lost && truth !== 'failed')
      this.breaches.push(`${row.jobId}: failed, in truth ${truth}`)
    if (lost && this.#paused.has(row.jobId)) this.breaches.push(`${row.jobId}: lost while paused`)
    if (lost && quietMs < this.tracking.policy.contactTimeoutMs)
      this.breaches.push(`${row.jobId}: lost after ${quietMs} ms`)
    this.rows.set(row.jobId, { status, percent: row.percent, ended: true })
    this.#later(50, () => this.tracking.supervisor.ended(row.jobId, { jobId: row.jobId, outcome: 'ended' }))
  }
}
