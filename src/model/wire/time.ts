/** Times as they stand in answers: RFC 3339, always in UTC (API-6). */

const MINUTE_MS = 60_000
/** `07Z`, the end of whole seconds; `07.` before milliseconds; `042Z` after them. */
const SECONDS = Array.from({ length: 60 }, (_, value) => `${String(value).padStart(2, '0')}Z`)
const SECONDS_POINT = Array.from({ length: 60 }, (_, value) => `${String(value).padStart(2, '0')}.`)
const MILLIS = Array.from({ length: 1_000 }, (_, value) => `${String(value).padStart(3, '0')}Z`)

/**
 * Texts of minutes that were asked for, `2025-09-05T15:26:`, each at its number modulo the size: a day and more.
 * toISOString costs ten times as much, and a text put together of smaller parts than these costs whoever sends it.
 */
const KEPT = 2_048
const minutes = new Float64Array(KEPT).fill(Number.NaN)
const texts: string[] = Array.from({ length: KEPT }, () => '')

function textOf(minute: number): string {
  const at = minute & (KEPT - 1)
  if (minutes[at] !== minute) {
    texts[at] = new Date(minute * MINUTE_MS).toISOString().slice(0, 17)
    minutes[at] = minute
  }
  return texts[at] ?? ''
}

/** Epoch ms → `2025-09-05T15:26:15Z`, the documents' form; the fraction is cut off. */
export function utcSeconds(epochMs: number): string {
  const minute = Math.floor(epochMs / MINUTE_MS)
  return textOf(minute) + (SECONDS[Math.floor((epochMs - minute * MINUTE_MS) / 1_000)] ?? '')
}

/** Epoch ms → `2025-09-05T15:26:15.984Z`, for fields by which clocks or runs are compared (RUN-1). */
export function utcMillis(epochMs: number): string {
  const minute = Math.floor(epochMs / MINUTE_MS)
  const ms = Math.floor(epochMs) - minute * MINUTE_MS
  const seconds = Math.floor(ms / 1_000)
  return textOf(minute) + ((SECONDS_POINT[seconds] ?? '') + (MILLIS[ms - seconds * 1_000] ?? ''))
}
