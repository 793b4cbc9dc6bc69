/** Every accepted change of a job, in order, to whoever listens: the stream, the demo's table, JobLog. */

import type { Job } from './job.ts'

/** `stalled` and `resumed`: the verdict changed to or from a standstill (VERDICT-1). */
export type JobChange =
  | 'adopted'
  | 'progress'
  | 'stage'
  | 'status'
  | 'stalled'
  | 'resumed'
  | 'ended'
  | 'fault'
  | 'removed'
export type Listener = (job: Job, change: JobChange, seq: number) => void

export class Publisher {
  readonly epoch: string
  readonly #listeners = new Set<Listener>()
  #seq = 0

  constructor(epoch: string) {
    this.epoch = epoch
  }

  get seq(): number {
    return this.#seq
  }

  publish(job: Job, change: JobChange): void {
    this.#seq += 1
    for (const listener of this.#listeners) listener(job, change, this.#seq)
  }

  /** Returns what takes the listener away again. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
