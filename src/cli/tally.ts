/** What happened between two looks at the live jobs: starts, stages, ends; and how many have ended so far. */

import { isTerminal } from '../model/words.ts'
import type { TableJob } from './table.ts'

export interface JobEvent<T extends TableJob = TableJob> {
  readonly kind: 'started' | 'stage' | 'completed' | 'failed'
  readonly job: T
}

interface Seen {
  readonly stage: string
  readonly ended: boolean
}

export class Tally<T extends TableJob = TableJob> {
  #seen = new Map<string, Seen>()
  #completed = 0
  #failed = 0

  get completed(): number {
    return this.#completed
  }

  get failed(): number {
    return this.#failed
  }

  /** Takes the jobs as they are now; forgets those that are gone. */
  look(jobs: readonly T[]): readonly JobEvent<T>[] {
    const events: JobEvent<T>[] = []
    const seen = new Map<string, Seen>()
    for (const job of jobs) {
      const before = this.#seen.get(job.job_id)
      seen.set(job.job_id, { stage: job.current_operation, ended: isTerminal(job.status) })
      events.push(...this.#changes(job, before))
    }
    this.#seen = seen
    return events
  }

  #changes(job: T, before: Seen | undefined): readonly JobEvent<T>[] {
    const events: JobEvent<T>[] = []
    if (before === undefined) events.push({ kind: 'started', job })
    if (isTerminal(job.status)) {
      if (before?.ended !== true) events.push(this.#end(job))
    } else if (before !== undefined && before.stage !== job.current_operation && job.current_operation !== '') {
      events.push({ kind: 'stage', job })
    }
    return events
  }

  #end(job: T): JobEvent<T> {
    if (job.status === 'completed') {
      this.#completed += 1
      return { kind: 'completed', job }
    }
    this.#failed += 1
    return { kind: 'failed', job }
  }
}
