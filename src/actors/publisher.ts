/** Every accepted change of a job, in order, to whoever listens: the stream, the demo's table, JobLog. */

import type { Job } from './job.ts'

/**
 * `poller`: how the job is polled changed, and nothing else; `fault`: a poll failed. `stalled`, `resumed`: its verdict changed
 * to or from a standstill; `verdict`: to anything else (VERDICT-1).
 */
export type JobChange =
  | 'adopted'
  | 'progress'
  | 'stage'
  | 'status'
  | 'stalled'
  | 'resumed'
  | 'verdict'
  | 'ended'
  | 'fault'
  | 'poller'
  | 'removed'
export type Listener = (job: Job, change: JobChange, seq: number) => void

export class Publisher {
  readonly epoch: string
  readonly #listeners = new Set<Listener>()
  readonly #onFault: (cause: unknown) => void
  #seq = 0

  /** `onFault`: a listener threw; that is neither the job's fault nor that of the other listeners. */
  constructor(epoch: string, onFault: (cause: unknown) => void) {
    this.epoch = epoch
    this.#onFault = onFault
  }

  get seq(): number {
    return this.#seq
  }

  publish(job: Job, change: JobChange): void {
    this.#seq += 1
    for (const listener of this.#listeners) {
      try {
        listener(job, change, this.#seq)
      } catch (cause) {
        this.#onFault(cause)
      }
    }
  }

  /** Returns what takes the listener away again. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
