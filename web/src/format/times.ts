/** Spans, estimates and moments for people. Epoch milliseconds in, local time out. */

const MINUTE = 60
const HOUR = 3_600
const DAY = 86_400

/** Seconds → `45 s`, `4 min`, `2 h 5 min`, `3 d 4 h`: two units at most, rounded down. */
export function formatSpan(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < MINUTE) return `${whole} s`
  if (whole < HOUR) return two(whole, MINUTE, 'min', 1, 's', 10)
  if (whole < DAY) return two(whole, HOUR, 'h', MINUTE, 'min', 24)
  return two(whole, DAY, 'd', HOUR, 'h', 14)
}

/** The small unit is left out once there are `upTo` of the big one. */
function two(whole: number, big: number, bigName: string, small: number, smallName: string, upTo: number): string {
  const major = Math.floor(whole / big)
  const minor = Math.floor((whole % big) / small)
  return minor === 0 || major >= upTo ? `${major} ${bigName}` : `${major} ${bigName} ${minor} ${smallName}`
}

/** An estimate as a range in one unit: `5–10 min`, `2.1–3.5 h`; one number where both ends read the same, `≤ 3 min` where
 * the lower end reads 0; undefined: not known. */
export function formatEta(low: number | null, high: number | null): string | undefined {
  if (low === null || high === null) return undefined
  if (high <= 0) return 'done'
  if (high < 2 * MINUTE) return range(Math.floor(low), Math.ceil(high), 's')
  if (high < 2 * HOUR) return range(Math.floor(low / MINUTE), Math.ceil(high / MINUTE), 'min')
  const [size, unit] = high < 2 * DAY ? [HOUR, 'h'] : [DAY, 'd']
  return range((Math.floor((low / size) * 10) / 10).toFixed(1), (Math.ceil((high / size) * 10) / 10).toFixed(1), unit)
}

function range(low: number | string, high: number | string, unit: string): string {
  if (Number(low) === 0) return `≤ ${high} ${unit}`
  return low === high ? `${high} ${unit}` : `${low}–${high} ${unit}`
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const shortClock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })

/** `16:04:12`. */
export function formatClock(at: number): string {
  return clock.format(at)
}

/** `16:04` of today, `3 Sept 2025, 16:04` of another day. */
export function formatMoment(at: number, now: number): string {
  const sameDay = day.format(at) === day.format(now)
  return sameDay ? shortClock.format(at) : `${day.format(at)}, ${shortClock.format(at)}`
}

/** A time of the OMA as epoch milliseconds; undefined for null, '' and what is no time. */
export function timeOf(text: string | null | undefined): number | undefined {
  const at = text === null || text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}
