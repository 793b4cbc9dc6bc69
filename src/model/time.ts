/**
 * Wall clocks of a zone and back. A deployed database keeps `datetime` in its server's zone; the API answers RFC 3339
 * with that zone's offset (API-6). Offsets nearly always change at quarter hours, so two Intl calls serve a quarter hour;
 * one that they change within (St. John's did, at 00:01) is asked again for each time.
 */

import { minuteText, THREE_DIGITS, TWO_DIGITS } from './clock-text.ts'

const MINUTE_MS = 60_000
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

/** Length of `2025-09-09`. */
const DATE = 10

/** Epoch ms → `2025-09-09 11:48:50.709` in the zone: what `datetime(3)` holds. */
export function wallClock(at: number, zone: string): string {
  const wall = Math.trunc(at + zoneOffset(at, zone))
  const minute = Math.floor(wall / MINUTE_MS)
  const ms = wall - minute * MINUTE_MS
  const seconds = Math.floor(ms / 1_000)
  const text = minuteText(minute)
  return `${text.slice(0, DATE)} ${text.slice(DATE + 1)}${TWO_DIGITS[seconds] ?? ''}.${THREE_DIGITS[ms - seconds * 1_000] ?? ''}`
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

/** `.709`, `.7`, or nothing: zeros at the end are cut. */
const FRACTIONS = THREE_DIGITS.map((digits) => (digits === '000' ? '' : `.${digits.replace(/0+$/, '')}`))

/** By offset in milliseconds; a zone has one or two. */
const suffixes = new Map<number, string>()

function suffixOf(offset: number): string {
  let suffix = suffixes.get(offset)
  if (suffix === undefined) {
    const minutes = Math.abs(offset) / MINUTE_MS
    const two = (n: number): string => String(Math.floor(n)).padStart(2, '0')
    suffix = offset === 0 ? 'Z' : `${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
    suffixes.set(offset, suffix)
  }
  return suffix
}

/** Epoch ms → `2025-09-09T11:48:50.709+01:00`; zeros at the end of the fraction are cut, as Go does it. UTC is `Z`. */
export function rfc3339(at: number, zone: string): string {
  const offset = zoneOffset(at, zone)
  const wall = Math.trunc(at + offset)
  const minute = Math.floor(wall / MINUTE_MS)
  const ms = wall - minute * MINUTE_MS
  const seconds = Math.floor(ms / 1_000)
  const rest = `${TWO_DIGITS[seconds] ?? ''}${FRACTIONS[ms - seconds * 1_000] ?? ''}${suffixOf(offset)}`
  return minuteText(minute) + rest
}
