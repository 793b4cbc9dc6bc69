/** One job as the runtime holds it: what the database said of it, what its VMA said last, and its polling actor. */

import { createActor, type ActorRefFrom } from 'xstate'
import type { ActorClock } from '../machines/clock.ts'
import type { JobTarget } from '../db/ports.ts'
import type { PollingMachine, PollingPolicy, PollingState } from '../machines/polling.ts'
import type { PlannedDisk } from '../model/aggregate.ts'
import type { PollErrorCode } from '../model/errors.ts'
import type { LiveView } from '../model/live.ts'
import type { JobProgress } from '../model/progress.ts'
import type { LastWrite } from '../model/throttle.ts'
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
  readonly policy: PollingPolicy
  readonly clock?: ActorClock
}

export class Job {
  readonly slot: number
  readonly vma: number
  readonly adoptedAt: number
  /** `job_tracking.id`, in every log line of the job (LOG-1). */
  readonly correlationId: string
  readonly actor: ActorRefFrom<PollingMachine>
  target: JobTarget
  phase: JobPhase = 'live'
  status: JobStatus
  progress: JobProgress | undefined
  lastWrite: LastWrite | undefined
  lastError: JobError | undefined
  errorMessage = ''
  contactAt: number | undefined
  completedAt: number | undefined
  /** When the request in flight was asked for; 0 while there is none. */
  askedAt = 0
  /** The VMA did not know a key: the export names are read again at the next discovery (POLL-3). */
  targetStale = false

  constructor(target: JobTarget, machine: PollingMachine, { slot, vma, adoptedAt, policy, clock }: JobOptions) {
    this.slot = slot
    this.vma = vma
    this.adoptedAt = adoptedAt
    this.target = target
    this.correlationId = correlationId(target.jobId)
    this.status = parseStatus(target.status)
    const input = { jobId: target.jobId, slot, policy, at: adoptedAt }
    this.actor = createActor(machine, clock === undefined ? { input } : { input, clock })
  }

  get jobId(): string {
    return this.target.jobId
  }

  get pollState(): PollingState {
    return this.actor.getSnapshot().value
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

  plan(): readonly PlannedDisk[] {
    return this.target.disks.map((disk) => ({
      diskId: disk.diskId,
      key: disk.exportName ?? '',
      planned: { bytes: disk.capacityBytes, origin: 'capacity' },
    }))
  }

  view(): LiveView {
    const { target, progress } = this
    const polling = this.actor.getSnapshot()
    return {
      jobId: target.jobId,
      vmName: target.vmName,
      vmContextId: target.vmContextId,
      vcenterHost: target.vcenterHost,
      status: this.status,
      replicationType: this.replicationType,
      operation: this.operation,
      percent: progress?.percent ?? target.percent,
      bytes: progress?.bytes ?? target.bytes,
      totalBytes: progress?.totalBytes ?? target.totalBytes,
      errorMessage: this.errorMessage,
      createdAt: target.createdAt,
      startedAt: this.startedAt ?? null,
      completedAt: this.completedAt ?? null,
      lastContactAt: this.contactAt ?? null,
      lastWriteAt: this.lastWrite?.at ?? null,
      lastError: this.lastError ?? null,
      pollState: polling.value,
      errors: polling.context.errors,
      nextPollAt: this.phase === 'live' ? polling.context.dueAt : null,
      progress,
    }
  }
}

/** The column may hold another writer's spelling; an active word that is not ours ranks as not started. */
function parseStatus(column: string): JobStatus {
  const word = column.trim().toLowerCase()
  return isJobStatus(word) ? word : 'pending'
}
