import fc from 'fast-check'
import t from 'tap'
import { backoffMs, nextDue, pollOffset, skippedPolls } from '../../src/model/schedule.ts'

t.test("[POLL-2] due times are a grid of the job's own: no drift, never now", async () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.integer({ min: 100, max: 60_000 }),
      fc.integer({ min: 0, max: 2 ** 42 }),
      (id, interval, now) => {
        const offset = pollOffset(id, interval)
        const due = nextDue(now, offset, interval)
        return (
          due > now &&
          due - now <= interval &&
          (due - offset) % interval === 0 &&
          nextDue(due, offset, interval) === due + interval
        )
      },
    ),
  )
})

t.test('[POLL-2] ten thousand jobs spread evenly over the interval', async (t) => {
  const perSlice = Array.from({ length: 20 }, () => 0)
  for (let i = 0; i < 10_000; i += 1) {
    const slice = Math.floor(pollOffset(`job-20250905-${String(i).padStart(6, '0')}`, 2_000) / 100)
    perSlice[slice] = (perSlice[slice] ?? 0) + 1
  }
  t.ok(Math.min(...perSlice) > 400 && Math.max(...perSlice) < 600, `500 ± 100 in each 100 ms: ${perSlice.join(' ')}`)
})

t.test('[POLL-2] polls that passed unused are counted', async (t) => {
  t.equal(skippedPolls(1_000, 1_500, 2_000), 0)
  t.equal(skippedPolls(1_000, 5_500, 2_000), 2)
})

t.test('[POLL-5] 5, 10, 20, 40 s, within the jitter', async (t) => {
  t.same(
    [1, 2, 3, 4, 9].map((errors) => backoffMs(errors, 5_000, 0.5)),
    [5_000, 10_000, 20_000, 40_000, 40_000],
  )
  t.equal(backoffMs(1, 5_000, 0), 4_500)
  t.equal(backoffMs(1, 5_000, 1), 5_500)
})
