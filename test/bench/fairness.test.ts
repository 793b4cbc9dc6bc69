/** How the overload bench tells who was starved. */

import t from 'tap'
import { Turns } from '../../bench/overload/fairness.ts'

t.test('equal turns are fair, a job without any is starved, and its gap is the whole span', async (t) => {
  const turns = new Turns(0)
  for (let at = 0; at < 1_000; at += 100) {
    turns.polled('a', at)
    turns.polled('b', at + 50)
  }
  const even = turns.read(['a', 'b'], 1_000)
  t.match(even, { jobs: 2, starved: 0, jain: 1, intervalMs: { least: 100, median: 100, most: 100 }, maxGapMs: 100 })
  const uneven = turns.read(['a', 'b', 'never'], 1_000)
  t.match(uneven, { starved: 1, maxGapMs: 1_000, medianGapMs: 100, intervalMs: { most: 1_000 } })
  t.ok(Math.abs(uneven.jain - 2 / 3) < 1e-9, 'two of three got all')
})

t.test('the wait before the first turn and after the last one counts as a gap', async (t) => {
  const turns = new Turns(0)
  turns.polled('late', 700)
  turns.polled('left', 10)
  t.equal(turns.read(['late'], 1_000).maxGapMs, 700)
  t.equal(turns.read(['left'], 1_000).maxGapMs, 990)
})
