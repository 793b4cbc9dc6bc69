/** Jobs by id and by slot. A slot is a small number that the threads and the machines know a job by; slots are used again. */

import type { Job } from './job.ts'

export class Registry {
  readonly #byId = new Map<string, Job>()
  readonly #bySlot: (Job | undefined)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#byId.size
  }

  nextSlot(): number {
    return this.#free.pop() ?? this.#bySlot.length
  }

  add(job: Job): void {
    this.#byId.set(job.jobId, job)
    this.#bySlot[job.slot] = job
  }

  remove(job: Job): void {
    if (this.#bySlot[job.slot] !== job) return
    this.#byId.delete(job.jobId)
    this.#bySlot[job.slot] = undefined
    this.#free.push(job.slot)
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
