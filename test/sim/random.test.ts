import fc from 'fast-check'
import t from 'tap'
import { mixSeed, Random } from '../../src/sim/random.ts'

t.test('the same seed draws the same numbers; another seed draws others', async (t) => {
  const draws = (seed: number): readonly number[] => {
    const random = new Random(seed)
    return Array.from({ length: 20 }, () => random.next())
  }
  t.same(draws(7), draws(7))
  t.not(draws(7)[0], draws(8)[0])
  t.not(mixSeed(1, 2), mixSeed(2, 1), 'the order of the parts of a seed matters')
})

t.test('draws stay within their bounds', async () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: 0, max: 1_000 }),
      (seed, low, span) => {
        const random = new Random(seed)
        const whole = random.integer(low, low + span)
        const log = random.logBetween(low, low + span)
        return Number.isInteger(whole) && whole >= low && whole <= low + span && log >= low && log <= low + span
      },
    ),
  )
})

t.test('numbers are spread evenly enough to plan shares of a fleet', async (t) => {
  const random = new Random(1)
  let hits = 0
  for (let n = 0; n < 10_000; n += 1) if (random.chance(0.3)) hits += 1
  t.ok(hits > 2_800 && hits < 3_200, `0.3 of 10 000 draws is about 3 000, not ${hits}`)
})

t.test('uuids have the form of version 4', async (t) => {
  const random = new Random(3)
  const uuids = Array.from({ length: 100 }, () => random.uuid())
  for (const uuid of uuids) t.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  t.equal(new Set(uuids).size, 100)
})
