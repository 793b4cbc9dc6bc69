/** How the values of a fleet's flags are written: decimals, shares, and ranges of bytes. */

import type { Kind } from '../../config/kinds.ts'

export const decimal = (min: number, max: number): Kind<number> => ({
  label: 'number',
  argument: 'number',
  bounds: `${min} to ${max}`,
  show: String,
  parse(text) {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
    if (Number.isNaN(value)) return { problem: 'is not a number' }
    return value < min || value > max ? { problem: `must be ${min} to ${max}` } : { value }
  },
})

/** `0.05` or `5%`. */
export const share: Kind<number> = {
  label: 'share',
  argument: 'share',
  bounds: '0 to 1, or with %',
  show: String,
  parse(text) {
    const percent = text.endsWith('%')
    const number = percent ? text.slice(0, -1) : text
    const value = /^\d+(\.\d+)?$/.test(number) ? Number(number) / (percent ? 100 : 1) : Number.NaN
    if (Number.isNaN(value)) return { problem: 'is not a share: write 0.05 or 5%' }
    return value > 1 ? { problem: 'must be 0 to 1, or 0% to 100%' } : { value }
  },
}

const UNITS: Readonly<Record<string, number>> = { B: 1, KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30, TIB: 2 ** 40 }

/** `1GiB-200GiB`, or one amount that is both ends. */
export const byteRange = (min: number, max: number, bounds: string): Kind<readonly [number, number]> => ({
  label: 'range of bytes',
  argument: 'min-max',
  bounds,
  show: ([low, high]) => `${low}B-${high}B`,
  parse(text) {
    const [low, high = low, ...more] = text.split('-').map(amountOf)
    if (low === undefined || high === undefined || more.length > 0)
      return { problem: 'is no range of bytes: write it as 1GiB-200GiB, with B, KiB, MiB, GiB or TiB' }
    if (low > high) return { problem: 'begins above its end' }
    return low < min || high > max ? { problem: `must be ${bounds}` } : { value: [low, high] }
  },
})

function amountOf(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([KMGT]?i?B)$/i.exec(text.trim()) ?? []
  const factor = UNITS[unit.toUpperCase()]
  return factor === undefined ? undefined : Math.round(Number(number) * factor)
}
