import { formatMibps } from '../format/amounts.ts'
import type { Series } from '../model/series.ts'

/** A chart of rates in one sentence. */
export function describeRates({ rates }: Series): string {
  const known = rates.filter((rate) => rate !== null)
  const last = rates.at(-1)
  if (known.length === 0) return 'nothing known yet'
  const now = last === null || last === undefined ? 'not known' : `${formatMibps(last)} MiB/s`
  const [least, most] = [Math.min(...known), Math.max(...known)]
  return `last ${now}, between ${formatMibps(least)} and ${formatMibps(most)} MiB/s`
}
