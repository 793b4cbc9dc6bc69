/**
 * Keeps one polling actor per active job: adopts, hands over what the threads answer, lets go, and starts an actor again
 * that threw (RECOVER-2). Decisions are the machines' and the model's; what a sample leads to is in outcomes.ts.
 */

import type { EndResult, JobTarget } from '../db/ports.ts'
import { pollingMachine } from '../machines/polling.ts'
import { POLL_ERRORS, putsVmaInDoubt, type PollError } from '../model/errors.ts'
import { endsJob, isAllButOver } from '../model/words.ts'
import type { PollResult } from '../workers/protocol.ts'
import type { Circuits } from './circuits.ts'
import { SYSTEM_CLOCK } from './clock.ts'
import { Crashes } from './crashes.ts'
import { Job, type ActorParts } from './job.ts'
import { LOST, LostPolls } from './lost-polls.ts'
import { Outcomes } from './outcomes.ts'
import { fetchTarget, replan } from './plans.ts'
import { Polls } from './polls.ts'
import type { JobChange } from './publisher.ts'
import { isPushed, type Pushed } from './pushed.ts'
import { Registry } from './registry.ts'
import { tellInSlices } from './slices.ts'
import { supervisedCircuits } from './supervised-circuits.ts'
import { supersede } from './succession.ts'
import type { SupervisorOptions } from './supervisor-options.ts'

/** How long an ended job stays in the live state, so that a GUI sees its end. */
const LINGER_MS = 60_000

export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #parts: ActorParts
  readonly #outcomes: Outcomes
  readonly #polls: Polls
  readonly #crashes: Crashes
  readonly #lost = new LostPolls()
  readonly jobs: Registry
  readonly circuits: Circuits
  #stopped = false

  constructor(options: SupervisorOptions) {
    const { policy, now, writes, publisher, events } = options
    this.#options = options
    this.jobs = new Registry(options.slots)
    this.#outcomes = new Outcomes({
      ...policy,
      now,
      writes,
      publisher,
      events,
      passOver: (job, at, pushed) => this.#polls.passOver(job, at, pushed),
      onOver: (job) => options.fetch.untrack(job.slot),
    })
    const { clock = SYSTEM_CLOCK, monotonic = () => performance.now() } = options
    this.#polls = new Polls({
      now,
      monotonic,
      clock,
      jobAt: (slot) => this.jobs.at(slot),
      guard: (job, work) => this.#crashes.guard(job, work),
      ask: (slot) => options.fetch.ask(slot),
      isFed: (job) => options.fetch.isFed(job.slot, job.vma),
    })
    const machine = pollingMachine.provide({
      actions: {
        ...this.#polls.actions,
        lose: ({ context }) => this.#of(context.slot, (job) => this.#outcomes.lose(job)),
        inferEnd: ({ context }) => this.#of(context.slot, (job) => this.#outcomes.inferEnd(job)),
      },
    })
    this.#crashes = new Crashes({ now, clock, onCrash: events.onCrash, restart: (job) => this.#restart(job) })
    this.#parts = { machine, policy, clock, onCrash: (job, cause) => this.#crashes.crashed(job, cause) }
    this.circuits = supervisedCircuits(options, clock, (vma) => this.#align(vma))
  }

  /** Takes on the jobs that are not known yet; reads the plan of known ones again. Returns how many were new. */
  adopt(targets: readonly JobTarget[]): number {
    const added: Job[] = []
    const changed = new Set<Job>()
    for (const target of targets) {
      const known = this.jobs.get(target.jobId)
      if (known?.phase === 'ending' || endsJob(target.status)) continue
      if (known?.phase === 'live') {
        if (replan(known, target, this.jobs)) changed.add(known)
        continue
      }
      if (known !== undefined) this.#remove(known)
      const job = this.#newJob(target)
      for (const older of supersede(job, this.jobs.sharing(job))) changed.add(older)
      added.push(job)
    }
    this.#options.fetch.track([...new Set([...added, ...changed])].map(fetchTarget))
    for (const job of added) {
      this.#begin(job)
      this.#publish(job, 'adopted')
    }
    return added.length
  }

  /**
   * Whether an active job's row has to be read: it is new, came back from its end, or its export names may have changed;
   * those of a job that was just made may still be on their way.
   */
  wants(jobId: string): boolean {
    const job = this.jobs.get(jobId)
    if (job === undefined || job.targetStale || job.phase === 'ended') return true
    return this.#options.now() - job.target.createdAt < this.#options.policy.startupGraceMs
  }

  /** The job is no longer ours: another writer ended it, or its row is gone. */
  release(job: Job): void {
    job.send({ type: 'STOP' })
    this.#options.writes.forget(job.jobId)
    this.#remove(job)
  }

  /** Polls at once, whatever the schedule says, and ends a pause (API-4). False when the job is not followed. */
  pollNow(jobId: string): boolean {
    return this.#order(jobId, 'POLL_NOW')
  }

  /** No polls of this job, and no contact timeout, until `pollNow` or a restart (API-4). False when it is not followed. */
  pause(jobId: string): boolean {
    return this.#order(jobId, 'PAUSE')
  }

  deliver(result: PollResult): void {
    const job = this.jobs.at(result.slot)
    if (job === undefined || job.phase !== 'live' || job.isDown) return
    const at = this.#options.now()
    if (isPushed(result)) return this.#hear(job, result, at)
    this.#lost.answered(job, at)
    this.#take(job, result, at)
  }

  #take(job: Job, result: PollResult, at: number): void {
    const times = { lateMs: at - job.dueAt, tookMs: at - (job.askedAt || at) }
    if (!result.ok) this.#crashes.guard(job, () => this.#polls.catchUp(job, at))
    job.askedAt = 0
    const error = result.ok ? undefined : result.error
    this.#options.events.onPoll(job, times, error)
    if (error !== undefined && putsVmaInDoubt(error)) {
      this.circuits.doubt(job.vma, error, (isUp) => this.#decided(job, error, isUp))
      return
    }
    this.circuits.answered(job.vma)
    this.#crashes.guard(job, () => {
      if (result.ok) this.#outcomes.accept(job, result.progress, at)
      else this.#refuse(job, result.error, at)
    })
    this.#judge(job, at)
  }

  /** The VMA's feed broke, or is followed again: who waits as long as a fed job does so no more if it is none (POLL-10). */
  fedAnew(vma: number): void {
    this.#tell(vma, (job, at) => this.#polls.unfeed(job, at))
  }

  /** Called with each discovery: lets go what lingered long enough, finds polls that were lost on the way, judges anew. */
  sweep(): void {
    tellInSlices([...this.jobs.all()], this.#options.defer, (job) => {
      if (this.jobs.at(job.slot) !== job || this.#stopped) return
      const now = this.#options.now()
      if (job.phase === 'ended' && now - (job.completedAt ?? 0) >= LINGER_MS) this.#remove(job)
      else if (this.#lost.isLost(job, now)) this.#take(job, { slot: job.slot, ok: false, error: LOST }, now)
      else this.#judge(job, now)
    })
  }

  /** The end stands in the database. */
  ended(jobId: string, result: EndResult): void {
    const job = this.jobs.get(jobId)
    if (job !== undefined && !this.#outcomes.ended(job, result)) this.#remove(job)
  }

  /** The end could not be written and was given up: discovery finds the job again. */
  abandoned(jobId: string): void {
    const job = this.jobs.get(jobId)
    if (job?.phase === 'ending') this.#remove(job)
  }

  stop(): void {
    this.#stopped = true
    this.circuits.stop()
    this.#polls.stop()
    for (const job of this.jobs.all()) job.stopActor()
  }

  #newJob(target: JobTarget): Job {
    const { now, vmaOf, slots } = this.#options
    const job = new Job(target, { slot: slots.take(), vma: vmaOf(target), adoptedAt: now() })
    this.jobs.add(job)
    return job
  }

  #begin(job: Job): void {
    this.#crashes.guard(job, () => {
      const at = this.#options.now()
      job.startActor(this.#parts, at)
      if (job.isPaused) job.send({ type: 'PAUSE', at })
      else if (!this.circuits.isUp(job.vma)) job.send({ type: 'VMA_DOWN', at })
    })
  }

  #restart(job: Job): void {
    if (job.phase !== 'live' || !job.isDown || this.#stopped || this.jobs.at(job.slot) !== job) return
    this.#begin(job)
  }

  #order(jobId: string, type: 'POLL_NOW' | 'PAUSE'): boolean {
    const job = this.jobs.get(jobId)
    if (job?.phase !== 'live') return false
    const at = this.#options.now()
    job.isPaused = type === 'PAUSE'
    // What a feed pushes nevertheless changes the progress that came last in place (seats.ts).
    if (job.isPaused) job.progress = structuredClone(job.progress)
    if (job.isDown) this.#begin(job)
    this.#crashes.guard(job, () => job.send({ type, at }))
    this.#publish(job, 'poller')
    this.#judge(job, at)
    return true
  }

  /** Every job of a VMA is told how the VMA stands at that moment, whatever it was when the going round began. */
  #align(vma: number): void {
    this.#tell(vma, (job, at) => {
      job.send({ type: this.circuits.isUp(vma) ? 'VMA_UP' : 'VMA_DOWN', at })
      this.#publish(job, 'poller')
      this.#judge(job, at)
    })
  }

  #tell(vma: number, tell: (job: Job, at: number) => void): void {
    const own = [...this.jobs.all()].filter((job) => job.vma === vma)
    tellInSlices(own, this.#options.defer, (job) => {
      if (job.phase === 'live' && !this.#stopped) tell(job, this.#options.now())
    })
  }

  /** Nobody asked: a request that is out stays out. */
  #hear(job: Job, { progress }: Pushed, at: number): void {
    if (job.isPaused) return
    this.circuits.answered(job.vma)
    this.#crashes.guard(job, () => this.#outcomes.accept(job, progress, at, true))
    this.#judge(job, at)
  }

  /** VERDICT-1: what a job is doing changes by what comes for it, or because nothing does. */
  #judge(job: Job, at: number): void {
    const before = job.verdict.state
    if (!job.judge(at)) return
    const { state } = job.verdict
    const goesOn = before === 'stalled' && (state === 'moving' || state === 'slow')
    this.#publish(job, state === 'stalled' ? state : goesOn ? 'resumed' : 'verdict')
  }

  #decided(job: Job, error: PollError, isUp: boolean): void {
    if (job.phase !== 'live' || job.isDown) return
    const at = this.#options.now()
    this.#crashes.guard(job, () => {
      if (isUp) return this.#refuse(job, error, at)
      job.lastError = { ...error, at }
      job.send({ type: 'VMA_DOWN', at })
    })
    this.#judge(job, at)
  }

  #refuse(job: Job, error: PollError, at: number): void {
    job.lastError = { ...error, at }
    const missing = error.code === 'not_found'
    if (missing) job.targetStale = true
    job.send({
      type: 'POLL_FAILED',
      at,
      graced: POLL_ERRORS[error.code].graced,
      vanished: missing && isAllButOver(job.percent, job.operation),
      random: this.#options.random(),
    })
    if (job.phase === 'live') this.#publish(job, 'fault')
  }

  #of(slot: number, act: (job: Job) => void): void {
    const job = this.jobs.at(slot)
    if (job !== undefined) act(job)
  }

  #remove(job: Job): void {
    job.stopActor()
    this.#polls.forget(job.slot)
    this.#options.fetch.untrack(job.slot)
    this.jobs.remove(job)
    this.#publish(job, 'removed')
  }

  #publish(job: Job, change: JobChange): void {
    this.#options.publisher.publish(job, change)
  }
}
