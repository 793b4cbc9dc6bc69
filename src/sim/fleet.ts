/**
 * A fleet of migratekits on real HTTP: each process sends its update documents one after another, as a blocking client
 * does, with a timeout of 5 s, and goes on whatever the answer. One timer for the whole fleet; connections are kept
 * alive and bounded. When all of them are busy, what is due waits and then reports the state of that later moment.
 */

import { Pool } from 'undici'
import { Agenda } from './agenda.ts'
import {
  beginTransfer,
  isOvertaken,
  nextUpdate,
  type Transfer,
  type TransferEnd,
  type UpdateDocument,
} from './migratekit.ts'
import type { TransferPlan } from './plan.ts'

export interface FleetSettings {
  /** The VMA's origin, such as `http://127.0.0.1:8081`. */
  readonly url: string
  readonly maxInFlight: number
  readonly timeoutMs: number
  /** Where the VMA wants one. */
  readonly token?: string | undefined
}

export const FLEET_SETTINGS: Omit<FleetSettings, 'url'> = { maxInFlight: 128, timeoutMs: 5_000 }

export interface FleetStats {
  /** Processes that have not ended. */
  readonly active: number
  readonly accepted: number
  /** Answered with another status than 200. */
  readonly refused: number
  /** Not answered: no connection, or no answer in time. */
  readonly unanswered: number
  /** What the last unanswered or refused update met; null while all went well. */
  readonly lastTrouble: string | null
}

/** What is left to whoever launched a process: to kill it. Nothing more is sent then, and `onEnd` is not called. */
export interface Migratekit {
  stop(): void
}

interface Process {
  readonly key: string
  readonly onEnd: (end: TransferEnd) => void
  transfer: Transfer
  stopped: boolean
}

/** An overtaken update arrives this long after the one that overtook it was due. */
const LATE_BY_MS = 50

export class Fleet {
  readonly #settings: FleetSettings
  readonly #headers: Readonly<Record<string, string>>
  readonly #pool: Pool
  readonly #agenda = new Agenda<() => Promise<void>>()
  readonly #processes = new Set<Process>()
  #timer: NodeJS.Timeout | undefined
  #inFlight = 0
  #closed = false
  #accepted = 0
  #refused = 0
  #unanswered = 0
  #lastTrouble: string | null = null

  constructor(settings: FleetSettings) {
    const { url, maxInFlight, timeoutMs } = settings
    this.#settings = settings
    const auth = settings.token === undefined ? {} : { authorization: `Bearer ${settings.token}` }
    this.#headers = { 'content-type': 'application/json', ...auth }
    this.#pool = new Pool(url, {
      connections: maxInFlight,
      connect: { timeout: timeoutMs },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      keepAliveTimeout: 30_000,
    })
  }

  /** Starts a process that reports under `key`; `onEnd` is called once its last update is answered or given up. */
  launch(key: string, plan: TransferPlan, onEnd: (end: TransferEnd) => void): Migratekit {
    const process: Process = { key, onEnd, transfer: beginTransfer(plan, Date.now()), stopped: false }
    this.#processes.add(process)
    this.#schedule(process.transfer.dueAt, () => this.#step(process))
    return {
      stop: () => {
        process.stopped = true
        this.#processes.delete(process)
      },
    }
  }

  stats(): FleetStats {
    return {
      active: this.#processes.size,
      accepted: this.#accepted,
      refused: this.#refused,
      unanswered: this.#unanswered,
      lastTrouble: this.#lastTrouble,
    }
  }

  /** Ends every process where it stands; requests under way are cut. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#agenda.clear()
    for (const process of this.#processes) process.stopped = true
    this.#processes.clear()
    await this.#pool.destroy()
  }

  #schedule(at: number, send: () => Promise<void>): void {
    if (this.#closed) return
    this.#agenda.add(at, send)
    this.#arm()
  }

  /** One timer, at the first thing due; none while every connection is busy: the next answer looks again. */
  #arm(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const { nextAt } = this.#agenda
    if (nextAt === undefined || this.#closed || this.#inFlight >= this.#settings.maxInFlight) return
    this.#timer = setTimeout(() => this.#sendDue(), Math.max(0, Math.ceil(nextAt - Date.now())))
  }

  #sendDue(): void {
    const now = Date.now()
    while (this.#inFlight < this.#settings.maxInFlight) {
      const send = this.#agenda.take(now)
      if (send === undefined) break
      void this.#run(send)
    }
    this.#arm()
  }

  async #run(send: () => Promise<void>): Promise<void> {
    this.#inFlight += 1
    await send()
    this.#inFlight -= 1
    this.#arm()
  }

  async #step(process: Process): Promise<void> {
    if (process.stopped) return
    const { document, transfer } = nextUpdate(process.transfer, Date.now())
    process.transfer = transfer
    if (document !== null) await this.#send(process, document)
    if (process.stopped) return
    if (transfer.end === null) {
      this.#schedule(transfer.dueAt, () => this.#step(process))
      return
    }
    this.#processes.delete(process)
    process.onEnd(transfer.end)
  }

  #send(process: Process, document: UpdateDocument): Promise<void> {
    const { transfer, key } = process
    if (isOvertaken(transfer)) {
      this.#schedule(transfer.dueAt + LATE_BY_MS, () => this.#post(key, document))
      return Promise.resolve()
    }
    return this.#post(key, document)
  }

  /** Never rejects: a client goes on with its transfer whatever becomes of an update. */
  async #post(key: string, document: UpdateDocument): Promise<void> {
    try {
      const answer = await this.#pool.request({
        method: 'POST',
        path: `/api/v1/progress/${encodeURIComponent(key)}/update`,
        headers: this.#headers,
        body: JSON.stringify(document),
      })
      if (answer.statusCode === 200) {
        this.#accepted += 1
        await answer.body.dump()
      } else {
        this.#refused += 1
        this.#lastTrouble = `HTTP ${answer.statusCode}: ${(await answer.body.text()).slice(0, 200)}`
      }
    } catch (error) {
      if (this.#closed) return
      this.#unanswered += 1
      this.#lastTrouble = error instanceof Error ? error.message : String(error)
    }
  }
}
