/**
 * What changed, in order (VMA-11): every job stands once, at its last change, and every key that went stands where it went. So
 * "after revision r, newest state per job" is a look-up and a walk, and no number of changes pushes anything out.
 *
 * A list in the order of revisions: a job that changes again leaves a hole and goes to the end. Holes are closed once they are
 * more than half of it, so its length is at most twice the jobs and removals it holds, and a change costs O(1) on average.
 */

import type { Job } from './run.ts'

/** A job, or the key of one that went. */
type Entry = Job | string

export interface ChangeLogLimits {
  /** Removals that are remembered; whoever has not heard of an older one gets a full listing. Some 100 bytes each. */
  readonly maxRemovals: number
  /** Fewer holes than this are not worth closing. */
  readonly minHoles: number
}

const LIMITS: ChangeLogLimits = { maxRemovals: 20_000, minHoles: 1_024 }
/** A repeated update changes nothing but `heard_at`: told at most this often per job. */
const SIGN_OF_LIFE_MS = 5_000

export class ChangeLog {
  readonly #limits: ChangeLogLimits
  #entries: (Entry | undefined)[] = []
  /** Of each entry and of each hole. */
  #revisions: number[] = []
  #revision = 0
  #holes = 0
  #removals = 0
  /** Before this place stands no removal. */
  #removalsFrom = 0
  #forgotten = 0
  /** Called after each entry. */
  onEntry: () => void = () => undefined

  constructor(limits: Partial<ChangeLogLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits }
  }

  /** Of the newest entry; grows by one with each. */
  get revision(): number {
    return this.#revision
  }

  /** Of the newest removal that is not remembered any more; 0: all are. */
  get forgotten(): number {
    return this.#forgotten
  }

  /** Entries and holes. */
  get size(): number {
    return this.#entries.length
  }

  changed(job: Job, now: number): void {
    this.#leave(job)
    job.toldAt = now
    this.#add(job)
    job.slot = this.#entries.length - 1
    this.onEntry()
  }

  /** An update came that changed nothing. */
  heard(job: Job, now: number): void {
    if (Math.abs(now - job.toldAt) >= SIGN_OF_LIFE_MS) this.changed(job, now)
  }

  removed(job: Job): void {
    this.#leave(job)
    this.#add(job.key)
    this.#removals += 1
    if (this.#removals > this.#limits.maxRemovals) this.#forgetRemoval()
    this.onEntry()
  }

  /** Everything after a revision in order, until `visit` returns false. */
  walk(after: number, visit: (entry: Entry, revision: number) => boolean): void {
    for (let at = this.#placeAfter(after); at < this.#entries.length; at += 1) {
      const entry = this.#entries[at]
      if (entry !== undefined && !visit(entry, this.#revisions[at] ?? 0)) return
    }
  }

  #placeAfter(revision: number): number {
    let [low, high] = [0, this.#revisions.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#revisions[middle] ?? 0) > revision) high = middle
      else low = middle + 1
    }
    return low
  }

  #add(entry: Entry): void {
    if (this.#holes >= this.#limits.minHoles && this.#holes * 2 > this.#entries.length) this.#close()
    this.#revision += 1
    this.#entries.push(entry)
    this.#revisions.push(this.#revision)
  }

  #leave(job: Job): void {
    if (job.slot < 0) return
    this.#entries[job.slot] = undefined
    job.slot = -1
    this.#holes += 1
  }

  #forgetRemoval(): void {
    let at = this.#removalsFrom
    while (typeof this.#entries[at] !== 'string') at += 1
    this.#entries[at] = undefined
    this.#holes += 1
    this.#removals -= 1
    this.#removalsFrom = at + 1
    this.#forgotten = this.#revisions[at] ?? 0
  }

  /** Moves everything together, 2 ms for 100 000 jobs: once in as many changes. */
  #close(): void {
    let to = 0
    for (const [at, entry] of this.#entries.entries()) {
      if (entry === undefined) continue
      if (typeof entry !== 'string') entry.slot = to
      this.#entries[to] = entry
      this.#revisions[to] = this.#revisions[at] ?? 0
      to += 1
    }
    this.#entries.length = to
    this.#revisions.length = to
    this.#holes = 0
    this.#removalsFrom = 0
  }
}
