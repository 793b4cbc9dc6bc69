/**
 * Who posts updates, and who waits for them: in one process, so that one clock tells how old a change is when it arrives. From
 * the VMA's answer to a POST to the websocket's callback, and to the row in the database for some of them.
 */

import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import mysql from 'mysql2/promise'
import { Pool } from 'undici'
import { WebSocket } from 'ws'
import { keyOf } from '../intake/traffic.ts'
import { jobId } from '../oma/inventory.ts'
import { obey } from '../support/parent.ts'

export type ClientQuestion =
  | { readonly ask: 'fill'; readonly vma: string; readonly jobs: number }
  | { readonly ask: 'listen'; readonly oma: string; readonly token: string; readonly database: string }
  | { readonly ask: 'run'; readonly perSecond: number; readonly seconds: number }

export interface Delay {
  readonly count: number
  /** That had not arrived some time after the end. */
  readonly missing: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export interface RunFigures {
  readonly postsPerSecond: number
  readonly toGui: Delay
  readonly toRow: Delay
}

const TOTAL_BYTES = 42_949_672_960
const STEP_BYTES = 16_777_216
const TICK_MS = 5
const CONNECTIONS = 32
/** Rows are looked at by so few, so rarely, that the database hardly notices. */
const LOOKERS = 4
const LOOK_MS = 20
/** Past any interval and throttle. */
const LATE_MS = 20_000

interface Change {
  readonly job: number
  readonly bytes: number
  /** When the VMA had taken it; undefined while its answer is under way. */
  takenAt: number | undefined
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

class Delays {
  readonly #histogram: RecordableHistogram = createHistogram({ lowest: 1, highest: 600_000_000, figures: 3 })
  missing = 0

  took(ms: number): void {
    this.#histogram.record(Math.max(1, Math.round(ms * 1_000)))
  }

  read(): Delay {
    const ms = (percentile: number): number => Math.round(this.#histogram.percentile(percentile) / 100) / 10
    return { count: this.#histogram.count, missing: this.missing, p50: ms(50), p99: ms(99), max: ms(100) }
  }
}

/** A snapshot of 100 000 jobs is one frame of 150 MB: more than Node's own WebSocket takes. */
const MAX_SNAPSHOT_BYTES = 2 ** 30

class Traffic {
  readonly #pool: Pool
  readonly #jobs: number
  #next = 0
  /** By job id: the newest change that no frame has told of yet. */
  readonly #open = new Map<string, Change>()
  #toGui = new Delays()
  #newest: Change | undefined
  #database: mysql.Pool | undefined

  constructor(vma: string, jobs: number) {
    this.#pool = new Pool(vma, { connections: CONNECTIONS })
    this.#jobs = jobs
  }

  /** Every job once. */
  async fill(): Promise<void> {
    const end = this.#jobs
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        while (this.#next < end) await this.#post()
      }),
    )
    this.#open.clear()
  }

  async listen(oma: string, token: string, database: string): Promise<void> {
    this.#database = mysql.createPool({ uri: database, connectionLimit: LOOKERS })
    const headers = { Authorization: `Bearer ${token}` }
    const answer = await fetch(`${oma}/api/v1/stream/tickets`, { method: 'POST', headers })
    const { ticket } = (await answer.json()) as { readonly ticket: string }
    const socket = new WebSocket(
      `${oma.replace(/^http/, 'ws')}/api/v1/stream?ticket=${ticket}`,
      ['sightline.v1.json'],
      {
        maxPayload: MAX_SNAPSHOT_BYTES,
      },
    )
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'subscribe', topics: ['jobs'] })))
      socket.on('message', (data: Buffer) => {
        resolve()
        this.#hear(JSON.parse(data.toString()) as Frame)
      })
      socket.addEventListener('close', ({ code }) => reject(new Error(`the stream was closed: ${code}`)))
    })
  }

  async run(perSecond: number, seconds: number): Promise<RunFigures> {
    this.#toGui = new Delays()
    this.#open.clear()
    const toRow = new Delays()
    const startedAt = performance.now()
    const endAt = startedAt + seconds * 1_000
    const lookers = Array.from({ length: LOOKERS }, () => this.#look(endAt, toRow))
    let sent = 0
    const posts = new Set<Promise<void>>()
    while (performance.now() < endAt) {
      const due = ((performance.now() - startedAt) / 1_000) * perSecond
      for (; sent < due; sent += 1) {
        const post = this.#post().finally(() => posts.delete(post))
        posts.add(post)
      }
      await wait(TICK_MS)
    }
    await Promise.all(posts)
    const took = (performance.now() - startedAt) / 1_000
    await Promise.all(lookers)
    for (const until = performance.now() + LATE_MS; this.#open.size > 0 && performance.now() < until;) await wait(50)
    this.#toGui.missing = this.#open.size
    return { postsPerSecond: Math.round(sent / took), toGui: this.#toGui.read(), toRow: toRow.read() }
  }

  async #post(): Promise<void> {
    const at = this.#next
    this.#next += 1
    const job = at % this.#jobs
    const bytes = STEP_BYTES * (1 + Math.floor(at / this.#jobs))
    const change: Change = { job, bytes, takenAt: undefined }
    this.#open.set(jobId(job), change)
    const { statusCode, body } = await this.#pool.request({
      method: 'POST',
      path: `/api/v1/progress/${keyOf(job)}/update`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        stage: 'Transfer',
        status: 'in_progress',
        sync_type: 'initial',
        bytes_transferred: bytes,
        total_bytes: TOTAL_BYTES,
        percent: (100 * bytes) / TOTAL_BYTES,
        throughput_bps: 1_600_000,
      }),
    })
    await body.dump()
    if (statusCode !== 200) throw new Error(`the VMA answers ${statusCode}`)
    change.takenAt = performance.now()
    this.#newest = change
  }

  #hear({ type, jobs = [] }: Frame): void {
    if (type !== 'delta') return
    const now = performance.now()
    for (const { job_id: id, bytes_transferred: bytes } of jobs) {
      const change = bytes === undefined ? undefined : this.#open.get(id)
      if (change === undefined || bytes === undefined || bytes < change.bytes) continue
      this.#open.delete(id)
      this.#toGui.took(now - (change.takenAt ?? now))
    }
  }

  /** Takes the change that the VMA took last, and looks for its row until it is there. */
  async #look(endAt: number, delays: Delays): Promise<void> {
    while (performance.now() < endAt) {
      const change = this.#newest
      this.#newest = undefined
      if (change?.takenAt === undefined) {
        await wait(LOOK_MS)
        continue
      }
      const delay = await this.#untilWritten(change, change.takenAt)
      if (delay === undefined) delays.missing += 1
      else delays.took(delay)
    }
  }

  async #untilWritten({ job, bytes }: Change, takenAt: number): Promise<number | undefined> {
    const sql = 'select bytes_transferred as bytes from replication_jobs where id = ?'
    while (performance.now() - takenAt < LATE_MS) {
      const [rows] = (await this.#database?.query<mysql.RowDataPacket[]>(sql, [jobId(job)])) ?? [[]]
      if (Number(rows[0]?.['bytes']) >= bytes) return performance.now() - takenAt
      await wait(LOOK_MS)
    }
    return undefined
  }
}

interface Frame {
  readonly type: string
  readonly jobs?: readonly { readonly job_id: string; readonly bytes_transferred?: number }[]
}

let traffic: Traffic | undefined

obey(async (question: ClientQuestion) => {
  if (question.ask === 'fill') {
    traffic = new Traffic(question.vma, question.jobs)
    return await traffic.fill()
  }
  if (traffic === undefined) throw new Error('fill comes first')
  if (question.ask === 'listen') return await traffic.listen(question.oma, question.token, question.database)
  return await traffic.run(question.perSecond, question.seconds)
})
