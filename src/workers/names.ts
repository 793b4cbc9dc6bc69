/** The names that jobs of this thread go by: their ids and their exports' (RUN-3). */

import type { FetchTarget } from './protocol.ts'

export class Names {
  /** How many jobs go by a name: the next job of a volume has the same export. */
  readonly #jobs = new Map<string, number>()

  add(target: FetchTarget): void {
    for (const name of namesOf(target)) this.#jobs.set(name, (this.#jobs.get(name) ?? 0) + 1)
  }

  remove(target: FetchTarget): void {
    for (const name of namesOf(target)) {
      const left = (this.#jobs.get(name) ?? 0) - 1
      if (left > 0) this.#jobs.set(name, left)
      else this.#jobs.delete(name)
    }
  }

  /**
   * True when the `job_id` of an answer is another job's or disk's that we follow. A word that we don't know is the VMA's
   * own label and proves nothing: refusing it would fail a transfer that runs well. A VMA may answer for an export under
   * the job's id, and for the id of a job with one disk under its export.
   */
  isAnother(said: string | undefined, key: string, { jobId, plan }: FetchTarget): boolean {
    if (said === undefined || said === key || said === jobId) return false
    if (plan.length === 1 && said === plan[0]?.key) return false
    return this.#jobs.has(said)
  }
}

function namesOf({ jobId, plan }: FetchTarget): Set<string> {
  return new Set([jobId, ...plan.map((disk) => disk.key)])
}
