import fc from 'fast-check'
import t from 'tap'
import { fromWallClock, rfc3339, wallClock } from '../../src/model/time.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const ZONES = [
  'UTC',
  'Europe/London',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  // Its clocks moved at 00:01 until 2011, in the middle of a quarter hour.
  'America/St_Johns',
  'America/New_York',
  // Half an hour of summer time.
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Kiritimati',
] as const

const FORMATS = new Map(
  ZONES.map((zone) => [
    zone as string,
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }),
  ]),
)

/** What Intl says of one instant, with no memory of others: `2025-09-09 11:48:50.709`. */
function shown(at: number, zone: string): string {
  const format = FORMATS.get(zone)
  if (format === undefined) throw new Error(`no such zone here: ${zone}`)
  return `${format.format(at)}.${String(at - Math.floor(at / 1_000) * 1_000).padStart(3, '0')}`
}

function offset(at: number, zone: string): number {
  return Date.parse(`${shown(at, zone).replace(' ', 'T')}Z`) - at
}

/** Instants at which the zone's clocks moved, from 1990 to 2030, to the second. */
function changes(zone: string): number[] {
  const found: number[] = []
  for (let day = Date.UTC(1990, 0, 1); day < Date.UTC(2030, 0, 1); day += 10 * DAY) {
    if (offset(day, zone) === offset(day + 10 * DAY, zone)) continue
    let [before, after] = [day, day + 10 * DAY]
    while (after - before > 1_000) {
      const middle = Math.floor((before + after) / 2_000) * 1_000
      if (offset(middle, zone) === offset(before, zone)) before = middle
      else after = middle
    }
    found.push(after)
  }
  return found
}

const CHANGES = new Map(ZONES.map((zone) => [zone, changes(zone)]))

/** A zone and an instant, half of them within three hours of a change. */
const moments = fc.constantFrom(...ZONES).chain((zone) => {
  const anywhere = fc.integer({ min: Date.UTC(1990), max: Date.UTC(2060) })
  const near = CHANGES.get(zone) ?? []
  const close = fc
    .tuple(fc.constantFrom(...near, 0), fc.integer({ min: -3 * HOUR, max: 3 * HOUR }))
    .map(([change, away]) => Math.max(0, change + away))
  return fc.tuple(fc.constant(zone), near.length === 0 ? anywhere : fc.oneof(anywhere, close))
})

t.test('[API-6] a wall clock is what the zone shows, an RFC 3339 text the same instant with its offset', async () => {
  fc.assert(
    fc.property(moments, ([zone, at]) => {
      const text = rfc3339(at, zone)
      return (
        wallClock(at, zone) === shown(at, zone) &&
        Date.parse(text) === at &&
        shown(at, zone).startsWith(text.slice(0, 19).replace('T', ' '))
      )
    }),
    { numRuns: 3_000 },
  )
})

t.test('[API-6] a wall clock is read as the first instant that shows it', async () => {
  fc.assert(
    fc.property(moments, ([zone, at]) => {
      const read = fromWallClock(wallClock(at, zone), zone)
      if (read === at) return true
      // Only where clocks went back between the two.
      return read !== undefined && read < at && at - read <= HOUR && wallClock(read, zone) === wallClock(at, zone)
    }),
    { numRuns: 3_000 },
  )
})

t.test('[API-6] a wall clock that never was is read as if the clocks had not moved yet', async (t) => {
  for (const [zone, wall, instant] of [
    ['Europe/London', '2025-03-30 01:30:00.000', '2025-03-30T01:30:00.000Z'],
    ['America/St_Johns', '2005-04-03 00:30:00', '2005-04-03T04:00:00.000Z'],
    ['Australia/Lord_Howe', '2025-10-05 02:15:00', '2025-10-04T15:45:00.000Z'],
  ] as const) {
    t.equal(new Date(fromWallClock(wall, zone) ?? 0).toISOString(), instant, `${zone} ${wall}`)
  }
  let never = 0
  fc.assert(
    fc.property(moments, ([zone, at]) => {
      // The same numbers, taken for a wall clock.
      const wall = new Date(at).toISOString().slice(0, 23).replace('T', ' ')
      const read = fromWallClock(wall, zone) ?? 0
      if (wallClock(read, zone) === wall) return true
      never += 1
      // A day and an hour: islands have left out a whole day.
      return offset(read - 25 * HOUR, zone) === at - read && offset(read, zone) > at - read
    }),
    { numRuns: 3_000 },
  )
  t.comment(`${never} of them never were`)
})

t.test('[API-6] zeros at the end of a fraction are cut, UTC is Z', async (t) => {
  const at = Date.parse('2025-09-09T10:48:50.700Z')
  t.equal(rfc3339(at, 'UTC'), '2025-09-09T10:48:50.7Z')
  t.equal(rfc3339(at, 'Europe/London'), '2025-09-09T11:48:50.7+01:00')
  t.equal(rfc3339(at - 700, 'America/St_Johns'), '2025-09-09T08:18:50-02:30')
})

t.test('what is no time is undefined, and nothing else comes of any text', async (t) => {
  for (const text of [
    '',
    '0000-00-00 00:00:00',
    '2025-02-30 10:00:00',
    '2025-13-01 10:00:00',
    '2025-09-09 25:00:00',
    '12',
    '2025-09-09',
    '2025-09-09 10:00:00Z',
  ]) {
    t.equal(fromWallClock(text, 'Europe/London'), undefined, text)
  }
  t.equal(fromWallClock(' 2025-09-09 10:00:00.123456 ', 'UTC'), Date.parse('2025-09-09T10:00:00.123Z'))
  fc.assert(fc.property(fc.string(), (text) => fromWallClock(text, 'Asia/Kolkata') === undefined))
})
