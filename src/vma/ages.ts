/** Jobs in order of age, oldest first: a linked list through the jobs themselves, so that every step is O(1) and takes no memory. */

import type { Job } from './run.ts'

export class Ages {
  oldest: Job | undefined
  #newest: Job | undefined

  /** Makes a job that is in no list the newest. */
  add(job: Job): void {
    job.older = this.#newest
    job.newer = undefined
    if (this.#newest === undefined) this.oldest = job
    else this.#newest.newer = job
    this.#newest = job
  }

  /** The job must be in this list. */
  remove(job: Job): void {
    if (job.older === undefined) this.oldest = job.newer
    else job.older.newer = job.newer
    if (job.newer === undefined) this.#newest = job.older
    else job.newer.older = job.older
    job.older = undefined
    job.newer = undefined
  }

  touch(job: Job): void {
    if (this.#newest === job) return
    this.remove(job)
    this.add(job)
  }
}
