/** THR-1: whether a row is due, and why. A terminal or status change passes every throttle; no reason, no write. */

import type { JobStatus } from './words.ts'

export const WRITE_REASONS = ['terminal', 'first', 'status', 'operation', 'percent', 'interval', 'heartbeat'] as const
export type WriteReason = (typeof WRITE_REASONS)[number]

/** Least time between two writes that only carry changed numbers. */
export const WRITE_INTERVAL_MS = 2_000
/** Longest time without a write while answers come in, so that `vma_last_poll_at` tells a live job from a dead one. */
const HEARTBEAT_MS = 10_000
/** A step of this many percent points is written at once. */
const PERCENT_STEP = 1

/** What a row would say, as far as the decision needs it. */
export interface Writable {
  readonly status: JobStatus
  readonly terminal: boolean
  readonly operation: string
  readonly percent: number
  readonly bytes: number
  readonly totalBytes: number
  readonly speedBps: number
  readonly etaSeconds: number | null
}

export interface LastWrite extends Writable {
  readonly at: number
}

/** What was written, as the next decision needs it. In place where there is one: see `readNumbers`. */
export function noteWrite(last: LastWrite | undefined, says: Writable, at: number): LastWrite {
  return last === undefined ? { ...says, at } : Object.assign(last, says, { at })
}

export function writeReason(last: LastWrite | undefined, next: Writable, now: number): WriteReason | null {
  if (next.terminal && !last?.terminal) return 'terminal'
  if (last === undefined) return 'first'
  if (next.status !== last.status) return 'status'
  if (next.operation !== last.operation) return 'operation'
  if (Math.abs(next.percent - last.percent) >= PERCENT_STEP) return 'percent'
  const age = now - last.at
  if (age >= WRITE_INTERVAL_MS && differs(last, next)) return 'interval'
  return age >= HEARTBEAT_MS ? 'heartbeat' : null
}

function differs(a: Writable, b: Writable): boolean {
  return (
    a.bytes !== b.bytes ||
    a.percent !== b.percent ||
    a.totalBytes !== b.totalBytes ||
    a.speedBps !== b.speedBps ||
    a.etaSeconds !== b.etaSeconds
  )
}
