/**
 * Discovery (POLL-1): which jobs are active, asked every 5 s in one query; actors start and stop by the difference.
 * The database alone says what is ours, so a restart adopts every job without help (RECOVER-1).
 */

import type { JobStore, JobTarget } from '../db/ports.ts'
import type { Job } from './job.ts'
import type { Supervisor } from './supervisor.ts'

/** Jobs whose details are read in one query. */
const READ_AT_ONCE = 2_000
/** Jobs adopted in one turn of the event loop: some 50 µs each. */
const ADOPTED_AT_ONCE = 250
const STUCK_MS = 300_000
const STUCK_ROUNDS = 20

export interface DiscoveryOptions {
  readonly store: Pick<JobStore, 'activeJobs' | 'targets'>
  readonly supervisor: Supervisor
  readonly statuses: readonly string[]
  readonly intervalMs: number
  readonly now: () => number
  /** Milliseconds that no setting of the clock changes. */
  readonly monotonic?: () => number
  readonly onRound: (found: { readonly active: number; readonly adopted: number; readonly released: number }) => void
  /** The database did not answer; the next round tries again. */
  readonly onFault: (cause: unknown) => void
}

export class Discovery {
  readonly #options: DiscoveryOptions
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined
  #closed = false
  #failing = false
  /** When the last round ended, on the clock that nobody sets; undefined before `start`. */
  #endedAt: number | undefined

  constructor(options: DiscoveryOptions) {
    this.#options = options
  }

  start(): void {
    this.#endedAt = this.#monotonic()
    void this.runNow()
  }

  /** One round now; joins the round that is under way. Never throws: faults are told. */
  runNow(): Promise<void> {
    clearTimeout(this.#timer)
    this.#round ??= this.#run().finally(() => {
      this.#round = undefined
      this.#endedAt = this.#monotonic()
      if (!this.#closed) this.#timer = setTimeout(() => void this.runNow(), this.#options.intervalMs)
    })
    return this.#round
  }

  /** The database did not answer the last round. */
  get isFailing(): boolean {
    return this.#failing
  }

  /**
   * Rounds follow each other, whether the database answers them or not; for a watchdog. One that hangs is forgiven for as long
   * as a database may be busy: a restart would forget the writes that wait in memory.
   */
  get isStuck(): boolean {
    const allowedMs = Math.max(STUCK_MS, STUCK_ROUNDS * this.#options.intervalMs)
    return this.#endedAt !== undefined && !this.#closed && this.#monotonic() - this.#endedAt > allowedMs
  }

  #monotonic(): number {
    return (this.#options.monotonic ?? (() => performance.now()))()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#round
    clearTimeout(this.#timer)
  }

  async #run(): Promise<void> {
    const { store, supervisor, statuses, now, onRound, onFault } = this.#options
    const askedAt = now()
    try {
      const active = await store.activeJobs(statuses)
      const ids = new Set(active.map((job) => job.jobId))
      const released = this.#release(ids, askedAt)
      const wanted = [...ids].filter((id) => supervisor.wants(id))
      const adopted = await this.#adopt(wanted)
      supervisor.sweep()
      this.#failing = false
      onRound({ active: active.length, adopted, released })
    } catch (cause) {
      this.#failing = true
      onFault(cause)
    }
  }

  /** A job adopted after the question was put may be missing in the answer: it stays. */
  #release(active: ReadonlySet<string>, askedAt: number): number {
    const gone: Job[] = []
    for (const job of this.#options.supervisor.jobs.all()) {
      if (job.phase === 'live' && job.adoptedAt < askedAt && !active.has(job.jobId)) gone.push(job)
    }
    for (const job of gone) this.#options.supervisor.release(job)
    return gone.length
  }

  /** The next jobs are read while those before are adopted. */
  async #adopt(ids: readonly string[]): Promise<number> {
    const { store, supervisor } = this.#options
    const read = (from: number): Promise<readonly JobTarget[]> =>
      from < ids.length ? store.targets(ids.slice(from, from + READ_AT_ONCE)) : Promise.resolve([])
    let adopted = 0
    let next = read(0)
    for (let from = 0; from < ids.length && !this.#closed; from += READ_AT_ONCE) {
      const targets = await next
      next = read(from + READ_AT_ONCE)
      // Whoever awaits it hears of its fault, unless what comes before fails first.
      next.catch(() => undefined)
      for (let at = 0; at < targets.length && !this.#closed; at += ADOPTED_AT_ONCE) {
        adopted += supervisor.adopt(targets.slice(at, at + ADOPTED_AT_ONCE))
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    // Closed in the middle: what is being read comes to its end before the database does.
    await next.catch(() => undefined)
    return adopted
  }
}
