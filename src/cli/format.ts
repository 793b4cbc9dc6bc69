/** Numbers for people, short enough for a column. */

import { formatBytes, toMbps } from '../model/units.ts'

/** Seconds → `45s`, `3m05s`, `2h14m`, `5d03h`; `-` where it is not known. */
export function formatEta(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds) || seconds < 0) return '-'
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole}s`
  if (whole < 3_600) return two(Math.floor(whole / 60), 'm', whole % 60, 's')
  const minutes = Math.round(seconds / 60)
  if (minutes < 1_440) return two(Math.floor(minutes / 60), 'h', minutes % 60, 'm')
  const hours = Math.round(seconds / 3_600)
  return hours < 24_000 ? two(Math.floor(hours / 24), 'd', hours % 24, 'h') : '>999d'
}

/** Seconds in one unit below an hour, as for what is not known better: `45s`, `3m`, `2h14m`, `5d03h`. */
export function formatCoarse(seconds: number): string {
  const whole = Math.round(seconds)
  return whole < 60 || whole >= 3_600 ? formatEta(whole) : `${Math.floor(whole / 60)}m`
}

/** `25m-31m`, or `25m` where both ends say the same; undefined where one is not known. */
export function formatRange(low: number | null, high: number | null): string | undefined {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return undefined
  const [from, to] = [formatCoarse(low), formatCoarse(high)]
  return from === to ? from : `${from}-${to}`
}

function two(high: number, highUnit: string, low: number, lowUnit: string): string {
  return `${high}${highUnit}${String(low).padStart(2, '0')}${lowUnit}`
}

/** 0..100 → `49.3%`. Never rounds up to 100: that is said only when it is so. */
export function formatPercent(percent: number): string {
  const tenths = Math.floor(percent * 10) / 10
  return percent >= 100 ? '100%' : `${tenths.toFixed(1)}%`
}

/** Bytes per second → MiB/s: `11.5`, `1234`. */
export function formatMibps(bytesPerSecond: number): string {
  const mibps = toMbps(bytesPerSecond)
  return mibps >= 100 ? mibps.toFixed(0) : mibps.toFixed(1)
}

/**
 * `8.9/17.8 GiB`: both in the unit of the total, the moved ones rounded down so that they reach it only at the end;
 * without a total the moved bytes alone.
 */
export function formatMoved(bytes: number, total: number): string {
  if (total <= 0) return formatBytes(bytes)
  const whole = formatBytes(total)
  const [amount, unit] = whole.split(' ')
  const digits = amount?.split('.')[1]?.length ?? 0
  const scale = 10 ** digits
  const share = bytes >= total ? Number(amount) : Math.floor((bytes / total) * Number(amount) * scale) / scale
  return `${share.toFixed(digits)}/${amount} ${unit}`
}

/** Milliseconds → `0.8`, `14`. */
export function formatMs(ms: number): string {
  return Number.isFinite(ms) ? (ms < 10 ? ms.toFixed(1) : ms.toFixed(0)) : '-'
}
