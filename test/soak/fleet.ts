/** Makes the plan come true: rows are added at a steady pace, migratekits post, ended jobs give their VM to the next one. */

import { Pool } from 'undici'
import type { Connection } from '../../src/db/executor.ts'
import { breaksAt, hasSpoken, jobOf, keyOf, updateAt, vmOf, type SoakDisk, type SoakJob, type SoakVm } from './plan.ts'
import { addSoakJobs, again, cancel, openJobIds } from './rows.ts'

export interface FleetOptions {
  readonly on: Connection
  readonly vmaUrls: readonly string[]
  readonly seed: number
  readonly jobs: number
  readonly atOnce: number
  readonly forMs: number
  /** Between two posts of a disk. */
  readonly reportMs: number
}

interface Reporter {
  readonly job: SoakJob
  readonly disk: SoakDisk
  nextAt: number
  /** Tries to tell the last word; a real migratekit gives up too. */
  lastWords: number
}

const ADMIT_MS = 500
const LOOK_MS = 1_000
const POST_MS = 100
const MOST_LAST_WORDS = 5
/** Of the slots: a job that is over keeps its place until its row says so. */
const LIFE_SHARE = 0.75
const CONNECTIONS = 8

export class Fleet {
  readonly #options: FleetOptions
  readonly #pools: readonly Pool[]
  readonly #idle: SoakVm[]
  readonly #open = new Map<string, SoakJob>()
  readonly #cancels: SoakJob[] = []
  readonly #lifeMs: number
  #reporters: Reporter[] = []
  readonly jobs: SoakJob[] = []
  posts = 0
  refused = 0
  #isOver = false

  constructor(options: FleetOptions) {
    this.#options = options
    this.#pools = options.vmaUrls.map((url) => new Pool(url, { connections: CONNECTIONS, headersTimeout: 5_000 }))
    this.#idle = Array.from({ length: options.atOnce * 2 }, (_, i) => vmOf(i, options.seed))
    this.#lifeMs = (LIFE_SHARE * options.atOnce * options.forMs) / options.jobs
  }

  get live(): number {
    return this.#open.size
  }

  /** A job that is under way, for whoever wants to look at one. */
  anyOpen(): SoakJob | undefined {
    return this.#open.values().next().value
  }

  /** Until every job of the plan stands ended in the database, or the bound has passed. */
  async run(boundMs: number): Promise<void> {
    const startedAt = Date.now()
    const goesOn = (): boolean => !this.#isOver && Date.now() - startedAt < boundMs
    const loops = [
      this.#every(ADMIT_MS, goesOn, () => this.#admit(startedAt)),
      this.#every(LOOK_MS, goesOn, () => this.#look()),
      this.#every(POST_MS, goesOn, () => this.#post()),
    ]
    try {
      await Promise.all(loops)
    } finally {
      this.#isOver = true
      await Promise.allSettled(loops)
      await Promise.all(this.#pools.map((pool) => pool.destroy()))
    }
  }

  async #every(ms: number, goesOn: () => boolean, work: () => Promise<void>): Promise<void> {
    while (goesOn()) {
      const at = Date.now()
      await work()
      await new Promise((resolve) => setTimeout(resolve, Math.max(1, at + ms - Date.now())))
    }
  }

  async #admit(startedAt: number): Promise<void> {
    const { jobs, forMs, atOnce, seed, on, reportMs } = this.#options
    const now = Date.now()
    const due = Math.min(jobs, Math.ceil(((now - startedAt) / forMs) * jobs))
    const added: SoakJob[] = []
    while (this.jobs.length < due && this.#open.size < atOnce) {
      const vm = this.#idle.shift()
      if (vm === undefined) break
      const job = jobOf(this.jobs.length, vm, now, { seed, lifeMs: this.#lifeMs })
      this.jobs.push(job)
      this.#open.set(job.id, job)
      added.push(job)
    }
    await again(() => addSoakJobs(on, added))
    for (const job of added) {
      if (job.fate === 'cancelled') this.#cancels.push(job)
      const offset = (i: number): number => ((this.jobs.length * 137 + i * 61) % 1_000) * (reportMs / 1_000)
      this.#reporters.push(...job.vm.disks.map((disk, i) => ({ job, disk, nextAt: now + offset(i), lastWords: 0 })))
    }
  }

  async #look(): Promise<void> {
    const { on, jobs } = this.#options
    const known = [...this.#open.values()]
    await this.#cancelDue()
    const open = await again(() => openJobIds(on))
    const now = Date.now()
    for (const job of known) {
      // Added after the look, or its row is not ours to judge yet: it still speaks.
      if (open.has(job.id) || !hasSpoken(job, now)) continue
      this.#open.delete(job.id)
      this.#idle.push(job.vm)
    }
    if (this.jobs.length >= jobs && this.#open.size === 0) this.#isOver = true
  }

  async #cancelDue(): Promise<void> {
    const now = Date.now()
    const due = this.#cancels.filter((job) => (breaksAt(job) ?? 0) <= now)
    for (const job of due) {
      this.#cancels.splice(this.#cancels.indexOf(job), 1)
      await again(() => cancel(this.#options.on, job.id, now))
    }
  }

  async #post(): Promise<void> {
    const now = Date.now()
    const due = this.#reporters.filter(({ nextAt }) => nextAt <= now)
    if (due.length === 0) return
    await Promise.all(due.map((reporter) => this.#report(reporter, now)))
    this.#reporters = this.#reporters.filter(({ nextAt }) => nextAt < Infinity)
  }

  async #report(reporter: Reporter, now: number): Promise<void> {
    const { job, disk } = reporter
    const update = updateAt(job, disk, now)
    reporter.nextAt = update === undefined ? Infinity : now + this.#options.reportMs
    if (update === undefined) return
    const isLast = hasSpoken(job, now)
    const wasHeard = await this.#send(job.vm.vma, `/api/v1/progress/${keyOf(disk)}/update`, JSON.stringify(update))
    if (!isLast) return
    reporter.lastWords += 1
    if (wasHeard || reporter.lastWords >= MOST_LAST_WORDS) reporter.nextAt = Infinity
  }

  async #send(vma: number, path: string, body: string): Promise<boolean> {
    try {
      const answer = await this.#pools[vma]?.request({
        method: 'POST',
        path,
        headers: { 'content-type': 'application/json' },
        body,
      })
      await answer?.body.dump()
      this.posts += 1
      if (answer?.statusCode === 200) return true
    } catch {
      // The VMA is away: migratekit goes on without it.
    }
    this.refused += 1
    return false
  }
}
