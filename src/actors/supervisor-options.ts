/** What the supervisor needs of the runtime, and what it tells it. */

import type { JobTarget } from '../db/ports.ts'
import type { CircuitPolicy } from '../machines/circuit.ts'
import type { ActorClock } from '../machines/clock.ts'
import type { PollingPolicy } from '../machines/polling.ts'
import type { PollError } from '../model/errors.ts'
import type { FetchTarget } from '../workers/protocol.ts'
import type { Job } from './job.ts'
import type { OutcomeEvents } from './outcomes.ts'
import type { Publisher } from './publisher.ts'
import type { Slots } from './slots.ts'
import type { WriteBatcher } from './write-batcher.ts'

export interface SupervisorOptions {
  readonly policy: PollingPolicy
  readonly circuit: CircuitPolicy
  readonly now: () => number
  readonly random: () => number
  /** The actors' timers; the system's own by default. */
  readonly clock?: ActorClock
  /** Milliseconds of a clock that never jumps; the system's own by default. */
  readonly monotonic?: () => number
  /** Runs a function in a later turn of the event loop. */
  readonly defer: (run: () => void) => void
  /** Names of the VMAs, in the order of the settings. */
  readonly vmas: readonly string[]
  /** Index of the VMA that a job is asked of. */
  readonly vmaOf: (target: JobTarget) => number
  readonly slots: Slots
  readonly fetch: {
    track(targets: readonly FetchTarget[]): void
    untrack(slot: number): void
    ask(slot: number): void
    probe(vma: number): void
    /** The VMA is back: its change feed is asked for again (POLL-10). */
    follow(vma: number): void
    /** The VMA's change feed tells of the job on this slot. */
    isFed(slot: number, vma: number): boolean
  }
  readonly writes: Pick<WriteBatcher, 'row' | 'end' | 'forget'>
  readonly publisher: Publisher
  readonly events: SupervisorEvents
}

export interface SupervisorEvents extends OutcomeEvents {
  /** `tookMs`: from asking to the answer; `lateMs`: from when it was due to the answer. */
  readonly onPoll: (
    job: Job,
    times: { readonly lateMs: number; readonly tookMs: number },
    error: PollError | undefined,
  ) => void
  /** The job's code threw; its actor is started again after `delayMs`. */
  readonly onCrash: (
    job: Job,
    cause: unknown,
    restart: { readonly delayMs: number; readonly suspended: boolean },
  ) => void
  readonly onVmaDown: (vma: string, cause: PollError) => void
  readonly onVmaUp: (vma: string, downMs: number) => void
}
