/**
 * RECOVER-3: a job that the contact timeout failed, and only so, comes back when its VMA still reports its run. The database
 * alone says which jobs these are, so a restart forgets none. A revived job is found by discovery like any other.
 */

import type { JobStore, JobTarget, ReviveResult, Revival } from '../db/ports.ts'
import { nextState } from '../machines/lifecycle.ts'
import { putsVmaInDoubt } from '../model/errors.ts'
import { isTerminal, STATUS_RANK, type JobStatus } from '../model/words.ts'
import { traceIdOf } from '../model/trace.ts'
import type { JobProgress } from '../model/progress.ts'
import type { FetchTarget, PollResult } from '../workers/protocol.ts'
import type { Circuits } from './circuits.ts'
import { correlationId } from './correlation.ts'
import { plannedDisks } from './plans.ts'
import { isPushed } from './pushed.ts'
import type { Slots } from './slots.ts'

/** For how long after its end a job is asked for. */
const REVIVABLE_MS = 24 * 3_600_000
/** Most jobs that are asked for; the others wait until some of these are decided. */
const MAX_CANDIDATES = 10_000
/** Doublings of the time between two questions, while the VMA does not know the job. */
const MAX_DOUBLINGS = 5

export interface RevivalsOptions {
  readonly store: Pick<JobStore, 'lostJobs' | 'reviveJobs' | 'targets'>
  readonly slots: Slots
  readonly fetch: {
    track(targets: readonly FetchTarget[]): void
    untrack(slot: number): void
    ask(slot: number): void
  }
  readonly circuits: Pick<Circuits, 'isUp' | 'answered' | 'doubt'>
  readonly vmaOf: (target: JobTarget) => number
  readonly now: () => number
  /** Time between two looks into the database, and between the first questions for one job. */
  readonly intervalMs: number
  readonly onRevived: (target: JobTarget, status: JobStatus) => void
  readonly onFault: (what: string, cause: unknown) => void
}

interface Candidate {
  readonly target: JobTarget
  readonly slot: number
  readonly vma: number
  /** Questions in a row that brought nothing. */
  tries: number
  nextAt: number
  isAsked: boolean
}

export class Revivals {
  readonly #options: RevivalsOptions
  readonly #byId = new Map<string, Candidate>()
  readonly #bySlot = new Map<number, Candidate>()
  #lookedAt = Number.NEGATIVE_INFINITY
  #look: Promise<void> | undefined
  #closed = false

  constructor(options: RevivalsOptions) {
    this.#options = options
  }

  get candidates(): number {
    return this.#byId.size
  }

  /** Called with each round of discovery; looks into the database when it is time. Never throws. */
  async round(): Promise<void> {
    const { now, intervalMs, onFault } = this.#options
    if (this.#closed || now() - this.#lookedAt < intervalMs) return
    this.#lookedAt = now()
    this.#look ??= this.#find()
      .catch((cause: unknown) => onFault('lost jobs', cause))
      .finally(() => {
        this.#look = undefined
      })
    await this.#look
    this.#askDue()
  }

  /** The VMA is back: its jobs are asked for at once, spread over one interval. */
  async resumed(vma: number): Promise<void> {
    const { now, intervalMs } = this.#options
    const own = [...this.#byId.values()].filter((candidate) => candidate.vma === vma)
    own.forEach((candidate, i) => {
      candidate.tries = 0
      candidate.nextAt = now() + (intervalMs * i) / own.length
    })
    this.#lookedAt = Number.NEGATIVE_INFINITY
    await this.round()
  }

  /** False: the slot is not one of these. */
  deliver(result: PollResult): boolean {
    const candidate = this.#bySlot.get(result.slot)
    if (candidate === undefined) return false
    // What is under way is not disturbed: by itself its end makes way for the next question.
    if (isPushed(result) && candidate.isAsked) return true
    const { circuits, now, intervalMs } = this.#options
    candidate.isAsked = false
    candidate.nextAt = now() + intervalMs * 2 ** Math.min(candidate.tries, MAX_DOUBLINGS)
    candidate.tries += 1
    if (!result.ok && putsVmaInDoubt(result.error)) circuits.doubt(candidate.vma, result.error, () => {})
    else circuits.answered(candidate.vma)
    const status = result.ok ? revivedStatus(result.progress) : undefined
    if (status !== undefined) void this.#revive(candidate, status)
    return true
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#look
  }

  async #find(): Promise<void> {
    const { store, now, fetch } = this.#options
    const lost = new Set((await store.lostJobs(now() - REVIVABLE_MS)).map((job) => job.jobId))
    for (const candidate of this.#byId.values()) if (!lost.has(candidate.target.jobId)) this.#drop(candidate)
    const wanted = [...lost].filter((id) => !this.#byId.has(id)).slice(0, MAX_CANDIDATES - this.#byId.size)
    if (wanted.length === 0) return
    const targets = await store.targets(wanted)
    fetch.track(targets.map((target) => this.#add(target)))
  }

  #add(target: JobTarget): FetchTarget {
    const { slots, vmaOf, now } = this.#options
    const candidate = { target, slot: slots.take(), vma: vmaOf(target), tries: 0, nextAt: now(), isAsked: false }
    this.#byId.set(target.jobId, candidate)
    this.#bySlot.set(candidate.slot, candidate)
    const { slot, vma } = candidate
    const { jobId, createdAt } = target
    return { slot, jobId, vma, createdAt, plan: plannedDisks(target), traceId: traceIdOf(correlationId(jobId)) }
  }

  #askDue(): void {
    const { circuits, fetch, now } = this.#options
    for (const candidate of this.#byId.values()) {
      if (candidate.isAsked || candidate.nextAt > now() || !circuits.isUp(candidate.vma)) continue
      candidate.isAsked = true
      fetch.ask(candidate.slot)
    }
  }

  async #revive(candidate: Candidate, status: Revival['status']): Promise<void> {
    const { store, now, onRevived, onFault } = this.#options
    const { jobId, vmContextId } = candidate.target
    candidate.isAsked = true
    try {
      const [result] = await store.reviveJobs([{ jobId, vmContextId, status, at: now() }])
      candidate.isAsked = false
      if (result === undefined || result.outcome === 'error') return onFault(`revival of ${jobId}`, failure(result))
      this.#drop(candidate)
      if (result.outcome === 'revived') onRevived(candidate.target, status)
    } catch (cause) {
      candidate.isAsked = false
      onFault(`revival of ${jobId}`, cause)
    }
  }

  #drop(candidate: Candidate): void {
    if (this.#bySlot.get(candidate.slot) !== candidate) return
    this.#byId.delete(candidate.target.jobId)
    this.#bySlot.delete(candidate.slot)
    this.#options.fetch.untrack(candidate.slot)
    this.#options.slots.giveBack(candidate.slot)
  }
}

function failure(result: ReviveResult | undefined): Error {
  return new Error(result?.error ?? 'the database said nothing of it')
}

/**
 * What a lost job comes back as; undefined where its VMA does not say that it is at work or completed. A completed one
 * comes back as at work too: its next poll ends it like any other.
 */
function revivedStatus(progress: JobProgress): Revival['status'] | undefined {
  const saw =
    progress.status === undefined || STATUS_RANK[progress.status] === 0 ? movedStatus(progress) : progress.status
  if (saw === undefined) return undefined
  const state = nextState('lost', `revive.${saw}`)
  if (state === 'lost') return undefined
  return isTerminal(state) ? 'replicating' : state
}

/** `Queued` says nothing (the documents' own answer is Queued at 2 %): moved bytes do. */
function movedStatus({ bytes }: JobProgress): JobStatus | undefined {
  return bytes > 0 ? 'replicating' : undefined
}
