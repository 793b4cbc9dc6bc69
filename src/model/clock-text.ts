/**
 * Parts of times as text, made once. toISOString costs ten times as much as looking them up, and a time that is put together
 * of few parts costs less to send, too.
 */

const MINUTE_MS = 60_000

/** `07` … `59`. */
export const TWO_DIGITS: readonly string[] = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'))
/** `042`. */
export const THREE_DIGITS: readonly string[] = Array.from({ length: 1_000 }, (_, ms) => String(ms).padStart(3, '0'))

/** Minutes that were asked for, each at its number modulo the size: a day and more of them. */
const KEPT = 2_048
const minutes = new Float64Array(KEPT).fill(Number.NaN)
const texts: string[] = Array.from({ length: KEPT }, () => '')

/** `2025-09-05T15:26:` of the minute, counted from 1970, in UTC. Throws a RangeError for what is no time. */
export function minuteText(minute: number): string {
  const at = minute & (KEPT - 1)
  if (minutes[at] !== minute) {
    const iso = new Date(minute * MINUTE_MS).toISOString()
    // Years past 9999 are longer.
    texts[at] = iso.slice(0, iso.length - '00.000Z'.length)
    minutes[at] = minute
  }
  return texts[at] ?? ''
}
