/** What one topic looks like by the frames heard so far: pure, no clock, no connection (CLIENT-1). */

import type { DeltaFrame, EventFrame, LiveJob, Position, SnapshotFrame, TopicFrame } from './protocol.ts'

export type TopicUpdate =
  /** Everything anew. `leftOut`: how many updates a slow reader of updates() did not get; the snapshot holds their states. */
  | { readonly type: 'snapshot'; readonly jobs: readonly LiveJob[]; readonly leftOut: number }
  /** `jobs`: the changed ones, whole and merged; `changes`: what came of each, in the same order. */
  | { readonly type: 'delta'; readonly jobs: readonly LiveJob[]; readonly changes: DeltaFrame['jobs'] }
  /** `job`: its state at that moment; of a removed one the last that was known. */
  | { readonly type: 'event'; readonly event: EventFrame; readonly job: LiveJob | undefined }

export class TopicMirror {
  /** Each value is replaced, never changed: who holds one keeps what it was. */
  readonly #jobs = new Map<string, LiveJob>()
  readonly #heardAt = new Map<string, number>()
  #position: Position | undefined
  #isBehind = false

  get jobs(): ReadonlyMap<string, LiveJob> {
    return this.#jobs
  }

  /** Where to go on after a loss; undefined until the first snapshot. */
  get position(): Position | undefined {
    return this.#position
  }

  /** Within a collapse: more of what was missed is on its way. */
  get isBehind(): boolean {
    return this.#isBehind
  }

  /** When the job's ages were told, by the clock that `hear` is given. */
  heardAt(jobId: string): number | undefined {
    return this.#heardAt.get(jobId)
  }

  /** `gap`: the frame does not follow what was heard; ask for a snapshot. undefined: it changes nothing. */
  hear(frame: TopicFrame, at: number): TopicUpdate | 'gap' | undefined {
    if (frame.type === 'snapshot') return this.#replace(frame, at)
    // The tail of a subscription that was ended or is begun anew.
    if (this.#position === undefined) return undefined
    if (!this.#follows(frame)) {
      this.#position = undefined
      return 'gap'
    }
    this.#moveTo(frame)
    return frame.type === 'delta' ? this.#merge(frame, at) : this.#tell(frame)
  }

  #follows({ epoch, seq, from }: TopicFrame & { readonly from?: number | undefined }): boolean {
    const { epoch: known, seq: last = -1 } = this.#position ?? {}
    return epoch === known && (from === undefined ? seq === last + 1 : from === last && seq >= last)
  }

  #moveTo({ epoch, seq, from }: TopicFrame & { readonly from?: number | undefined }): void {
    this.#position = { epoch, seq }
    this.#isBehind = from !== undefined && seq === from
  }

  #replace({ epoch, seq, jobs: told }: SnapshotFrame, at: number): TopicUpdate {
    // The frame's schema leaves the state open; docs/stream.md says what it is.
    const jobs = told as readonly unknown[] as readonly LiveJob[]
    this.#position = { epoch, seq }
    this.#isBehind = false
    this.#jobs.clear()
    this.#heardAt.clear()
    for (const job of jobs) this.#set(job, at)
    return { type: 'snapshot', jobs, leftOut: 0 }
  }

  #merge({ jobs: changes }: DeltaFrame, at: number): TopicUpdate {
    const jobs = changes.map((change) => {
      const job = { ...this.#jobs.get(change.job_id), ...change } as LiveJob
      this.#set(job, at)
      return job
    })
    return { type: 'delta', jobs, changes }
  }

  #set(job: LiveJob, at: number): void {
    this.#jobs.set(job.job_id, job)
    this.#heardAt.set(job.job_id, at)
  }

  #tell(event: EventFrame): TopicUpdate {
    const job = this.#jobs.get(event.job_id)
    if (event.event === 'removed') {
      this.#jobs.delete(event.job_id)
      this.#heardAt.delete(event.job_id)
    }
    return { type: 'event', event, job }
  }
}
