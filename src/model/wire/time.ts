/** Times as they stand in answers: RFC 3339, always in UTC (API-6). */

const DAY_MS = 86_400_000
const TWO_DIGITS = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'))

/** The last day that was asked for: nearly every time in an answer is of it (toISOString costs ten times as much). */
let day = Number.NaN
let dayText = ''

function clockText(epochMs: number, ofDay: number): string {
  if (ofDay !== day) {
    dayText = new Date(epochMs).toISOString().slice(0, 11)
    day = ofDay
  }
  const seconds = Math.floor((epochMs - ofDay * DAY_MS) / 1_000)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  return `${dayText}${TWO_DIGITS[hours]}:${TWO_DIGITS[minutes % 60]}:${TWO_DIGITS[seconds % 60]}`
}

/** Epoch ms → `2025-09-05T15:26:15Z`, the documents' form; the fraction is cut off. */
export function utcSeconds(epochMs: number): string {
  return `${clockText(epochMs, Math.floor(epochMs / DAY_MS))}Z`
}

/** Epoch ms → `2025-09-05T15:26:15.984Z`, for fields by which clocks or runs are compared (RUN-1). */
export function utcMillis(epochMs: number): string {
  const whole = Math.floor(epochMs)
  const ms = whole - Math.floor(whole / 1_000) * 1_000
  return `${clockText(whole, Math.floor(whole / DAY_MS))}.${String(ms).padStart(3, '0')}Z`
}
