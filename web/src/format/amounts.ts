/** Bytes, rates and percents for people: binary units, as the field's MB/s are MiB/s. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const
const MIB = 1_048_576

/** `17.8 GiB`; three figures as long as there is a fraction. */
export function formatBytes(bytes: number): string {
  const power = unitOf(bytes)
  return `${inUnit(bytes, power)} ${UNITS[power]}`
}

/** `8.9 / 17.8 GiB`, the moved ones rounded down: they reach the total only at the end. Without a total the moved ones. */
export function formatMoved(bytes: number, total: number): string {
  if (total <= 0) return formatBytes(bytes)
  const power = unitOf(total)
  const whole = inUnit(total, power)
  const digits = whole.split('.')[1]?.length ?? 0
  const scale = 10 ** digits
  const part = bytes >= total ? whole : (Math.floor((bytes / 1024 ** power) * scale) / scale).toFixed(digits)
  return `${part} / ${whole} ${UNITS[power]}`
}

/** `212.4`, without its unit. */
export function formatMibps(bytesPerSecond: number): string {
  const mibps = bytesPerSecond / MIB
  if (mibps >= 1_000) return grouped(Math.round(mibps))
  return mibps >= 100 ? mibps.toFixed(0) : mibps.toFixed(1)
}

/** `41.7 %`, rounded down so that 100 is said at the end only. */
export function formatPercent(percent: number): string {
  return percent >= 100 ? '100 %' : `${(Math.floor(percent * 10) / 10).toFixed(1)} %`
}

/** `5,000`. */
export function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ',')
}

function unitOf(bytes: number): number {
  let power = 0
  while (power < UNITS.length - 1 && bytes >= 999.5 * 1024 ** power) power += 1
  return power
}

function inUnit(bytes: number, power: number): string {
  const value = bytes / 1024 ** power
  return power === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(value >= 9.995 ? 1 : 2)
}
