/** Times as they stand in answers: RFC 3339, always in UTC (API-6). */

import { minuteText, THREE_DIGITS, TWO_DIGITS } from '../clock-text.ts'

const MINUTE_MS = 60_000
/** `07Z`, the end of whole seconds; `07.` before milliseconds; `042Z` after them. */
const SECONDS = TWO_DIGITS.map((digits) => `${digits}Z`)
const SECONDS_POINT = TWO_DIGITS.map((digits) => `${digits}.`)
const MILLIS = THREE_DIGITS.map((digits) => `${digits}Z`)

/** Epoch ms → `2025-09-05T15:26:15Z`, the documents' form; the fraction is cut off. */
export function utcSeconds(epochMs: number): string {
  const minute = Math.floor(epochMs / MINUTE_MS)
  return minuteText(minute) + (SECONDS[Math.floor((epochMs - minute * MINUTE_MS) / 1_000)] ?? '')
}

/** Epoch ms → `2025-09-05T15:26:15.984Z`, for fields by which clocks or runs are compared (RUN-1). */
export function utcMillis(epochMs: number): string {
  const minute = Math.floor(epochMs / MINUTE_MS)
  const ms = Math.floor(epochMs) - minute * MINUTE_MS
  const seconds = Math.floor(ms / 1_000)
  return minuteText(minute) + ((SECONDS_POINT[seconds] ?? '') + (MILLIS[ms - seconds * 1_000] ?? ''))
}
