/**
 * Wall clocks of a zone and back. A deployed database keeps `datetime` in its server's zone; the API answers RFC 3339
 * with that zone's offset (API-6). Offsets nearly always change at quarter hours, so two Intl calls serve a quarter hour;
 * one that they change within (St. John's did, at 00:01) is asked again for each time.
 */

const SLOT_MS = 15 * 60_000
/** Quarter hours that are remembered per zone: about ten years of distinct ones are never needed at once. */
const MAX_SLOTS = 10_000

interface Zone {
  readonly format: Intl.DateTimeFormat
  /** By quarter hour; null: it changes within. */
  readonly offsets: Map<number, number | null>
}
const zones = new Map<string, Zone>()

function zoneOf(name: string): Zone {
  let zone = zones.get(name)
  if (zone === undefined) {
    const format = new Intl.DateTimeFormat('en-US', {
      ...(name === 'system' ? {} : { timeZone: name }),
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    zone = { format, offsets: new Map() }
    zones.set(name, zone)
  }
  return zone
}

/** Zone's offset from UTC at an instant, in milliseconds; east is positive. `system` is the machine's zone. */
function zoneOffset(at: number, zoneName: string): number {
  const zone = zoneOf(zoneName)
  const slot = Math.floor(at / SLOT_MS)
  let offset = zone.offsets.get(slot)
  if (offset === undefined) {
    if (zone.offsets.size >= MAX_SLOTS) zone.offsets.clear()
    const first = computeOffset(slot * SLOT_MS, zone.format)
    offset = computeOffset((slot + 1) * SLOT_MS - 1_000, zone.format) === first ? first : null
    zone.offsets.set(slot, offset)
  }
  return offset ?? computeOffset(Math.floor(at / 1_000) * 1_000, zone.format)
}

function computeOffset(at: number, format: Intl.DateTimeFormat): number {
  const part: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(at)) part[type] = Number(value)
  const wall = Date.UTC(
    part['year'] ?? 0,
    (part['month'] ?? 1) - 1,
    part['day'] ?? 1,
    part['hour'] ?? 0,
    part['minute'] ?? 0,
    part['second'] ?? 0,
  )
  return Math.round((wall - at) / 60_000) * 60_000
}

/** Most rows of a flush tell a time that the one before told too. */
let last = { at: NaN, zone: '', text: '' }

/** Epoch ms → `2025-09-09 11:48:50.709` in the zone: what `datetime(3)` holds. */
export function wallClock(at: number, zone: string): string {
  if (last.at === at && last.zone === zone) return last.text
  const text = new Date(at + zoneOffset(at, zone)).toISOString().slice(0, 23).replace('T', ' ')
  last = { at, zone, text }
  return text
}

const WALL_CLOCK = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)$/

/**
 * `2025-09-09 11:48:50[.709]` in the zone → epoch ms; undefined when the text is no time (MySQL's zero date too).
 * A wall clock that came twice (clocks went back) is read as its first time; one that never was, as if the clocks had not moved yet.
 */
export function fromWallClock(text: string, zone: string): number | undefined {
  const [, date, time] = WALL_CLOCK.exec(text.trim()) ?? []
  const wall = Date.parse(`${date}T${time}Z`)
  // The second half: Date.parse takes 30 February for 2 March.
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 10) !== date) return undefined
  const before = zoneOffset(wall - 86_400_000, zone)
  const early = wall - before
  if (zoneOffset(early, zone) === before) return early
  const late = wall - zoneOffset(wall + 86_400_000, zone)
  return late + zoneOffset(late, zone) === wall ? late : early
}

/** Epoch ms → `2025-09-09T11:48:50.709+01:00`; zeros at the end of the fraction are cut, as Go does it. UTC is `Z`. */
export function rfc3339(at: number, zone: string): string {
  const offset = zoneOffset(at, zone)
  const iso = new Date(at + offset).toISOString()
  const fraction = iso.slice(20, 23).replace(/0+$/, '')
  const body = fraction === '' ? iso.slice(0, 19) : `${iso.slice(0, 19)}.${fraction}`
  if (offset === 0) return `${body}Z`
  const minutes = Math.abs(offset) / 60_000
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0')
  return `${body}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}
