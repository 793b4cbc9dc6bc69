import t from 'tap'
import { formatEta, formatMibps, formatMoved, formatMs, formatPercent } from '../../src/cli/format.ts'
import { GIB, MIB } from '../../src/model/units.ts'

t.test('remaining time fits six columns at every size, and an unknown one is no zero', async (t) => {
  const cases: readonly (readonly [number | null, string])[] = [
    [null, '-'],
    [Number.NaN, '-'],
    [-1, '-'],
    [0, '0s'],
    [59.4, '59s'],
    [59.6, '1m00s'],
    [185, '3m05s'],
    [3_599, '59m59s'],
    [3_600, '1h00m'],
    [8_040, '2h14m'],
    [86_370, '1d00h'],
    [442_800, '5d03h'],
    [86_400 * 998, '998d00h'],
    [1e12, '>999d'],
  ]
  for (const [seconds, text] of cases) t.equal(formatEta(seconds), text)
})

t.test('percent never rounds up to 100', async (t) => {
  t.same([0, 2.1728515625, 49.99, 99.99, 100].map(formatPercent), ['0.0%', '2.1%', '49.9%', '99.9%', '100%'])
})

t.test('speed is MiB/s', async (t) => {
  t.same([12_013_439, 0, 400 * MIB, 3_000 * MIB].map(formatMibps), ['11.5', '0.0', '400', '3000'])
})

t.test('moved and total share the total’s unit; without a total only the moved bytes', async (t) => {
  t.equal(formatMoved(19_058_917_376, 38_654_705_664), '17.7/36.0 GiB')
  t.equal(formatMoved(0, 1.5 * GIB), '0.00/1.50 GiB')
  t.equal(formatMoved(3 * MIB, 0), '3.00 MiB')
})

t.test('milliseconds', async (t) => {
  t.same([0.84, 14.2, 250, Number.NaN].map(formatMs), ['0.8', '14', '250', '-'])
})
