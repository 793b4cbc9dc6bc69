import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import { JobHistory, type HistorySample } from '../../src/model/history.ts'
import { historyJson } from '../../src/model/history-json.ts'
import { MAX_POINTS, MAX_STAGES } from '../../src/model/history-record.ts'
import { rfc3339 } from '../../src/model/time.ts'
import { JOB_STATUSES } from '../../src/model/words.ts'

const START = Date.parse('2025-09-05T15:26:15Z')
const GIB = 1_073_741_824

function sample(fields: Partial<HistorySample> = {}): HistorySample {
  return { at: START, bytes: 0, percent: 0, stage: 'Transfer', status: 'replicating', ...fields }
}

function recorded(samples: readonly HistorySample[]): JobHistory {
  const history = new JobHistory()
  for (const one of samples) history.sample(one)
  return history
}

/** One run: `count` samples every `everyMs`, `step` bytes each. */
function run(count: number, everyMs: number, step: number): HistorySample[] {
  return Array.from({ length: count }, (_, i) =>
    sample({ at: START + i * everyMs, bytes: i * step, percent: (i * 100) / count }),
  )
}

/** All that moved, over all runs. */
function moved(bytes: readonly number[]): number {
  return bytes.reduce((sum, now, i) => sum + Math.max(0, now - (bytes[i - 1] ?? now)), 0)
}

const gaps = fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 40 * 86_400_000 }))
const anyStep = fc.record({
  gap: gaps,
  bytes: fc.oneof(fc.integer({ min: 0, max: 1_000 }), fc.maxSafeNat(), fc.double()),
  percent: fc.oneof(fc.double({ min: 0, max: 100 }), fc.double()),
  stage: fc.oneof(fc.constantFrom('Transfer', 'Snapshot', ''), fc.string({ unit: 'binary', maxLength: 300 })),
  status: fc.constantFrom(...JOB_STATUSES),
})
/** Whatever a VMA may say, in the order in which it arrives; now and then the clock is set back. */
const samples = fc.array(anyStep, { maxLength: 600, size: 'max' }).map((steps) => {
  let at = START
  return steps.map(({ gap, ...rest }): HistorySample => {
    at += gap
    return { at: gap % 97 === 3 ? at - 60_000 : at, ...rest }
  })
})

t.test('[API-3] a history is bounded, in order and within 0..100, whatever is told', async () => {
  fc.assert(
    fc.property(samples, (told) => {
      const history = recorded(told)
      const points = history.points()
      if (points.length > MAX_POINTS || history.stages.length > MAX_STAGES) return false
      if (told.length > 0 && points.length === 0) return false
      return (
        points.every((p, i) => i === 0 || p.at > (points[i - 1]?.at ?? 0)) &&
        points.every((p) => p.percent >= 0 && p.percent <= 100 && Number.isSafeInteger(p.bytes) && p.bytes >= 0) &&
        history.stages.every((s, i) => {
          const next = history.stages[i + 1]
          return next === undefined || (s.endedAt !== null && s.endedAt >= s.startedAt && next.startedAt >= s.endedAt)
        })
      )
    }),
    { numRuns: 200 },
  )
})

t.test('[API-3] the first and the newest point stay, and halving loses no byte that moved', async () => {
  const plain = fc
    .array(fc.record({ gap: fc.integer({ min: 1, max: 9_000 }), step: fc.nat({ max: GIB }), again: fc.nat(99) }), {
      minLength: 1,
      maxLength: 1_500,
      size: 'max',
    })
    .map((steps) => {
      let at = START
      let bytes = 0
      let runs = 0
      return steps.map(({ gap, step, again }) => {
        at += gap
        if (again === 0 && runs < 16) {
          runs += 1
          bytes = 0
        } else bytes += step
        return sample({ at, bytes, percent: bytes % 101 })
      })
    })
  fc.assert(
    fc.property(plain, (told) => {
      const points = recorded(told).points()
      const [first, last] = [told[0], told.at(-1)]
      return (
        points[0]?.at === first?.at &&
        points[0]?.bytes === first?.bytes &&
        points.at(-1)?.at === last?.at &&
        points.at(-1)?.bytes === last?.bytes &&
        moved(points.map((p) => p.bytes)) === moved(told.map((s) => s.bytes))
      )
    }),
    { numRuns: 200 },
  )
})

t.test('[API-3] a run of any length is drawn from its start at even distances', async (t) => {
  for (const [hours, everyMs] of [
    [0.05, 250],
    [1, 2_000],
    [30, 5_000],
    [24 * 60, 60_000],
  ] as const) {
    const count = Math.floor((hours * 3_600_000) / everyMs)
    const history = recorded(run(count, everyMs, 1_000))
    const points = history.points()
    t.ok(points.length > MAX_POINTS / 3, `${hours} h: ${points.length} points`)
    t.equal(points[0]?.at, START)
    const distances = points.slice(2, -1).map((p, i) => p.at - (points[i + 1]?.at ?? 0))
    const slack = Math.max(...distances) - Math.min(...distances)
    t.ok(slack <= everyMs, `${hours} h: every ${history.resolutionMs} ms, ${slack} ms apart at most`)
  }
})

t.test('[API-3] rates are means between points, and absent where a run began', async (t) => {
  const history = recorded([
    sample({ bytes: 100 }),
    sample({ at: START + 2_000, bytes: 2_100, percent: 40 }),
    sample({ at: START + 4_000, bytes: 5_100, percent: 99.999 }),
    sample({ at: START + 6_000, bytes: 50, percent: 1 }),
    sample({ at: START + 8_000, bytes: 1_050, percent: 100 }),
  ])
  t.same(
    history.points().map(({ rateBps, percent }) => [rateBps, percent]),
    [
      [null, 0],
      [1_000, 40],
      [1_500, 99.99],
      [null, 1],
      [500, 100],
    ],
  )
})

t.test('[API-3] within one slot the newest sample replaces the one before, and that is worth no write', async (t) => {
  const history = new JobHistory()
  t.ok(history.sample(sample()))
  t.ok(history.sample(sample({ at: START + 100, bytes: 1 })))
  t.notOk(history.sample(sample({ at: START + 200, bytes: 2 })))
  t.equal(history.size, 2)
  t.equal(history.newestBytes, 2)
  t.ok(history.sample(sample({ at: START + 2_000, bytes: 3 })))
  t.ok(history.sample(sample({ at: START + 2_100, bytes: 4, stage: 'Finalize' })), 'a stage is always worth one')
})

t.test(
  '[API-3] the timeline: stages in order, the last open until the end, a new run an entry of its own',
  async (t) => {
    const history = recorded([
      sample({ stage: 'Snapshot', status: 'snapshotting' }),
      sample({ at: START + 1_000, status: 'replicating', bytes: 500 }),
      sample({ at: START + 2_000, status: 'streaming', bytes: 900 }),
      sample({ at: START + 3_000, status: 'streaming', bytes: 0 }),
    ])
    t.same(
      history.stages.map(({ stage, status, startedAt, endedAt }) => [stage, status, startedAt - START, endedAt]),
      [
        ['Snapshot', 'snapshotting', 0, START + 1_000],
        ['Transfer', 'streaming', 1_000, START + 3_000],
        ['Transfer', 'streaming', 3_000, null],
      ],
    )
    t.ok(history.end(START + 9_000, 'failed'))
    t.notOk(history.end(START + 10_000, 'failed'), 'an end happens once')
    t.match(history.stages.at(-1), { status: 'failed', endedAt: START + 9_000 })
  },
)

t.test('[API-3] stages that do not fit go after the first, and are counted', async (t) => {
  const history = recorded(
    Array.from({ length: MAX_STAGES + 10 }, (_, i) => sample({ at: START + i, stage: `stage ${i}` })),
  )
  t.equal(history.stages.length, MAX_STAGES)
  t.equal(history.stages[0]?.stage, 'stage 0')
  t.equal(history.stages[1]?.stage, 'stage 11')
  t.equal(history.stagesDropped, 10)
})

t.test('[API-3] what is written is read back, and goes on as if nothing had been between', async () => {
  fc.assert(
    fc.property(samples, samples, (before, after) => {
      const history = recorded(before)
      const copy = JobHistory.decode(history.encode())
      for (const one of after) if (history.sample(one) !== copy.sample(one)) return false
      return copy.encode() === history.encode() && JSON.stringify(copy.points()) === JSON.stringify(history.points())
    }),
    { numRuns: 100 },
  )
})

t.test('[API-3] anything else is read as an empty history, never as a fault', async () => {
  const empty = new JobHistory().encode()
  const reads = (text: string): boolean => {
    const history = JobHistory.decode(text)
    const json = historyJson('job-1', history, (at) => rfc3339(at, 'Europe/London'))
    return history.size === 0 ? history.encode() === empty : json.points.length <= MAX_POINTS
  }
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => JobHistory.decode(text).encode() === empty))
  // One value of a good record replaced by another: still good, or nothing at all.
  const good = recorded(run(300, 2_000, 1_000)).encode()
  const odd = fc.oneof(
    fc.constantFrom(null, -1, 0.5, 1e300, 2 ** 53, 8.64e15, 'x', {}, [], [[]], true),
    fc.array(fc.integer()),
    fc.anything(),
  )
  const name = fc.constantFrom('v', 'r', 't', 'b', 'p', 's', 'x')
  fc.assert(
    fc.property(name, odd, fc.nat({ max: 200 }), fc.boolean(), (key, value, at, inside) => {
      const record = JSON.parse(good) as Record<string, unknown>
      const list = record[key]
      if (inside && Array.isArray(list)) list[at] = value
      else record[key] = value
      return reads(text(record))
    }),
    { numRuns: 1_000 },
  )
})

function text(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item)) ?? ''
}

t.test('[API-3] a restart: what was recorded since follows what was stored', async (t) => {
  const all = run(400, 2_000, 1_000)
  const stored = recorded(all.slice(0, 250))
  const since = recorded(all.slice(250))
  const merged = JobHistory.decode(stored.encode()).follow(since)
  t.equal(merged.points()[0]?.at, START)
  t.equal(merged.newestBytes, 399_000)
  t.equal(merged.stages.length, 1, 'the stage goes on')
  t.equal(merged.stages[0]?.startedAt, START)
  const anew = recorded(run(3, 2_000, 10).map((s) => ({ ...s, at: s.at + 900_000 })))
  const broken = merged.follow(anew)
  t.equal(broken.stages.length, 2, 'bytes that begin again are a new run')
  t.equal(broken.points().filter(({ rateBps }) => rateBps === null).length, 2)
})

t.test('[API-3] a job takes under 4 KiB of memory and 5 KB of text, however long it runs', async (t) => {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  const used = (): number => {
    if (typeof gc === 'function') Reflect.apply(gc, undefined, [])
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const COUNT = 2_000
  const long = run(1_000, 60_000, 5 * GIB).map((s, i) => ({ ...s, stage: `Stage ${Math.floor(i / 100)}` }))
  recorded(long)
  const before = used()
  const kept = Array.from({ length: COUNT }, () => recorded(long))
  const each = (used() - before) / COUNT
  t.equal(kept[COUNT - 1]?.stages.length, 10)
  t.ok(each < 4_096, `${Math.round(each)} bytes a job`)
  const wide = recorded(
    Array.from({ length: 5_000 }, (_, i) =>
      sample({ at: START + i * 3_600_007, bytes: i % 300 === 299 ? 0 : i * 1_000_000_007_123, percent: i % 100 }),
    ),
  )
  t.ok(wide.encode().length < 5_000, `${wide.encode().length} characters`)
})

t.test('[API-3, API-6] as JSON: times with the offset of the zone, whole bytes', async (t) => {
  const history = recorded([
    sample({ bytes: 1_000.7, percent: 2.1728515625 }),
    sample({ at: START + 3_000, bytes: 2_001 }),
  ])
  history.end(START + 3_000, 'completed')
  t.same(
    historyJson('job-1', history, (at) => rfc3339(at, 'Europe/London')),
    {
      job_id: 'job-1',
      resolution_ms: 2_000,
      points: [
        { at: '2025-09-05T16:26:15+01:00', percent: 2.17, bytes_transferred: 1_000, rate_bps: null },
        { at: '2025-09-05T16:26:18+01:00', percent: 0, bytes_transferred: 2_001, rate_bps: 334 },
      ],
      stages: [
        {
          stage: 'Transfer',
          status: 'completed',
          started_at: '2025-09-05T16:26:15+01:00',
          ended_at: '2025-09-05T16:26:18+01:00',
        },
      ],
      stages_dropped: 0,
    },
  )
})
