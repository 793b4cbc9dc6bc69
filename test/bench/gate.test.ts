import t from 'tap'
import { judge, LEAST_PAIRS, sentence } from '../../bench/gate/verdict.ts'

const pairs = (...ratios: readonly number[]) => ratios.map((ratio) => ({ base: 100, ours: 100 * ratio }))

t.test('the middle pair decides: one that a busy machine bent does not', async (t) => {
  t.same(judge(pairs(1.02, 0.98, 2.5)), { ratio: 1.02, least: 0.98, most: 2.5, isLoss: false })
  t.equal(judge(pairs(1.2, 1.3, 0.5)).isLoss, true)
  t.equal(judge(pairs(1.1, 1.16, 1.18, 1.3)).isLoss, true, 'of an even number the mean of the two in the middle')
  t.equal(judge(pairs(1.1, 1.12, 1.17, 1.3)).isLoss, false)
})

t.test('15 % more is no loss yet', async (t) => {
  t.equal(judge(pairs(1.15, 1.15, 1.15)).isLoss, false)
  t.equal(judge(pairs(1.151, 1.151, 1.151)).isLoss, true)
})

t.test('what tells nothing is refused, not passed', async (t) => {
  t.throws(() => judge(pairs(...Array.from({ length: LEAST_PAIRS - 1 }, () => 1))), /2 pairs are too few/)
  for (const bad of [0, -1, Number.NaN, Infinity]) {
    t.throws(() => judge([...pairs(1, 1), { base: bad, ours: 1 }]), /no cost of a poll/)
    t.throws(() => judge([...pairs(1, 1), { base: 1, ours: bad }]), /no cost of a poll/)
  }
})

t.test('it says how much and how far apart the pairs were', async (t) => {
  t.equal(
    sentence(judge(pairs(1.2, 1.3, 1.1))),
    'A poll costs 20.0 % more processor time than the base (ratio 1.200, pairs 1.10 to 1.30): more than 15 % is a loss.',
  )
  t.match(sentence(judge(pairs(0.9, 0.9, 0.9))), /costs 10\.0 % less .*: no loss\.$/)
})
