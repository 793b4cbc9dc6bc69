import t from 'tap'
import { formatBytes, formatMibps, formatMoved, formatPercent, grouped } from '../../../web/src/format/amounts.ts'
import { formatEta, formatSpan, timeOf } from '../../../web/src/format/times.ts'
import { naturalKey } from '../../../web/src/model/fleet.ts'

const GIB = 2 ** 30
const MIB = 2 ** 20

t.test('bytes have three figures and the unit that they are counted in', async (t) => {
  t.same([0, 999, 1_000, 17.8 * GIB, 999.4 * MIB, 2_048 * GIB].map(formatBytes), [
    '0 B',
    '999 B',
    '0.98 KiB',
    '17.8 GiB',
    '999 MiB',
    '2.00 TiB',
  ])
})

t.test('what was moved reaches the total, and 100 %, at the end only', async (t) => {
  t.equal(formatMoved(17.7999 * GIB, 17.8 * GIB), '17.7 / 17.8 GiB')
  t.equal(formatMoved(17.8 * GIB, 17.8 * GIB), '17.8 / 17.8 GiB')
  t.equal(formatMoved(3 * MIB, 0), '3.00 MiB', 'without a total there is no share of it')
  t.same([0, 41.77, 99.999, 100].map(formatPercent), ['0.0 %', '41.7 %', '99.9 %', '100 %'])
})

t.test('rates are MiB/s', async (t) => {
  t.same([0, 15.04 * MIB, 212.4 * MIB, 12_345.6 * MIB].map(formatMibps), ['0.0', '15.0', '212', '12,346'])
  t.same([0, 999, 1_000, 1_234_567].map(grouped), ['0', '999', '1,000', '1,234,567'])
})

t.test('an estimate is a range in one unit, and nothing where it is not known', async (t) => {
  t.equal(formatEta(null, null), undefined)
  t.equal(formatEta(300, 600), '5–10 min')
  t.equal(formatEta(14, 31.2), '14–32 s')
  t.equal(formatEta(20, 170), '≤ 3 min', 'its lower end is less than the unit')
  t.equal(formatEta(7_500, 12_600), '2.0–3.5 h')
  t.equal(formatEta(100_000, 300_000), '1.1–3.5 d')
  t.equal(formatEta(60, 60), '60 s')
  t.equal(formatEta(0, 0), 'done')
})

t.test('spans have two units at most', async (t) => {
  t.same([-5, 45, 250, 900, 7_500, 276_000].map(formatSpan), [
    '0 s',
    '45 s',
    '4 min 10 s',
    '15 min',
    '2 h 5 min',
    '3 d 4 h',
  ])
})

t.test('what is no time is none', async (t) => {
  t.equal(timeOf('2025-09-05T15:00:00Z'), Date.UTC(2025, 8, 5, 15))
  t.same([null, undefined, '', 'soon'].map(timeOf), [undefined, undefined, undefined, undefined])
})

t.test('names sort by their numbers', async (t) => {
  const names = ['web-10', 'Web-9', 'app-1', 'web-9b']
  t.same(
    names.toSorted((a, b) => (naturalKey(a) < naturalKey(b) ? -1 : 1)),
    ['app-1', 'Web-9', 'web-9b', 'web-10'],
  )
})
