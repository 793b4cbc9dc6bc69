import t from 'tap'
import { sharesOf } from '../../src/actors/fetch-link.ts'

t.test('[POLL-9] threads share the limit of a VMA, none has nothing, none is over', async (t) => {
  t.same(sharesOf(64, 1), [64])
  t.same(sharesOf(10, 4), [2, 2, 3, 3])
  t.same(sharesOf(2, 16), [1, 1])
  for (let max = 1; max < 40; max += 1)
    for (let threads = 1; threads <= 16; threads += 1) {
      const shares = sharesOf(max, threads)
      t.equal(
        shares.reduce((sum, share) => sum + share, 0),
        max,
        `${max} over ${threads}`,
      )
      t.ok(shares.every((share) => share >= 1))
    }
})
