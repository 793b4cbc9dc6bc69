import t from 'tap'
import { clockSkew, inOurClock, isStaleRun } from '../../src/model/runs.ts'

const created = Date.parse('2025-09-09T11:48:50.709Z')
const at = (offsetMs: number) => ({ key: 'k', updatedAt: created + offsetMs })

t.test('[RUN-1] what was last heard of before the job existed is an earlier run', async (t) => {
  t.equal(isStaleRun(at(-5_001), created), true)
  t.equal(isStaleRun(at(1), created), false)
  t.equal(isStaleRun({ key: 'k' }, created), false, 'without times there is nothing to hold against it')
})

t.test('[RUN-1] a time in whole seconds may be any moment of that second', async (t) => {
  t.equal(isStaleRun({ key: 'k', updatedAt: Date.parse('2025-09-09T11:48:50Z') }, created), false)
  t.equal(isStaleRun({ key: 'k', updatedAt: Date.parse('2025-09-09T11:48:49Z') }, created), true)
})

t.test("[RUN-1] clocks five minutes apart are compared through the VMA's own", async (t) => {
  const fast = 300_000
  const sample = { key: 'k', updatedAt: created - 10_000 + fast, startedAt: created - 60_000 + fast }
  t.equal(isStaleRun(sample, created), false, 'read naively, the old run looks new')
  const skew = clockSkew(created + 2_000 + fast, undefined, created + 2_000)
  t.equal(isStaleRun(inOurClock(sample, skew), created), true)
})

t.test('[RUN-1] a Date header has whole seconds: less than one apart is no skew', async (t) => {
  t.equal(clockSkew(undefined, created - 709, created), 0)
  t.equal(clockSkew(undefined, undefined, created), 0)
  t.ok(Math.abs(clockSkew(undefined, created - 709 - 300_000, created) + 300_000) <= 500)
})
