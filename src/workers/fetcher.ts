/**
 * Polls of jobs inside a fetch thread: all exports of a job are asked at once, the answers become one result (AGG-1…4).
 * A result leaves as soon as its own answers are in; no poll waits for another.
 */

import { aggregateDisks, wholeJob, type DiskAnswer, type PlannedDisk } from '../model/aggregate.ts'
import type { PollError } from '../model/errors.ts'
import { JobRates } from '../model/job-rates.ts'
import type { JobProgress } from '../model/progress.ts'
import { keptInPlace } from '../model/progress-numbers.ts'
import type { SteadyClock } from '../model/runs.ts'
import type { ProgressSample } from '../model/sample.ts'
import { hear, type Heard } from './hearing.ts'
import { JobKeys } from './job-keys.ts'
import { Names } from './names.ts'
import { tracePrefix } from './poll-trace.ts'
import type { FetchTarget, PollResult } from './protocol.ts'
import type { VmaAnswer } from './vma-client.ts'

/** The smallest thing that answers for a key. */
export interface KeyClient {
  /** `trace`: see `tracePrefix`. */
  get(key: string, done: (answer: VmaAnswer) => void, trace?: string): void
}

interface Tracked {
  readonly target: FetchTarget
  /** Disks that have a key, by their place in the plan. */
  readonly keyed: readonly { readonly key: string; readonly place: number }[]
  progress: JobProgress | undefined
  readonly rates: JobRates
  /** The job id answered where no export did: it is asked first from then on. */
  asWhole: boolean
  /** See `Question`. */
  readonly movedFrom: Map<string, number>
  readonly trace: string | undefined
}

export class Fetcher {
  readonly #clients: readonly KeyClient[]
  readonly #now: () => number
  readonly #deliver: (result: PollResult) => void
  readonly #tracked = new Map<number, Tracked>()
  readonly #names = new Names()
  /** By VMA, see `Question`. */
  readonly #clocks: (SteadyClock | undefined)[] = []
  readonly #keys = new JobKeys()
  /** For jobs of up to 40 disks; one with more gets a new object with each answer. */
  readonly #scratch = new Float64Array(256)
  /** What is answered within this turn was not asked for by the main thread. */
  #isPushing = false

  constructor(clients: readonly KeyClient[], now: () => number, deliver: (result: PollResult) => void) {
    this.#clients = clients
    this.#now = now
    this.#deliver = deliver
  }

  /** A slot that is tracked already keeps its progress, disk by disk: its plan was read again. */
  track(target: FetchTarget): void {
    const known = this.#tracked.get(target.slot)
    if (known !== undefined) this.#forgetNames(known.target)
    this.#names.add(target)
    this.#keys.add(target)
    const same = known?.target.jobId === target.jobId ? known : undefined
    this.#tracked.set(target.slot, {
      target,
      keyed: keyedDisks(target.plan),
      progress: same?.progress ?? target.before,
      rates: same?.rates ?? new JobRates(),
      asWhole: same?.asWhole ?? false,
      movedFrom: same?.movedFrom ?? new Map<string, number>(),
      trace: target.traceId === undefined ? undefined : tracePrefix(target.traceId),
    })
  }

  untrack(slot: number): void {
    const known = this.#tracked.get(slot)
    if (known === undefined) return
    this.#forgetNames(known.target)
    this.#tracked.delete(slot)
  }

  get tracked(): number {
    return this.#tracked.size
  }

  /** One result per call, through `deliver`; a slot that is not tracked (any more) gives none. */
  poll(slot: number): void {
    const job = this.#tracked.get(slot)
    if (job === undefined) return
    if (job.asWhole || job.keyed.length === 0) this.#askWhole(job, undefined)
    else this.#askExports(job)
  }

  /**
   * The VMA told of these keys by itself, and its client answers for them at once: a result for each of its jobs that has one
   * of them. What is no progress is left to the next poll, whose errors count.
   */
  push(vma: number, keys: readonly string[]): void {
    this.#isPushing = true
    try {
      for (const slot of this.#keys.slotsOf(keys)) if (this.#tracked.get(slot)?.target.vma === vma) this.poll(slot)
    } finally {
      this.#isPushing = false
    }
  }

  #forgetNames(target: FetchTarget): void {
    this.#names.remove(target)
    this.#keys.remove(target)
  }

  /** `whole` is what the job id has answered already in this poll. */
  #askExports(job: Tracked, whole?: ProgressSample): void {
    const heard: Heard[] = []
    let left = job.keyed.length
    job.keyed.forEach(({ key }, i) => {
      this.#ask(job, key, (answer) => {
        heard[i] = answer
        left -= 1
        if (left === 0) this.#sumUp(job, heard, whole)
      })
    })
  }

  /** Some disk answered: that is the job. None did: if none is known, the job id may be (AGG-4). */
  #sumUp(job: Tracked, heard: readonly Heard[], whole: ProgressSample | undefined): void {
    if (heard.some((h) => h.ok)) {
      job.asWhole = false
      const answers: DiskAnswer[] = job.target.plan.map(() => undefined)
      job.keyed.forEach(({ place }, i) => {
        const h = heard[i]
        answers[place] = h?.ok ? h.sample : undefined
      })
      const progress = job.rates.ofDisks(aggregateDisks(job.target.plan, answers, job.progress), this.#now())
      const silence = silenceOf(job, heard, progress)
      if (silence === undefined) this.#succeed(job, progress)
      else this.#fail(job, silence)
      return
    }
    if (whole !== undefined) {
      this.#succeed(job, job.rates.ofWhole(wholeJob(job.target.plan, whole, job.progress), this.#now()))
      return
    }
    const errors = heard.flatMap((h) => (h.ok ? [] : [h]))
    const hard = errors.find(({ error }) => error.code !== 'not_found' && error.code !== 'stale_run')
    if (hard !== undefined) this.#fail(job, hard.error)
    else this.#askWhole(job, errors.find((h) => h.ofAnotherRun)?.error)
  }

  /** `exportsSaid`: their keys tell of another run, which says more than that the VMA does not know the job id either. */
  #askWhole(job: Tracked, exportsSaid: PollError | undefined): void {
    this.#ask(job, job.target.jobId, (heard) => {
      if (heard.ok) {
        const progress = wholeJob(job.target.plan, heard.sample, job.progress)
        if (job.asWhole && job.keyed.length > 0 && standsStill(job.progress, progress)) {
          this.#askExports(job, heard.sample)
          return
        }
        job.asWhole = true
        this.#succeed(job, job.rates.ofWhole(progress, this.#now()))
      } else if (job.asWhole && job.keyed.length > 0 && heard.error.code === 'not_found') {
        job.asWhole = false
        this.#askExports(job)
      } else {
        this.#fail(job, exportsSaid ?? heard.error)
      }
    })
  }

  #ask(job: Tracked, key: string, done: (heard: Heard) => void): void {
    const client = this.#clients[job.target.vma]
    if (client === undefined) {
      done({ ok: false, error: { code: 'unreachable', message: 'no VMA is configured for this job' } })
      return
    }
    const { target, movedFrom } = job
    const heard = (answer: VmaAnswer): void =>
      done(hear(answer, { key, target, names: this.#names, movedFrom, clocks: this.#clocks, receivedAt: this.#now() }))
    client.get(key, heard, job.trace)
  }

  #succeed(job: Tracked, progress: JobProgress): void {
    job.progress = keptInPlace(job.progress, progress, this.#scratch)
    const result = { slot: job.target.slot, ok: true, progress } as const
    this.#deliverIfTracked(job, this.#isPushing ? { ...result, pushed: true } : result)
  }

  #fail(job: Tracked, error: PollError): void {
    if (this.#isPushing) return
    this.#deliverIfTracked(job, { slot: job.target.slot, ok: false, error })
  }

  /**
   * While this answer was under way the slot may have been given to another job: then it is nobody's. Or the job's plan
   * was read again: the answer is of the old one, and the new one is asked.
   */
  #deliverIfTracked(job: Tracked, result: PollResult): void {
    const now = this.#tracked.get(job.target.slot)
    if (now === job) this.#deliver(result)
    else if (now?.target.jobId === job.target.jobId) this.poll(job.target.slot)
  }
}

/**
 * Disks that are completed may be told of for ever: that is no contact with a job whose other disks the VMA has lost, and
 * would keep it open without end. Why the open disks are silent; undefined while one of them answers or anything changed.
 */
function silenceOf(job: Tracked, heard: readonly Heard[], progress: JobProgress): PollError | undefined {
  const before = job.progress?.disks
  if (before === undefined) return undefined
  let silence: PollError | undefined
  for (const [place, disk] of progress.disks.entries()) {
    const was = before[place]?.diskId === disk.diskId ? before[place] : before.find((d) => d.diskId === disk.diskId)
    if (disk.status !== was?.status) return undefined
    if (disk.status === 'completed') continue
    const answer = heard[job.keyed.findIndex((keyed) => keyed.place === place)]
    if (answer?.ok === true) return undefined
    silence ??= answer?.error ?? { code: 'not_found', message: `no volume is linked to ${disk.diskId}` }
  }
  return silence
}

/**
 * VMAs in the field get set-up under the job id and the transfer under the exports: a job id that says nothing new is
 * the moment to look for those.
 */
function standsStill(before: JobProgress | undefined, now: JobProgress): boolean {
  return (
    before !== undefined &&
    before.bytes === now.bytes &&
    before.percent === now.percent &&
    before.setupPercent === now.setupPercent &&
    before.stage === now.stage &&
    now.status !== 'completed' &&
    now.status !== 'failed'
  )
}

function keyedDisks(plan: readonly PlannedDisk[]): Tracked['keyed'] {
  return plan.flatMap((disk, place) => (disk.key === '' ? [] : [{ key: disk.key, place }]))
}
