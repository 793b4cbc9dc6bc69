/** Jobs by id and by slot, and by the export names that they share (keys are used again by the next job of a volume). */

import type { Job } from './job.ts'
import type { Slots } from './slots.ts'

export class Registry {
  readonly #slots: Slots
  readonly #byId = new Map<string, Job>()
  readonly #bySlot: (Job | undefined)[] = []
  readonly #byKey = new Map<string, Job[]>()

  constructor(slots: Slots) {
    this.#slots = slots
  }

  get size(): number {
    return this.#byId.size
  }

  add(job: Job): void {
    this.#byId.set(job.jobId, job)
    this.#bySlot[job.slot] = job
    this.rememberKeys(job)
  }

  remove(job: Job): void {
    if (this.#bySlot[job.slot] !== job) return
    this.#byId.delete(job.jobId)
    this.#bySlot[job.slot] = undefined
    this.#slots.giveBack(job.slot)
    this.forgetKeys(job)
  }

  /** Before a job's keys change. */
  forgetKeys(job: Job): void {
    for (const key of job.keys()) {
      const left = (this.#byKey.get(key) ?? []).filter((other) => other !== job)
      if (left.length > 0) this.#byKey.set(key, left)
      else this.#byKey.delete(key)
    }
  }

  /** After a job's keys changed. */
  rememberKeys(job: Job): void {
    for (const key of job.keys()) this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), job])
  }

  /** The other jobs that ask the VMA for one of this job's keys. */
  sharing(job: Job): readonly Job[] {
    const others = new Set<Job>()
    for (const key of job.keys()) for (const other of this.#byKey.get(key) ?? []) if (other !== job) others.add(other)
    return [...others]
  }

  get(jobId: string): Job | undefined {
    return this.#byId.get(jobId)
  }

  at(slot: number): Job | undefined {
    return this.#bySlot[slot]
  }

  all(): IterableIterator<Job> {
    return this.#byId.values()
  }
}
