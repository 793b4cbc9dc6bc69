/** ETA-1: whole seconds until the last byte, from a robust recent rate, with a low and a high bound. */

import type { RateSummary } from './rate.ts'

/** 0 ≤ low ≤ seconds ≤ high; 0 only where nothing is left. */
export interface Eta {
  readonly seconds: number
  readonly low: number
  readonly high: number
}

export const ARRIVED: Eta = Object.freeze({ seconds: 0, low: 0, high: 0 })

/** null while the rate is unknown or nothing moves. The fastest of the recent rates gives the low bound. */
export function etaFrom(leftBytes: number, rate: RateSummary): Eta | null {
  if (leftBytes <= 0) return ARRIVED
  const { bps, lowBps, highBps } = rate
  if (bps === null || lowBps === null || highBps === null || !(lowBps > 0)) return null
  return {
    seconds: Math.ceil(leftBytes / bps),
    low: Math.ceil(leftBytes / highBps),
    high: Math.ceil(leftBytes / lowBps),
  }
}

/** AGG-1: the job arrives with its slowest disk; unknown as soon as one remaining disk's is. */
export function later(a: Eta | null, b: Eta | null): Eta | null {
  if (a === null || b === null) return null
  // With a single disk it is one or the other, and no new object.
  if (b.seconds >= a.seconds && b.low >= a.low && b.high >= a.high) return b
  if (a.seconds >= b.seconds && a.low >= b.low && a.high >= b.high) return a
  return { seconds: Math.max(a.seconds, b.seconds), low: Math.max(a.low, b.low), high: Math.max(a.high, b.high) }
}
