import t from 'tap'
import { aggregateDisks, wholeJob, type PlannedDisk } from '../../src/model/aggregate.ts'
import { JobRates } from '../../src/model/job-rates.ts'
import type { JobProgress } from '../../src/model/progress.ts'
import type { ProgressSample } from '../../src/model/sample.ts'

const START = Date.parse('2025-09-05T15:24:43Z')
const MB = 1_000_000
const TOTAL = 10_000 * MB

type Said = Partial<ProgressSample> | undefined

/** A job of so many disks that is heard of every 2 s; each step says what its disks, or the job as a whole, say then. */
class HandJob {
  readonly #plan: readonly PlannedDisk[]
  readonly #rates = new JobRates()
  readonly #whole: boolean
  progress: JobProgress | undefined
  now = START
  /** The VMA tells no update times. */
  withoutTimes = false

  constructor(disks: number, whole = false) {
    this.#whole = whole
    this.#plan = Array.from({ length: disks }, (_, i) => ({
      diskId: `d${i}`,
      key: `k${i}`,
      planned: { bytes: TOTAL, origin: 'capacity' },
    }))
  }

  hear(...said: readonly Said[]): JobProgress {
    const samples = said.map((fields) => fields && this.#sample(fields))
    const sum =
      this.#whole && samples[0] !== undefined
        ? this.#rates.ofWhole(wholeJob(this.#plan, samples[0], this.progress), this.now)
        : this.#rates.ofDisks(aggregateDisks(this.#plan, samples, this.progress), this.now)
    this.progress = sum
    this.now += 2_000
    return sum
  }

  /** `seconds` in which each disk moves so many bytes per second from where it is. */
  goOn(seconds: number, ...bps: readonly number[]): JobProgress {
    const from = this.#whole ? [this.progress?.bytes ?? 0] : bps.map((_, i) => this.progress?.disks[i]?.bytes ?? 0)
    let last = this.progress
    for (let s = 2; s <= seconds; s += 2)
      last = this.hear(...bps.map((rate, i) => ({ bytes: (from[i] ?? 0) + s * rate })))
    if (last === undefined) throw new Error('nothing was heard')
    return last
  }

  #sample(fields: Partial<ProgressSample>): ProgressSample {
    return {
      key: 'k',
      status: 'replicating',
      statusWord: 'Running',
      stage: 'Transfer',
      totalBytes: TOTAL,
      run: '1@5',
      ...(this.withoutTimes ? {} : { updatedAt: this.now }),
      ...fields,
    }
  }
}

t.test("[AGG-1, ETA-1] the job's ETA is its slowest remaining disk's own", async (t) => {
  const job = new HandJob(2).goOn(60, 100 * MB, 10 * MB)
  t.equal(job.disks[0]?.etaSeconds, 40)
  t.equal(job.disks[1]?.etaSeconds, 940)
  t.match(job, { etaSeconds: 940, rate: { bps: 110 * MB } })
  t.ok((job.etaLowSeconds ?? 0) <= 940 && (job.etaHighSeconds ?? 0) >= 940)
})

t.test('[ETA-1] unknown at first, and as long as one remaining disk has not begun', async (t) => {
  t.equal(new HandJob(1).hear({ bytes: 5 }).etaSeconds, null)
  const job = new HandJob(2)
  for (let s = 2; s <= 60; s += 2) job.hear({ bytes: s * MB }, undefined)
  t.match(job.progress, { etaSeconds: null })
  t.notOk('etaLowSeconds' in (job.progress ?? {}))
  t.ok((job.progress?.disks[0]?.etaSeconds ?? 0) > 0, 'the disk that moves has its own')
})

t.test("[ETA-1] the VMA's own speed and ETA, which change with every report, are not taken", async (t) => {
  t.equal(new HandJob(1).hear({ bytes: 5, speedBps: 7 * MB, etaSeconds: 3 }).etaSeconds, null)
})

t.test('[ETA-1] an answer that is lost takes no ETA away; a source that is silent for 30 s does', async (t) => {
  const job = new HandJob(1)
  const { bytes } = job.goOn(60, 100 * MB)
  t.equal(job.hear(undefined).etaSeconds, 40)
  const updatedAt = job.now - 4_000
  while (job.now < updatedAt + 30_000) t.equal(job.hear({ bytes, updatedAt }).etaSeconds, 40)
  t.equal(job.hear({ bytes, updatedAt }).etaSeconds, null)
})

t.test('[ETA-1] a stalled job has no ETA; a disk that stalls takes it from the job', async (t) => {
  const one = new HandJob(1)
  one.goOn(60, 100 * MB)
  t.equal(one.goOn(58, 0).etaSeconds, 40)
  t.match(one.goOn(2, 0), { etaSeconds: null, rate: { bps: 0 } })
  const two = new HandJob(2)
  two.goOn(60, 50 * MB, 50 * MB)
  t.match(two.goOn(60, 50 * MB, 0), { etaSeconds: null, rate: { bps: 50 * MB, movedAt: two.now - 2_000 } })
})

t.test('[ETA-1] 0 when every byte has moved, and only then', async (t) => {
  const job = new HandJob(1)
  t.equal(job.hear({ bytes: TOTAL }).etaSeconds, 0)
  t.match(job.hear({ bytes: TOTAL, status: 'completed' }), { etaSeconds: 0, etaLowSeconds: 0, etaHighSeconds: 0 })
  t.equal(new HandJob(1).hear({ bytes: 0, totalBytes: 0, stage: 'Snapshot' }).etaSeconds, null)
  t.equal(new HandJob(1).hear({ bytes: 0, totalBytes: 0, status: 'completed' }).etaSeconds, 0)
})

t.test('[VERDICT-1] a disk that ends makes the job no slower than usual', async (t) => {
  const job = new HandJob(4)
  job.goOn(80, 100 * MB, 100 * MB, 100 * MB, 10 * MB)
  const done = { bytes: TOTAL, status: 'completed' } as const
  for (let s = 2; s <= 60; s += 2) job.hear(done, done, done, { bytes: (80 + s) * 10 * MB })
  t.match(job.progress?.rate, { bps: 10 * MB, usualBps: 10 * MB })
  t.equal(job.progress?.rate?.movedAt, job.now - 2_000)
})

t.test('[VERDICT-1] the last byte of a disk that has ended was a byte of the job', async (t) => {
  const job = new HandJob(2)
  job.goOn(20, MB, MB)
  const ended = job.now
  const still = { bytes: 20 * MB }
  job.hear({ bytes: TOTAL, status: 'completed' }, still)
  for (let i = 0; i < 20; i += 1) job.hear({ bytes: TOTAL, status: 'completed' }, still)
  t.equal(job.progress?.rate?.movedAt, ended)
})

t.test('[VERDICT-1] the minutes of set-up are no standstill, in the first run and in the next', async (t) => {
  for (const whole of [false, true]) {
    const job = new HandJob(1, whole)
    for (const run of ['1@5', '2@9']) {
      const setup = { status: 'preparing', stage: 'Setting up NBD', bytes: 0, run } as const
      for (let s = 0; s < 300; s += 2) t.equal(job.hear(setup).rate, undefined)
      const began = job.now
      t.equal(job.hear({ bytes: 0, run }).rate?.movedAt, began)
      job.hear({ bytes: 5, run })
    }
  }
})

t.test('[AGG-4, ETA-1] a job that is asked as a whole has a rate of its own', async (t) => {
  const job = new HandJob(2, true).goOn(60, 50 * MB)
  t.match(job, { bytes: 3_000 * MB, etaSeconds: 140, rate: { bps: 50 * MB } })
  t.equal(job.disks[0]?.etaSeconds, null)
})

t.test('[ETA-1] a VMA without update times is timed by when its answers come', async (t) => {
  const job = new HandJob(1)
  job.withoutTimes = true
  for (let s = 2; s <= 20; s += 2) job.hear({ bytes: s * 100 * MB })
  t.equal(job.progress?.etaSeconds, 80)
})
