/** Whether what is on the screen is true now (CLIENT-1): live, on its way back, or stale. */

import type { ConnectionState } from '../../../src/client/index.ts'

/** The client asks a connection that is silent for 10 s; an answer takes milliseconds. */
export const SILENT_AFTER_MS = 12_000
/** So long without the truth, "reconnecting" is no comfort any more. */
export const STALE_AFTER_MS = 15_000

export interface LinkFacts {
  readonly connection: ConnectionState
  /** Everything of the topic is here, nothing outstanding, as far as the client knows. */
  readonly isLive: boolean
  /** The last frame of any kind, epoch ms. The client gives a silent connection up later than a number may look live. */
  readonly heardAt: number
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

export function truthOf({ connection, isLive, heardAt, trueAt, toldAt }: LinkFacts, now: number): Truth {
  const isSilent = isLive && now - heardAt >= SILENT_AFTER_MS
  if (isLive && !isSilent) return { name: 'live', asOf: undefined, retryInSeconds: undefined, reason: undefined }
  const isWaiting = connection.name === 'reconnecting'
  const retryInSeconds = isWaiting ? Math.max(0, Math.ceil((toldAt + connection.inMs - now) / 1_000)) : undefined
  const reason = isWaiting ? connection.reason : isSilent ? 'the connection is silent' : undefined
  if (trueAt === undefined)
    return { name: isWaiting ? 'reconnecting' : 'starting', asOf: undefined, retryInSeconds, reason }
  const name = now - trueAt >= STALE_AFTER_MS ? 'stale' : 'reconnecting'
  return { name, asOf: trueAt, retryInSeconds, reason }
}
