/** Whether what is on the screen is true now (CLIENT-1): live, on its way back, or stale. */

import type { ConnectionState } from '../../../src/client/index.ts'

/** So long without the truth, "reconnecting" is no comfort any more. */
export const STALE_AFTER_MS = 15_000

export interface LinkFacts {
  readonly connection: ConnectionState
  /** Everything of the topic is here, nothing outstanding. */
  readonly isLive: boolean
  /** When the numbers were true last, epoch ms; undefined: never yet. */
  readonly trueAt: number | undefined
  /** When `connection` was told. */
  readonly toldAt: number
}

export interface Truth {
  readonly name: 'starting' | 'live' | 'reconnecting' | 'stale'
  /** Numbers are as of then; undefined while they are live, or there are none. */
  readonly asOf: number | undefined
  /** Whole seconds until the next attempt; undefined while one is under way. */
  readonly retryInSeconds: number | undefined
  readonly reason: string | undefined
}

export function truthOf({ connection, isLive, trueAt, toldAt }: LinkFacts, now: number): Truth {
  if (isLive) return { name: 'live', asOf: undefined, retryInSeconds: undefined, reason: undefined }
  const isWaiting = connection.name === 'reconnecting'
  const retryInSeconds = isWaiting ? Math.max(0, Math.ceil((toldAt + connection.inMs - now) / 1_000)) : undefined
  const reason = isWaiting ? connection.reason : undefined
  if (trueAt === undefined)
    return { name: isWaiting ? 'reconnecting' : 'starting', asOf: undefined, retryInSeconds, reason }
  const name = now - trueAt >= STALE_AFTER_MS ? 'stale' : 'reconnecting'
  return { name, asOf: trueAt, retryInSeconds, reason }
}
