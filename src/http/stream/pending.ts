/** What happened since the last flush, newest per job. */

import type { LiveChange } from '../ports.ts'
import type { EventName } from './frames.ts'

export interface PendingJob {
  readonly vmName: string
  /** In the order of their last occurrence, each once. */
  readonly events: ReadonlySet<EventName>
}

export class Pending {
  #jobs = new Map<string, { vmName: string; events: Set<EventName> }>()

  get size(): number {
    return this.#jobs.size
  }

  add(jobId: string, vmName: string, change: LiveChange): void {
    let job = this.#jobs.get(jobId)
    if (job === undefined) {
      job = { vmName, events: new Set() }
      this.#jobs.set(jobId, job)
    }
    // A job that left and came back within the window never left: its removal told after its new state would undo it.
    job.events.delete('removed')
    if (change === 'progress') return
    job.events.delete(change)
    job.events.add(change)
  }

  take(): ReadonlyMap<string, PendingJob> {
    const taken = this.#jobs
    this.#jobs = new Map()
    return taken
  }
}
