/** RECOVER-2: what a job's code throws is that job's alone; its actor is started again, later each time, and not for ever. */

import type { ActorClock } from '../machines/clock.ts'
import { nextRestart } from '../model/restarts.ts'
import type { Job } from './job.ts'

export interface CrashesOptions {
  readonly now: () => number
  readonly clock: ActorClock
  /** Starts the actor again, if the job still is ours. */
  readonly restart: (job: Job) => void
  readonly onCrash: (
    job: Job,
    cause: unknown,
    restart: { readonly delayMs: number; readonly suspended: boolean },
  ) => void
}

export class Crashes {
  readonly #options: CrashesOptions

  constructor(options: CrashesOptions) {
    this.#options = options
  }

  guard(job: Job, work: () => void): void {
    try {
      work()
    } catch (cause) {
      this.crashed(job, cause)
    }
  }

  crashed(job: Job, cause: unknown): void {
    const { now, clock, restart, onCrash } = this.#options
    const next = nextRestart(job.restarts, now())
    job.restarts = next.recent
    onCrash(job, cause, next)
    if (job.phase !== 'live' || job.isDown) return
    job.takeDown()
    clock.setTimeout(() => restart(job), next.delayMs)
  }
}
