/** What the thread packs comes out as it went in, and reaches nobody else. */

import fc from 'fast-check'
import t from 'tap'
import { Seats } from '../../src/actors/seats.ts'
import type { DiskProgress, JobProgress } from '../../src/model/progress.ts'
import { Outbox } from '../../src/workers/outbox.ts'
import type { FetchTarget, FromFetch, PollResult } from '../../src/workers/protocol.ts'

const number = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e15, noNaN: true }))
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined })
const word = fc.constantFrom('a', 'b')

/** Absent fields are absent, as the model has them. */
const without = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T

const disk = fc
  .record({
    diskId: word,
    key: word,
    reporting: fc.boolean(),
    status: fc.constantFrom<DiskProgress['status']>('pending', 'syncing', 'completed'),
    percent: number,
    bytes: number,
    totalBytes: number,
    totalOrigin: fc.constantFrom<DiskProgress['totalOrigin']>('cbt', 'reported'),
    speedBps: number,
    etaSeconds: fc.option(number),
    run: maybe(word),
    startedAt: maybe(fc.nat(2)),
    updatedAt: maybe(number),
    syncType: maybe(word),
    changeId: maybe(word),
    previousChangeId: maybe(word),
  })
  .map((value) => without(value) as DiskProgress)
const progress = fc
  .record({
    status: maybe(fc.constantFrom<NonNullable<JobProgress['status']>>('replicating', 'failed')),
    stage: word,
    phase: word,
    percent: number,
    setupPercent: maybe(number),
    bytes: number,
    totalBytes: number,
    speedBps: number,
    etaSeconds: fc.option(number),
    etaLowSeconds: maybe(number),
    etaHighSeconds: maybe(number),
    rate: maybe(fc.record({ bps: fc.option(number), usualBps: fc.option(number), movedAt: number })),
    syncType: maybe(word),
    startedAt: maybe(fc.nat(2)),
    run: maybe(word),
    updatedAt: maybe(number),
    heardAt: maybe(number),
    error: maybe(word),
    disksReporting: fc.nat(2),
    disks: fc.array(disk, { maxLength: 3 }),
    unknownWord: maybe(word),
  })
  .map((value) => without(value) as JobProgress)

/** The same words, other numbers: what nearly every answer brings. */
const moved = (before: JobProgress, by: number): JobProgress => ({
  ...before,
  bytes: before.bytes + by,
  percent: before.percent + by / 2,
  speedBps: by,
  ...(before.updatedAt === undefined ? {} : { updatedAt: before.updatedAt + by }),
  etaSeconds: by % 2 === 0 ? null : by,
  disks: before.disks.map((one) => ({ ...one, bytes: one.bytes + by, etaSeconds: by % 3 === 0 ? null : by })),
})

const target = (slot: number, jobId: string): FetchTarget => ({ slot, jobId, vma: 0, createdAt: 0, plan: [] })

/** Both ends, with a wire of structured clones between them. */
class Wire {
  readonly seats = new Seats()
  readonly sent: Extract<FromFetch, { type: 'results' }>[] = []
  readonly #flushes: (() => void)[] = []
  readonly outbox = new Outbox(
    { postMessage: (message: unknown) => void this.sent.push(structuredClone(message) as (typeof this.sent)[number]) },
    (flush) => this.#flushes.push(flush),
  )

  track(slot: number, jobId: string): void {
    this.outbox.seat(slot, this.seats.take(target(slot, jobId)).seat)
  }

  /** The time for which results are gathered is over. */
  gather(): void {
    for (const flush of this.#flushes.splice(0)) flush()
  }

  arrive(): PollResult[] {
    this.gather()
    return this.sent.splice(0).flatMap(({ whole, numbers }) => this.seats.unpack(whole, numbers))
  }
}

t.test('[DB-2] a progress is the same on both sides, whole or as numbers', async (t) => {
  let packed = 0
  fc.assert(
    fc.property(progress, fc.array(fc.oneof(fc.nat(9), progress), { maxLength: 8 }), (first, steps) => {
      const wire = new Wire()
      wire.track(3, 'job')
      let now = first
      for (const step of [0, ...steps]) {
        now = typeof step === 'number' ? moved(now, step) : step
        wire.outbox.add({ slot: 3, ok: true, progress: now })
        wire.gather()
        if ((wire.sent[0]?.numbers.length ?? 0) > 0) packed += 1
        const [result] = wire.arrive()
        if (!result?.ok || JSON.stringify(sorted(result.progress)) !== JSON.stringify(sorted(now)))
          throw new Error(`${JSON.stringify(result)} came, and ${JSON.stringify(now)} was sent`)
      }
    }),
    { numRuns: 200 },
  )
  t.ok(packed > 200, `${packed} came as numbers`)
})

/** By key: a packed one keeps the order of the one before. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [key, sorted(field)]),
  )
}

const SIMPLE: JobProgress = {
  stage: 'Transfer',
  phase: 'Transfer',
  percent: 1,
  bytes: 1,
  totalBytes: 100,
  speedBps: 1,
  etaSeconds: null,
  disksReporting: 0,
  disks: [],
}

t.test('an answer for the job that sat there before reaches neither it nor the next one', async (t) => {
  const wire = new Wire()
  for (const [slot, jobId] of [
    [0, 'old'],
    [1, 'other'],
  ] as const)
    wire.track(slot, jobId)
  for (const slot of [0, 1]) wire.outbox.add({ slot, ok: true, progress: SIMPLE })
  t.equal(wire.arrive().length, 2)
  for (const slot of [0, 1]) wire.outbox.add({ slot, ok: true, progress: moved(SIMPLE, 5) })
  wire.gather()
  wire.seats.leave(0)
  const { seat } = wire.seats.take(target(0, 'new'))
  t.match(wire.arrive(), [{ slot: 1, progress: { bytes: 6 } }])
  wire.outbox.add({ slot: 0, ok: false, error: { code: 'timeout', message: 'of the old one, late' } })
  t.same(wire.arrive(), [])
  wire.outbox.seat(0, seat)
  wire.outbox.add({ slot: 0, ok: true, progress: SIMPLE })
  t.match(wire.arrive(), [{ slot: 0, progress: { bytes: 1 } }])
})

t.test(
  'a job that is told of anew keeps its seat, and a thread that takes over begins with whole results',
  async (t) => {
    const wire = new Wire()
    wire.track(0, 'job')
    wire.outbox.add({ slot: 0, ok: true, progress: SIMPLE })
    wire.arrive()
    wire.track(0, 'job')
    wire.outbox.add({ slot: 0, ok: true, progress: moved(SIMPLE, 2) })
    t.match(wire.arrive(), [{ progress: { bytes: 3 } }])
    const sent: FromFetch[] = []
    const flushes: (() => void)[] = []
    const next = new Outbox({ postMessage: (message: unknown) => void sent.push(message as FromFetch) }, (flush) =>
      flushes.push(flush),
    )
    for (const { slot, seat } of wire.seats.all()) next.seat(slot, seat)
    next.add({ slot: 0, ok: true, progress: moved(SIMPLE, 4) })
    for (const flush of flushes) flush()
    t.match(sent, [{ whole: [{ slot: 0, progress: { bytes: 5 } }] }])
  },
)

t.test('[POLL-10] whether anybody asked is told with each result, whole or as numbers', async (t) => {
  const wire = new Wire()
  wire.track(0, 'job')
  for (const [i, pushed] of [true, false, true, true, false].entries()) {
    const result = { slot: 0, ok: true, progress: moved(SIMPLE, i) } as const
    wire.outbox.add(pushed ? { ...result, pushed } : result)
    const [arrived] = wire.arrive()
    t.match(arrived, { progress: { bytes: SIMPLE.bytes + i } })
    t.equal(arrived?.ok === true && arrived.pushed === true, pushed)
  }
})

t.test('[POLL-10] of several results of one job at one time the last one stands', async (t) => {
  const wire = new Wire()
  for (const slot of [0, 1]) wire.track(slot, `job-${slot}`)
  wire.outbox.add({ slot: 0, ok: true, progress: SIMPLE })
  wire.arrive()
  wire.outbox.add({ slot: 0, ok: true, progress: moved(SIMPLE, 1), pushed: true })
  wire.outbox.add({ slot: 1, ok: true, progress: moved(SIMPLE, 1) })
  wire.outbox.add({ slot: 0, ok: true, progress: { ...moved(SIMPLE, 2), stage: 'Finalize' } })
  const results = wire.arrive()
  t.equal(results.length, 3)
  const last = results.findLast(({ slot }) => slot === 0)
  t.match(last, { progress: { bytes: 3, stage: 'Finalize' } })
})
