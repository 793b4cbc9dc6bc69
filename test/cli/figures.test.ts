import t from 'tap'
import { closingLines, figuresOf, summarySegments, type Figures } from '../../src/cli/figures.ts'
import { Meter } from '../../src/telemetry/meter.ts'
import { Tally } from '../../src/cli/tally.ts'

const FIGURES: Figures = {
  active: 12,
  completed: 3,
  failed: 1,
  bytesPerSecond: 1_294_139_392,
  pollsPerSecond: 6,
  polls: 1_204,
  pollsFailed: 2,
  lateness: { p50: 1.2, p99: 14, max: 33 },
  loopDelay: { p50: 0.2, p99: 11, max: 20 },
}

t.test('the meter tells the rate over its span, not since the start', async (t) => {
  const meter = new Meter(5_000)
  t.equal(meter.mark(0, 0), 0)
  t.equal(meter.mark(1_000, 10), 10)
  t.equal(meter.mark(2_000, 20), 10)
  for (let at = 3_000; at <= 10_000; at += 1_000) meter.mark(at, 20)
  t.equal(meter.mark(11_000, 20), 0)
  t.equal(new Meter(5_000).mark(7, 3), 0, 'one mark is no rate')
})

t.test('the summary and the last lines', async (t) => {
  t.same(summarySegments(FIGURES), [
    '12 active',
    '3 done',
    '1 failed',
    '1234 MiB/s',
    '6.0 polls/s',
    'late p50 1.2 p99 14 ms',
    'loop p99 11 ms',
  ])
  t.matchSnapshot(closingLines(FIGURES).join('\n'))
})

t.test('polls that failed count as polls, and only live jobs as active', async (t) => {
  const delays = { p50: 0, p99: 0, max: 0 }
  const stats = { polls: { ok: 7, failed: { timeout: 2, http_5xx: 1 } }, lateness: delays, loopDelay: delays }
  t.match(figuresOf([], stats, new Tally(), new Meter(1), 5), { active: 0, polls: 10, pollsFailed: 3 })
})
