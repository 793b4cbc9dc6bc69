/**
 * The run store: every job the VMA knows, in memory, bounded (VMA-9). No clock and no timer of its own: `now` comes
 * with every call, and whoever owns the store calls `sweep` about once a second.
 */

import type { ProgressUpdate, Registration } from '../model/wire/update.ts'
import { Ages } from './ages.ts'
import { ChangeLog } from './changes.ts'
import { documentJson } from './document.ts'
import type { ProgressIntake, UpdateAnswer, UpdateResult } from './ports.ts'
import { beginRun, Job, planOf, plannedTotal } from './run.ts'
import { applyUpdate, settle } from './update.ts'

export interface StoreLimits {
  /** implicit: an unknown job is registered by its first update (VMA-3). */
  readonly registration: 'implicit' | 'explicit'
  /** How long an ended job stays readable. */
  readonly retentionMs: number
  /** How long a job that has not ended stays without any update. */
  readonly idleMs: number
  readonly maxJobs: number
}

export const DEFAULT_LIMITS: StoreLimits = {
  registration: 'implicit',
  retentionMs: 15 * 60_000,
  idleMs: 24 * 3_600_000,
  maxJobs: 100_000,
}

/** Jobs that went: by age, or pushed out by new ones because the store was full. */
export interface Departures {
  readonly expired: number
  readonly evicted: number
}

/** Most jobs one sweep removes (some µs each), so that no request waits for it. */
const SWEEP_SLICE = 1_000

export class RunStore implements ProgressIntake {
  /** What the change feed tells of (VMA-11). */
  readonly changes: ChangeLog
  readonly #limits: StoreLimits
  readonly #jobs = new Map<string, Job>()
  readonly #open = new Ages()
  readonly #ended = new Ages()
  readonly #counts: Record<UpdateResult, number> = {
    accepted: 0,
    ignored_late: 0,
    invalid: 0,
    too_large: 0,
    not_registered: 0,
  }
  #expired = 0
  #evicted = 0
  #revision = 0

  constructor(limits: StoreLimits = DEFAULT_LIMITS, changes = new ChangeLog()) {
    this.#limits = limits
    this.changes = changes
  }

  get jobs(): number {
    return this.#jobs.size
  }

  /** Grows by one with each change of any job; a job carries the revision of its last one. */
  get revision(): number {
    return this.#revision
  }

  get counts(): Readonly<Record<UpdateResult, number>> {
    return this.#counts
  }

  get departures(): Departures {
    return { expired: this.#expired, evicted: this.#evicted }
  }

  update(key: string, update: ProgressUpdate, now: number): UpdateAnswer {
    const known = this.#jobs.get(key)
    if (known === undefined && this.#limits.registration === 'explicit') {
      this.#counts.not_registered += 1
      return 'not_registered'
    }
    const job = known ?? this.#create(key, now)
    const wasEnded = job.end !== 'open'
    const outcome = applyUpdate(job, update, now)
    this.#reorder(job, wasEnded, outcome === 'accepted')
    if (outcome === 'accepted') this.#changed(job, now)
    else this.changes.heard(job, now)
    return this.#count(outcome)
  }

  #count(outcome: ReturnType<typeof applyUpdate>): UpdateAnswer {
    if (outcome === 'too_many_disks') {
      this.#counts.invalid += 1
      return outcome
    }
    const result = outcome === 'late' ? 'ignored_late' : outcome
    this.#counts[result] += 1
    return result
  }

  /** After the end of a run it announces the next one (VMA-8); before, it replaces what was registered. */
  register(key: string, registration: Registration, now: number): 'created' | 'replaced' {
    const known = this.#jobs.get(key)
    const job = known ?? this.#create(key, now)
    const wasEnded = job.end !== 'open'
    job.plan = planOf(registration)
    if (known !== undefined && wasEnded) beginRun(job, now)
    if (job.senders.length === 0) {
      job.syncType = job.plan.syncType ?? 'full'
      job.total = plannedTotal(job.plan)
      job.updatedAt = now
    } else settle(job, now)
    job.heardAt = now
    this.#reorder(job, wasEnded, true)
    this.#changed(job, now)
    return known === undefined ? 'created' : 'replaced'
  }

  read(key: string, now: number): string | undefined {
    const job = this.#jobs.get(key)
    return job === undefined ? undefined : documentJson(job, now)
  }

  refused(result: 'invalid' | 'too_large'): void {
    this.#counts[result] += 1
  }

  /** Removes what is too old, the oldest first; returns how many went. At `SWEEP_SLICE` there may be more. */
  sweep(now: number): number {
    let removed = 0
    for (let job = this.#ended.oldest; job !== undefined && removed < SWEEP_SLICE; job = this.#ended.oldest) {
      if (now - job.updatedAt < this.#limits.retentionMs) break
      this.#remove(job)
      removed += 1
    }
    for (let job = this.#open.oldest; job !== undefined && removed < SWEEP_SLICE; job = this.#open.oldest) {
      if (now - job.heardAt < this.#limits.idleMs) break
      this.#remove(job)
      removed += 1
    }
    this.#expired += removed
    return removed
  }

  #create(key: string, now: number): Job {
    while (this.#jobs.size >= this.#limits.maxJobs) this.#evict()
    const job = new Job(key)
    beginRun(job, now)
    this.#jobs.set(key, job)
    this.#open.add(job)
    return job
  }

  #evict(): void {
    const victim = this.#ended.oldest ?? this.#open.oldest
    if (victim === undefined) return
    this.#remove(victim)
    this.#evicted += 1
  }

  #remove(job: Job): void {
    const ages = job.end === 'open' ? this.#open : this.#ended
    ages.remove(job)
    this.#jobs.delete(job.key)
    this.changes.removed(job)
  }

  /** Ended jobs age from their last change, the others from the last time they were heard of. */
  #reorder(job: Job, wasEnded: boolean, changed: boolean): void {
    const isEnded = job.end !== 'open'
    if (wasEnded !== isEnded) {
      const [from, to] = wasEnded ? [this.#ended, this.#open] : [this.#open, this.#ended]
      from.remove(job)
      to.add(job)
    } else if (isEnded) {
      if (changed) this.#ended.touch(job)
    } else this.#open.touch(job)
  }

  #changed(job: Job, now: number): void {
    this.#revision += 1
    job.revision = this.#revision
    this.changes.changed(job, now)
  }
}
