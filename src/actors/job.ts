/** One job as the runtime holds it: what the database said of it, what its VMA said last, and its polling actor. */

import { createActor, type ActorRefFrom } from 'xstate'
import type { ActorClock } from '../machines/clock.ts'
import type { JobTarget } from '../db/ports.ts'
import type { PollingContext, PollingEvent, PollingMachine, PollingPolicy, PollingState } from '../machines/polling.ts'
import type { EndHow } from '../model/ends.ts'
import type { PollErrorCode } from '../model/errors.ts'
import type { LiveView } from '../model/live.ts'
import type { JobProgress } from '../model/progress.ts'
import type { LastWrite } from '../model/throttle.ts'
import { nextVerdict, type Verdict } from '../model/verdict.ts'
import { isJobStatus, replicationTypeOf, type JobStatus } from '../model/words.ts'
import { correlationId } from './correlation.ts'

/** `live`: polled. `ending`: over, its end not yet in the database. `ended`: over and written, shown a little longer. */
export type JobPhase = 'live' | 'ending' | 'ended'

export interface JobError {
  readonly code: PollErrorCode
  readonly message: string
  readonly at: number
}

export interface JobOptions {
  readonly slot: number
  readonly vma: number
  readonly adoptedAt: number
}

/** What a polling actor is made of; the same for all jobs. */
export interface ActorParts {
  readonly machine: PollingMachine
  readonly policy: PollingPolicy
  readonly clock: ActorClock
  /** The actor threw (RECOVER-2). */
  readonly onCrash: (job: Job, cause: unknown) => void
}

export class Job {
  readonly slot: number
  readonly vma: number
  readonly adoptedAt: number
  /** `job_tracking.id`, in every log line of the job (LOG-1). */
  readonly correlationId: string
  target: JobTarget
  phase: JobPhase = 'live'
  status: JobStatus
  progress: JobProgress | undefined
  lastWrite: LastWrite | undefined
  /** The row does not tell of the last sample yet: from then on it may (THR-1). */
  owedAt: number | undefined
  lastError: JobError | undefined
  errorMessage = ''
  contactAt: number | undefined
  completedAt: number | undefined
  /** When the request in flight was asked for; 0 while there is none. */
  askedAt = 0
  /** While its machine waits: when the present regular poll was or the next one is due. */
  regularDueAt: number
  /** A regular poll is out, of which the machine does not know (polls.ts). */
  isOutRegularly = false
  /** What the job is doing, since when (VERDICT-1); as of the last `judge`. */
  verdict: Verdict
  /** The VMA did not know a key: the export names are read again at the next discovery (POLL-3). */
  targetStale = false
  /** Someone said stop (API-4): an actor that is started again keeps to it. */
  isPaused = false
  /** A newer job of the same volume was created then: runs from then on are not ours. */
  supersededAt: number | undefined
  /** What its end is written as, and how that became known. */
  endedAs: { readonly status: 'completed' | 'failed'; readonly how: EndHow } | undefined
  /** The end was not told by the VMA: the job vanished when it was all but over (POLL-6). */
  inferred = false
  /** Times of the actor's restarts within the last minute (RECOVER-2). */
  restarts: readonly number[] = []
  #actor: ActorRefFrom<PollingMachine> | undefined
  /** The last actor threw and no new one runs yet. */
  #isDown = false

  constructor(target: JobTarget, { slot, vma, adoptedAt }: JobOptions) {
    this.slot = slot
    this.vma = vma
    this.adoptedAt = adoptedAt
    this.regularDueAt = adoptedAt
    this.target = target
    this.correlationId = correlationId(target.jobId)
    this.status = parseStatus(target.status)
    this.verdict = this.#verdictAt(adoptedAt)
  }

  /** Starts the polling actor, or the next one after a crash: it goes on with the contact that the last one had. */
  startActor({ machine, policy, clock, onCrash }: ActorParts, at: number): void {
    const known = this.#actor?.getSnapshot().context.contactAt
    const contactAt = known === undefined ? undefined : Math.max(known, this.contactAt ?? known)
    const begin = { jobId: this.jobId, slot: this.slot, policy, at }
    const input = contactAt === undefined ? begin : { ...begin, contactAt }
    const actor = createActor(machine, { input, clock })
    actor.subscribe({ error: (cause) => onCrash(this, cause) })
    this.#actor = actor
    this.#isDown = false
    actor.start()
  }

  /** After a crash: what comes for the job meanwhile is not lost, it is asked for again. */
  takeDown(): void {
    this.#actor?.stop()
    this.#isDown = true
    this.askedAt = 0
    this.isOutRegularly = false
  }

  stopActor(): void {
    this.#actor?.stop()
  }

  /** The contact of polls that the machine was not told of comes first: its timeouts count from there. */
  send(event: PollingEvent): void {
    const actor = this.#actor
    if (this.#isDown || actor === undefined) return
    const { contactAt } = this
    if (event.type !== 'SAMPLE' && event.type !== 'STOP' && contactAt !== undefined) {
      const { value, context } = actor.getSnapshot()
      if (value === 'waiting' && contactAt > context.contactAt)
        actor.send({ type: 'SAMPLE', at: contactAt, terminal: false })
    }
    actor.send(event)
  }

  get isDown(): boolean {
    return this.#isDown
  }

  get isWaiting(): boolean {
    return !this.#isDown && this.#actor?.getSnapshot().value === 'waiting'
  }

  /** Waiting, with nothing that a good answer would have to mend: the answer changes times only. */
  get isRegular(): boolean {
    if (this.#isDown || this.#actor === undefined) return false
    const { value, context } = this.#actor.getSnapshot()
    return value === 'waiting' && context.errors === 0 && context.misses === 0
  }

  get polling(): PollingContext {
    if (this.#actor === undefined) throw new Error(`${this.jobId} has no actor yet`)
    return this.#actor.getSnapshot().context
  }

  /** Consecutive errors that count. */
  get errors(): number {
    return this.#actor?.getSnapshot().context.errors ?? 0
  }

  /** When the present poll was or the next one is due: lateness counts from here. */
  get dueAt(): number {
    if (this.#actor === undefined) return this.adoptedAt
    const { value, context } = this.#actor.getSnapshot()
    return value === 'waiting' ? this.regularDueAt : context.dueAt
  }

  get jobId(): string {
    return this.target.jobId
  }

  get pollState(): PollingState {
    if (this.#isDown) return 'suspended'
    const value = this.#actor?.getSnapshot().value ?? 'waiting'
    return value === 'waiting' && this.isOutRegularly ? 'polling' : value
  }

  /** The export names that the VMA is asked for. */
  keys(): readonly string[] {
    return this.target.disks.flatMap(({ exportName }) => exportName ?? [])
  }

  get percent(): number {
    return this.progress?.percent ?? this.target.percent
  }

  get operation(): string {
    return this.progress?.stage || this.target.currentOperation
  }

  get replicationType(): string {
    return replicationTypeOf(this.progress?.syncType ?? '') ?? this.target.replicationType
  }

  /** The start the database knows, else what the VMA says. */
  get startedAt(): number | undefined {
    return this.target.startedAt ?? this.progress?.startedAt
  }

  /** A poll is due at a known time, or under way. */
  get #isScheduled(): boolean {
    return this.phase === 'live' && SCHEDULED.has(this.pollState)
  }

  /** Brings the verdict up to date; true when the job does something else now. */
  judge(now: number): boolean {
    const before = this.verdict.state
    this.verdict = this.#verdictAt(now)
    return this.verdict.state !== before
  }

  #verdictAt(now: number): Verdict {
    const { status, operation, pollState, target, completedAt, contactAt, progress } = this
    const { createdAt } = target
    return nextVerdict(this.verdict, now, {
      status,
      stage: operation,
      pollState,
      createdAt,
      endedAt: completedAt,
      contactAt,
      progress,
    })
  }

  /** The live state at `now`. It judges for itself and keeps nothing: a change stays for `judge` to tell. */
  view(now: number): LiveView {
    const { target, progress } = this
    return {
      at: now,
      verdict: this.#verdictAt(now),
      jobId: target.jobId,
      vmName: target.vmName,
      vmContextId: target.vmContextId,
      vcenterHost: target.vcenterHost,
      status: this.status,
      replicationType: this.replicationType,
      operation: this.operation,
      percent: this.percent,
      bytes: progress?.bytes ?? target.bytes,
      totalBytes: progress?.totalBytes ?? target.totalBytes,
      errorMessage: this.errorMessage,
      createdAt: target.createdAt,
      startedAt: this.startedAt ?? null,
      completedAt: this.completedAt ?? null,
      lastContactAt: this.contactAt ?? null,
      lastWriteAt: this.lastWrite?.at ?? null,
      lastError: this.lastError ?? null,
      pollState: this.pollState,
      errors: this.errors,
      nextPollAt: this.#isScheduled ? this.dueAt : null,
      progress,
    }
  }
}

const SCHEDULED: ReadonlySet<PollingState> = new Set(['waiting', 'polling', 'backingOff'])

/** The column may hold another writer's spelling; an active word that is not ours ranks as not started. */
function parseStatus(column: string): JobStatus {
  const word = column.trim().toLowerCase()
  return isJobStatus(word) ? word : 'pending'
}
