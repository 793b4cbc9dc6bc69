import fc from 'fast-check'
import t from 'tap'
import { RateRing, STALLED_MS, type RateSummary } from '../../src/model/rate.ts'

const START = Date.parse('2025-09-05T15:24:43Z')
const MB = 1_000_000

/** A ring driven by hand: every 2 s (or as told) some bytes more. */
class Source {
  readonly ring = new RateRing()
  at = START
  bytes = 0
  run = '1@5'

  constructor() {
    this.ring.observe(this.at, this.bytes, this.run)
  }

  move(bytes: number, ms = 2_000): this {
    this.at += ms
    this.bytes += bytes
    this.ring.observe(this.at, this.bytes, this.run)
    return this
  }

  /** `seconds` at so many bytes per second, a report each 2 s. */
  goOn(seconds: number, bps: number): this {
    for (let s = 0; s < seconds; s += 2) this.move(2 * bps)
    return this
  }

  get rate(): RateSummary {
    return this.ring.summary()
  }
}

t.test('[ETA-1] a rate is unknown until bytes have moved for longer than times are rounded to', async (t) => {
  const source = new Source()
  t.match(source.rate, { bps: null, lowBps: null, highBps: null, usualBps: null, movedAt: START })
  t.equal(source.move(20 * MB).rate.bps, null)
  t.match(source.move(20 * MB).rate, { bps: 10 * MB, lowBps: 5 * MB, highBps: 20 * MB }, 'with wide bounds at first')
  t.equal(source.rate.movedAt, START + 4_000)
})

t.test('[ETA-1] bounds come closer with what is known, and lie as far apart as the rates do', async (t) => {
  const even = new Source().goOn(300, 10 * MB).rate
  t.equal(even.bps, 10 * MB)
  t.ok(even.lowBps !== null && even.lowBps > 9.5 * MB)
  t.ok(even.highBps !== null && even.highBps < 10.5 * MB)
  const source = new Source()
  for (let i = 0; i < 15; i += 1) source.goOn(10, 5 * MB).goOn(10, 15 * MB)
  t.ok((source.rate.lowBps ?? 0) <= 5 * MB && (source.rate.highBps ?? 0) >= 15 * MB)
})

t.test('[ETA-1] a sparse disk that jumps over its holes does not change the rate', async (t) => {
  const source = new Source().goOn(60, 10 * MB)
  t.equal(source.move(20_000 * MB).goOn(60, 10 * MB).rate.bps, 10 * MB)
})

t.test('[ETA-1] a pause does not change the rate, and after it the rate is there at once', async (t) => {
  const source = new Source().goOn(60, 10 * MB).goOn(40, 0)
  t.equal(source.rate.bps, 10 * MB)
  t.equal(source.goOn(4, 10 * MB).rate.bps, 10 * MB)
})

t.test(
  '[ETA-1, VERDICT-1] the rate follows a real change within half a minute; what is usual takes longer',
  async (t) => {
    const source = new Source().goOn(120, 10 * MB).goOn(30, 2 * MB)
    t.match(source.rate, { bps: 2 * MB, usualBps: 10 * MB })
    t.match(source.goOn(300, 2 * MB).rate, { bps: 2 * MB, usualBps: 2 * MB })
  },
)

t.test('[VERDICT-1] what is usual is not known in the first minute', async (t) => {
  t.equal(new Source().goOn(58, MB).rate.usualBps, null)
  t.equal(new Source().goOn(60, MB).rate.usualBps, MB)
})

t.test('[ETA-1] a minute without a byte is rate 0; the next byte brings the rate back', async (t) => {
  const source = new Source().goOn(60, 10 * MB)
  const movedAt = source.at
  t.match(source.goOn(58, 0).rate, { bps: 10 * MB, movedAt })
  t.match(source.goOn(2, 0).rate, { bps: 0, lowBps: 0, highBps: 0, movedAt })
  t.match(source.move(20 * MB).rate, { bps: 10 * MB, movedAt: source.at })
})

t.test('[VERDICT-1] a repeated answer is no observation', async (t) => {
  const source = new Source().goOn(20, MB)
  const before = source.rate
  for (let i = 0; i < 100; i += 1) source.move(0, 0)
  t.same(source.rate, before)
})

t.test('[ETA-1] a new run begins with nothing known, and so do fewer bytes', async (t) => {
  const next = new Source().goOn(120, 10 * MB)
  next.run = '2@9'
  next.bytes = 0
  t.match(next.move(0).rate, { bps: null, usualBps: null, movedAt: next.at })
  t.match(next.goOn(10, MB).rate, { bps: MB, lowBps: MB / 2, highBps: 2 * MB }, 'the last run is no bound of this one')
  const fewer = new Source().goOn(120, 10 * MB)
  fewer.bytes = 5
  t.match(fewer.move(0).rate, { bps: null, movedAt: fewer.at })
})

t.test('[ETA-1] a clock that is set back an hour takes the history with it', async (t) => {
  const source = new Source().goOn(120, 10 * MB)
  source.at -= 3_600_000
  t.match(source.move(20 * MB).rate, { bps: 10 * MB, usualBps: 10 * MB, movedAt: source.at })
  t.equal(source.goOn(300, 10 * MB).rate.bps, 10 * MB)
})

t.test('[ETA-1] times that waver by a second are one clock', async (t) => {
  const source = new Source()
  for (let i = 1; i <= 60; i += 1) {
    const waver = i % 2 === 0 ? 500 : -500
    source.ring.observe(START + i * 2_000 + waver, i * 2 * MB)
  }
  const { bps, usualBps } = source.rate
  t.ok(Math.abs((bps ?? 0) - MB) < 0.15 * MB && Math.abs((usualBps ?? 0) - MB) < 0.15 * MB)
})

const step = fc.record({
  bytes: fc.oneof(
    fc.constant(0),
    fc.nat(1_000),
    fc.maxSafeNat().map((n) => n / 1_000),
  ),
  ms: fc.oneof(fc.constantFrom(0, 2_000, 30_000, 90_000, -500, -3_600_000), fc.nat(20_000)),
  run: fc.constantFrom(undefined, '1@5', '1@5', '1@5', '2@9'),
})

t.test('[ETA-1] whatever comes: low ≤ rate ≤ high, never negative, 0 only when nothing moves', async () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const source = new Source()
      for (const { bytes, ms, run } of steps) {
        if (run === '2@9' && source.run !== run) source.bytes = 0
        source.run = run ?? source.run
        source.move(bytes, ms)
        const { bps, lowBps, highBps, usualBps, movedAt } = source.rate
        if (usualBps !== null && !(usualBps > 0)) return false
        if (movedAt > source.ring.headAt) return false
        const still = source.ring.headAt - movedAt >= STALLED_MS
        if ((bps === 0) !== still) return false
        if (bps === null || lowBps === null || highBps === null) {
          if (bps !== null || lowBps !== null || highBps !== null) return false
        } else if (!(lowBps >= 0 && lowBps <= bps && bps <= highBps && Number.isFinite(highBps))) return false
      }
      return true
    }),
    { numRuns: 500 },
  )
})

t.test('[ETA-1] an even transfer has its rate however irregularly it is heard of', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 55_000 }), { minLength: 3, maxLength: 200 }),
      fc.integer({ min: 1, max: 10_000_000 }),
      (gaps, bytesPerMs) => {
        const source = new Source()
        for (const ms of gaps) source.move(ms * bytesPerMs, ms)
        const { bps } = source.rate
        const isLongEnough = source.at - START >= 3_000
        if (bps === null) return !isLongEnough
        return Math.abs(bps - bytesPerMs * 1_000) <= bytesPerMs * 1e-6 * 1_000
      },
    ),
  )
})

t.test('[VERDICT-1] a ring takes 512 bytes, however long the transfer', async (t) => {
  const source = new Source()
  t.equal(source.ring.byteLength, 512)
  t.equal(source.goOn(7_200, MB).ring.byteLength, 512)
})
