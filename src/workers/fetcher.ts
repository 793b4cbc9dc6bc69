/**
 * Polls of jobs inside a fetch thread: all exports of a job are asked at once, the answers become one result (AGG-1…4).
 * A result leaves as soon as its own answers are in; no poll waits for another.
 */

import { aggregateDisks, wholeJob, type DiskAnswer, type PlannedDisk } from '../model/aggregate.ts'
import type { PollError } from '../model/errors.ts'
import { JobRates } from '../model/job-rates.ts'
import { normalise } from '../model/normalise.ts'
import type { JobProgress } from '../model/progress.ts'
import { clockSkew, inOurClock, isStaleRun } from '../model/runs.ts'
import type { ProgressSample } from '../model/sample.ts'
import type { FetchTarget, PollResult } from './protocol.ts'
import type { VmaAnswer } from './vma-client.ts'

/** The smallest thing that answers for a key. */
export interface KeyClient {
  get(key: string, done: (answer: VmaAnswer) => void): void
}

type Heard = { readonly ok: true; readonly sample: ProgressSample } | { readonly ok: false; readonly error: PollError }

interface Tracked {
  readonly target: FetchTarget
  /** Disks that have a key, by their place in the plan. */
  readonly keyed: readonly { readonly key: string; readonly place: number }[]
  progress: JobProgress | undefined
  readonly rates: JobRates
  /** The job id answered where no export did: it is asked first from then on. */
  asWhole: boolean
}

export class Fetcher {
  readonly #clients: readonly KeyClient[]
  readonly #now: () => number
  readonly #deliver: (result: PollResult) => void
  readonly #tracked = new Map<number, Tracked>()

  constructor(clients: readonly KeyClient[], now: () => number, deliver: (result: PollResult) => void) {
    this.#clients = clients
    this.#now = now
    this.#deliver = deliver
  }

  /** A slot that is tracked already keeps its progress as far as its plan, read again, is the same. */
  track(target: FetchTarget): void {
    const known = this.#tracked.get(target.slot)
    const same = known?.target.jobId === target.jobId ? known : undefined
    const samePlan = same !== undefined && sameDisks(same.target.plan, target.plan)
    this.#tracked.set(target.slot, {
      target,
      keyed: keyedDisks(target.plan),
      progress: samePlan ? (same.progress ?? target.before) : target.before,
      rates: same?.rates ?? new JobRates(),
      asWhole: same?.asWhole ?? false,
    })
  }

  untrack(slot: number): void {
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

  #askExports(job: Tracked): void {
    const heard: Heard[] = []
    let left = job.keyed.length
    job.keyed.forEach(({ key }, i) => {
      this.#ask(job, key, (answer) => {
        heard[i] = answer
        left -= 1
        if (left === 0) this.#sumUp(job, heard)
      })
    })
  }

  /** Some disk answered: that is the job. None did: if none is known, the job id may be (AGG-4). */
  #sumUp(job: Tracked, heard: readonly Heard[]): void {
    if (heard.some((h) => h.ok)) {
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
    const errors = heard.flatMap((h) => (h.ok ? [] : [h.error]))
    const hard = errors.find((e) => e.code !== 'not_found' && e.code !== 'stale_run')
    if (hard !== undefined) this.#fail(job, hard)
    else this.#askWhole(job, errors.find((e) => e.code === 'stale_run') ?? errors[0])
  }

  #askWhole(job: Tracked, exportsSaid: PollError | undefined): void {
    this.#ask(job, job.target.jobId, (heard) => {
      if (heard.ok) {
        job.asWhole = true
        this.#succeed(job, job.rates.ofWhole(wholeJob(job.target.plan, heard.sample, job.progress), this.#now()))
      } else if (job.asWhole && job.keyed.length > 0 && heard.error.code === 'not_found') {
        job.asWhole = false
        this.#askExports(job)
      } else {
        this.#fail(job, exportsSaid?.code === 'stale_run' ? exportsSaid : heard.error)
      }
    })
  }

  #ask(job: Tracked, key: string, done: (heard: Heard) => void): void {
    const client = this.#clients[job.target.vma]
    if (client === undefined) {
      done({ ok: false, error: { code: 'unreachable', message: 'no VMA is configured for this job' } })
      return
    }
    client.get(key, (answer) => done(this.#hear(job, key, answer)))
  }

  #hear(job: Tracked, key: string, answer: VmaAnswer): Heard {
    if (!answer.ok) return answer
    const said = normalise(key, answer.body)
    if (!said.ok) return said
    const sample = inOurClock(said.sample, clockSkew(said.sample.serverTime, answer.date, this.#now()))
    if (!isStaleRun(sample, job.target.createdAt)) return { ok: true, sample }
    return {
      ok: false,
      error: { code: 'stale_run', message: `${key} still tells of a run that was over before this job` },
    }
  }

  #succeed(job: Tracked, progress: JobProgress): void {
    job.progress = progress
    this.#deliverIfTracked(job, { slot: job.target.slot, ok: true, progress })
  }

  #fail(job: Tracked, error: PollError): void {
    this.#deliverIfTracked(job, { slot: job.target.slot, ok: false, error })
  }

  /** A slot may have been given to another job while this answer was under way. */
  #deliverIfTracked(job: Tracked, result: PollResult): void {
    if (this.#tracked.get(job.target.slot)?.target.jobId === job.target.jobId) this.#deliver(result)
  }
}

/**
 * Disks that are completed may be told of for ever: that is no contact with a job whose other disks the VMA has lost, and
 * would keep it open without end. Why the open disks are silent; undefined while one of them answers or anything changed.
 */
function silenceOf(job: Tracked, heard: readonly Heard[], progress: JobProgress): PollError | undefined {
  if (job.progress === undefined) return undefined
  const answers = new Map(job.keyed.map(({ place }, i) => [place, heard[i]]))
  let silence: PollError | undefined
  for (const [place, disk] of progress.disks.entries()) {
    if (disk.status !== job.progress.disks[place]?.status) return undefined
    if (disk.status === 'completed') continue
    const answer = answers.get(place)
    if (answer?.ok === true) return undefined
    silence ??= answer?.error ?? { code: 'not_found', message: `no volume is linked to ${disk.diskId}` }
  }
  return silence
}

/** Progress is kept by a disk's place in the plan. */
function sameDisks(a: readonly PlannedDisk[], b: readonly PlannedDisk[]): boolean {
  return a.length === b.length && a.every(({ diskId, key }, i) => b[i]?.diskId === diskId && b[i].key === key)
}

function keyedDisks(plan: readonly PlannedDisk[]): Tracked['keyed'] {
  return plan.flatMap((disk, place) => (disk.key === '' ? [] : [{ key: disk.key, place }]))
}
