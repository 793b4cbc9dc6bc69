/** Whether a poll costs more than it did, told from pairs of runs; pure. */

import { median } from '../support/report.ts'

/** Microseconds of processor time a poll, of two runs that followed each other. */
export interface Pair {
  readonly base: number
  readonly ours: number
}

export interface Verdict {
  /** Ours by the base's: the median of the pairs. 1.10: a tenth more. */
  readonly ratio: number
  readonly least: number
  readonly most: number
  readonly isLoss: boolean
}

/** A greater loss fails the gate. */
const MOST_LOSS = 0.15
/** Fewer have no middle to speak of. */
export const LEAST_PAIRS = 3

/** Throws where the pairs tell nothing: too few, or one with a cost that is no cost. */
export function judge(pairs: readonly Pair[]): Verdict {
  if (pairs.length < LEAST_PAIRS) throw new Error(`${pairs.length} pairs are too few, ${LEAST_PAIRS} are needed`)
  const ratios = pairs.map(({ base, ours }) => {
    if (!(base > 0) || !(ours > 0) || !Number.isFinite(base) || !Number.isFinite(ours))
      throw new Error(`no cost of a poll: ${base} µs and ${ours} µs`)
    return ours / base
  })
  const ratio = median(ratios)
  return { ratio, least: Math.min(...ratios), most: Math.max(...ratios), isLoss: ratio > 1 + MOST_LOSS }
}

export function sentence({ ratio, least, most, isLoss }: Verdict): string {
  const percent = Math.abs((ratio - 1) * 100).toFixed(1)
  const change = ratio >= 1 ? `${percent} % more` : `${percent} % less`
  const range = `${least.toFixed(2)} to ${most.toFixed(2)}`
  const end = isLoss ? `more than ${MOST_LOSS * 100} % is a loss` : 'no loss'
  return `A poll costs ${change} processor time than the base (ratio ${ratio.toFixed(3)}, pairs ${range}): ${end}.`
}
