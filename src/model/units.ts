/**
 * Units of measure: bytes, binary megabytes a second, durations.
 * `*_mbps` fields carry MiB/s (bytes / 1 048 576), as the documents' numbers show (12013439 B/s is 11.46).
 */

export const MIB = 1_048_576
export const GIB = 1_073_741_824

/** Bytes per second → MiB/s, as the `*_mbps` fields carry it. */
export function toMbps(bytesPerSecond: number): number {
  return bytesPerSecond / MIB
}

/** MiB/s → whole bytes per second. */
export function fromMbps(mbps: number): number {
  return Math.round(mbps * MIB)
}

export function round2(value: number): number {
  return Math.round(value * 100) / 100
}

/**
 * Percent as a database row holds it: two decimals (the documents write 2.17 for 2.1728515625).
 * Never rounds up to 100: a row at 100 means that every byte has moved.
 */
export function percentForRow(percent: number): number {
  const rounded = round2(percent)
  return rounded >= 100 && percent < 100 ? 99.99 : rounded
}

/** bytes / total in percent, within 0..100; undefined where the total is unknown or nothing. */
export function percentOf(bytes: number, total: number): number | undefined {
  if (!(total > 0)) return undefined
  return Math.min(100, Math.max(0, (bytes / total) * 100))
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `5s`, `500ms`, `1m30s` → milliseconds; undefined when the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const compact = text.trim().toLowerCase()
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(compact)) return undefined
  let total = 0
  for (const [, amount, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN)
  }
  return Number.isSafeInteger(Math.round(total)) ? Math.round(total) : undefined
}

/** Milliseconds → the shortest exact text: `5m`, `90s`, `500ms`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const size = UNIT_MS[unit] ?? 1
    if (ms % size === 0) return `${ms / size}${unit}`
  }
  return `${ms}ms`
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** For people: `17.75 GiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  const digits = unit === 0 ? 0 : value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toFixed(digits)} ${BYTE_UNITS[unit]}`
}
