/** The soak's own judgement: what it calls flat, back and bad. */

import fc from 'fast-check'
import t from 'tap'
import { badLines } from './process-log.ts'
import { secondHalf, slopeOf, type Point } from './slopes.ts'
import { judgeRun, type Sample } from './verdict.ts'

const line = (count: number, value: (at: number) => number): Point[] =>
  Array.from({ length: count }, (_, i) => ({ at: i * 10, value: value(i * 10) }))

t.test('a line has its slope, whatever a few samples say', async (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: -50, max: 50 }),
      fc.integer({ min: 0, max: 1_000 }),
      fc.array(fc.integer({ min: 0, max: 39 }), { maxLength: 5 }),
      fc.integer({ min: -100_000, max: 100_000 }),
      (perSecond, from, hit, by) => {
        const points = line(40, (at) => from + perSecond * at).map((point, i) =>
          hit.includes(i) ? { ...point, value: point.value + by } : point,
        )
        const { perHour, growth } = slopeOf(points)
        return Math.abs(perHour - perSecond * 3_600) < 1e-6 && Math.abs(growth - perSecond * 390) < 1e-6
      },
    ),
  )
  t.match(slopeOf([]), { mean: 0, perHour: 0, growth: 0, points: 0 }, 'nothing is flat')
  t.same(
    secondHalf(line(5, () => 1)).map(({ at }) => at),
    [20, 30, 40],
  )
})

const samples = (figure: string, value: (at: number) => number): Sample[] =>
  line(20, value).map(({ at, value: of }) => ({ at, figures: { [figure]: of } }))
const still = (figure: string, value: number): Sample => ({ at: 0, figures: { [figure]: value } })

t.test('a leak is found, a level that swings is none', async (t) => {
  const judge = (value: (at: number) => number, end = 4) =>
    judgeRun(
      { baseline: still('sockets', 4), samples: samples('sockets', value), end: still('sockets', end) },
      { sockets: { share: 0.1, atLeast: 3, stays: 2 } },
    )[0]?.fault
  t.equal(
    judge((at) => 40 + (at % 20)),
    undefined,
    'swings',
  )
  t.equal(
    judge((at) => 400 - at),
    undefined,
    'falls',
  )
  t.match(
    judge((at) => 40 + at),
    /rises by/,
    'one socket a second',
  )
  t.match(
    judge(() => 40, 7),
    /7 at the end, 4 before/,
    'they stayed',
  )
  t.equal(
    judge(() => 40, 6),
    undefined,
    'two may stay',
  )
})

t.test('a slope of too few samples proves nothing', async (t) => {
  const few = [0, 10, 20].map((at) => ({ at, figures: { jobs: 5 } }))
  const [judged] = judgeRun(
    { baseline: still('jobs', 0), samples: few, end: still('jobs', 0) },
    { jobs: { share: 0.1 } },
  )
  t.match(judged?.fault, /no slope/)
})

t.test('a rejection, an exception and a warning of Node are found in a log', async (t) => {
  const log = [
    '{"level":40,"msg":"the database did not take a write; it is kept"}',
    '(node:12) ExperimentalWarning: SQLite is an experimental feature',
    '(node:12) MaxListenersExceededWarning: Possible EventEmitter memory leak detected.',
    '[UnhandledPromiseRejection: This error originated …]',
    'Uncaught Error: x',
    '{"level":60,"msg":"x"}',
  ].join('\n')
  t.equal(badLines(log).length, 4)
})
