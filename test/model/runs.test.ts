import t from 'tap'
import { clockGap, inOurClock, isStaleRun, isSuperseded, steadyClock, type SteadyClock } from '../../src/model/runs.ts'

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
  const gap = clockGap(created + 2_000 + fast, undefined, created + 2_000)
  t.equal(isStaleRun(sample, created, gap), true)
  t.match(inOurClock(sample, gap.skewMs), { updatedAt: created - 10_000, startedAt: created - 60_000 })
})

t.test('[RUN-1] a run that was over within its first second is not stale, whatever the skew', async (t) => {
  for (const skew of [0, 123, 299_643, -300_123]) {
    const theirs = Math.floor((created + 400 + skew) / 1_000) * 1_000
    const header = Math.floor((created + 2_000 + skew) / 1_000) * 1_000
    const gap = clockGap(undefined, header, created + 2_000)
    t.equal(isStaleRun({ key: 'k', updatedAt: theirs, startedAt: theirs }, created, gap), false, `skew ${skew}`)
  }
})

t.test('[RUN-1] where the clocks are too coarse to say, a run that began well before is the last one', async (t) => {
  const gap = clockGap(created, undefined, created)
  const ended = { key: 'k', updatedAt: created - 100 }
  t.equal(isStaleRun(ended, created, gap), false)
  t.equal(isStaleRun({ ...ended, startedAt: created - 60_000 }, created, gap), true)
})

t.test("[RUN-2] a run that began when a newer job of the same key was there already is that job's", async (t) => {
  const began = (offsetMs: number) => ({ key: 'k', startedAt: created + offsetMs, updatedAt: created + 3_600_000 })
  t.equal(isSuperseded(began(1), created), true)
  t.equal(isSuperseded(began(-60_000), created), false, 'our own run goes on after the newer job was created')
  t.equal(isSuperseded({ key: 'k', updatedAt: created + 1 }, created), false, 'without a start nothing is proved')
  const second = Math.floor(created / 1_000) * 1_000
  t.equal(isSuperseded({ key: 'k', startedAt: second }, created), true, 'whole seconds: it may be the same moment')
  t.equal(isSuperseded({ key: 'k', startedAt: second - 1_000 }, created), false)
})

t.test('[RUN-2] with clocks five minutes apart too', async (t) => {
  for (const skew of [300_000, -300_000]) {
    const gap = clockGap(created + 90_000 + skew, undefined, created + 90_000)
    t.equal(isSuperseded({ key: 'k', startedAt: created - 60_001 + skew }, created, gap), false, `${skew}`)
    t.equal(isSuperseded({ key: 'k', startedAt: created + 2_001 + skew }, created, gap), true, `${skew}`)
  }
})

t.test('[RUN-1] a Date header has whole seconds: less than one apart is no skew', async (t) => {
  t.equal(clockGap(undefined, created - 709, created).skewMs, 0)
  t.same(clockGap(undefined, undefined, created), { skewMs: 0, slackMs: 0, readMs: 0 })
  t.same(clockGap(undefined, Number.NaN, created), { skewMs: 0, slackMs: 0, readMs: 0 }, 'a header that is no date')
  const far = clockGap(undefined, created - 709 - 300_000, created)
  t.ok(Math.abs(far.skewMs + 300_000) <= far.slackMs)
})

const readAt = (writtenAt: number, receivedAt: number, before?: SteadyClock): SteadyClock =>
  steadyClock(before, clockGap(undefined, writtenAt, receivedAt), receivedAt)

t.test('[RUN-1] a header that a server writes once a second makes no time of a run flicker', async (t) => {
  for (const skew of [0, -900, 299_643, -300_123]) {
    let clock: SteadyClock | undefined
    const skews = new Set<number>()
    // The server's timer stands 0.9 s after the whole second: its header is up to 1.9 s old. Each tenth answer waits for 5 s.
    for (let sentAt = created; sentAt < created + 90_000; sentAt += 137) {
      const writtenAt = Math.floor((sentAt + skew - 900) / 1_000) * 1_000
      clock = readAt(writtenAt, sentAt % 10 === 8 ? sentAt + 5_000 : sentAt, clock)
      skews.add(clock.gap.skewMs)
    }
    t.equal(skews.size, 1, `skew ${skew}`)
  }
})

t.test(
  '[RUN-1] a clock that was set is read anew: forward or far back at once, a little back after a minute',
  async (t) => {
    const first = readAt(created, created)
    for (const step of [5_000, -60_000]) {
      const after = readAt(created + step, created, first)
      t.ok(Math.abs(after.gap.skewMs - step) <= 1_500, `${step} ms`)
    }
    let clock = first
    const read = (ms: number): void => void (clock = readAt(created + ms - 5_000, created + ms, clock))
    for (let ms = 2_000; ms <= 60_000; ms += 2_000) read(ms)
    t.equal(clock.gap.skewMs, first.gap.skewMs, 'answers may be late')
    read(62_000)
    t.ok(Math.abs(clock.gap.skewMs + 5_000) <= 1_500)
  },
)
