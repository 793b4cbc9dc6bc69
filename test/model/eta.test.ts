import fc from 'fast-check'
import t from 'tap'
import { ARRIVED, etaFrom, later, type Eta } from '../../src/model/eta.ts'
import type { RateSummary } from '../../src/model/rate.ts'

const rate = (bps: number | null, lowBps = bps, highBps = bps): RateSummary => ({
  bps,
  lowBps,
  highBps,
  usualBps: null,
  movedAt: 0,
})

t.test('[ETA-1] what is left over the rate; the slowest of the rates gives the high bound', async (t) => {
  t.same(etaFrom(1_000, rate(100, 50, 200)), { seconds: 10, low: 5, high: 20 })
  t.same(etaFrom(1, rate(100)), { seconds: 1, low: 1, high: 1 }, 'not 0 while a byte is left')
  t.same(etaFrom(0, rate(null)), ARRIVED)
})

t.test('[ETA-1] null when unknown or stalled, never 0', async (t) => {
  t.equal(etaFrom(1_000, rate(null)), null)
  t.equal(etaFrom(1_000, rate(0)), null)
})

t.test('[ETA-1] null if and only if the rate is unknown or 0; 0 < low ≤ seconds ≤ high otherwise', async () => {
  const known = fc
    .tuple(...Array.from({ length: 3 }, () => fc.double({ min: 1e-6, max: 1e12, noNaN: true })))
    .map((all) => all.toSorted((a, b) => a - b))
    .map(([low = 1, bps = 1, high = 1]) => rate(bps, low, high))
  const any = fc.oneof(known, fc.constant(rate(null)), fc.constant(rate(0)))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), any, (left, summary) => {
      const eta = etaFrom(left, summary)
      if (eta === null) return !summary.bps
      return !!summary.bps && eta.low > 0 && eta.low <= eta.seconds && eta.seconds <= eta.high
    }),
  )
})

t.test("[AGG-1, ETA-1] the job's ETA is its slowest disk's, unknown as soon as one is", async (t) => {
  const a: Eta = { seconds: 10, low: 9, high: 11 }
  const b: Eta = { seconds: 8, low: 2, high: 40 }
  t.same([a, b].reduce<Eta | null>(later, ARRIVED), { seconds: 10, low: 9, high: 40 })
  t.equal(later(a, null), null)
  t.equal(later(b, b), b)
})
