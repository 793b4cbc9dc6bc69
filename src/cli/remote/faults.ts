/** What went wrong between a command and its OMA, as a sentence for people and an exit code (CLI-3). */

import { ApiError } from '../../client/index.ts'
import { EXIT } from '../exit-codes.ts'
import { printable } from '../text.ts'
import type { Connection } from './connection.ts'

export interface Fault {
  readonly code: number
  readonly sentence: string
}

export function faultOf(error: unknown, { url, token }: Connection): Fault {
  if (!(error instanceof ApiError))
    return { code: EXIT.lost, sentence: `cannot reach the OMA at ${url}: ${reasonOf(error)}` }
  if (error.status === 401) return { code: EXIT.refused, sentence: refusal(url, token) }
  const told = printable(error.message)
  if (error.status === 403)
    return { code: EXIT.refused, sentence: `the OMA at ${url} does not take this token for that: ${told}` }
  if (error.status === 404) return { code: EXIT.lost, sentence: `the OMA at ${url} says: ${told}` }
  return { code: EXIT.failed, sentence: `the OMA at ${url} answered ${error.status}: ${told}` }
}

export function refusal(url: string, token: string | undefined): string {
  return token === undefined
    ? `the OMA at ${url} wants a token: set OMA_TOKEN, or give --token-file`
    : `the OMA at ${url} does not take this token`
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'its name cannot be looked up now',
  ECONNRESET: 'the connection was cut',
  ETIMEDOUT: 'no answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_SOCKET: 'the connection was cut',
}

/** fetch says "fetch failed" and keeps the reason as its cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error))
  const inner = error.cause instanceof Error ? error.cause : error
  const code = 'code' in inner && typeof inner.code === 'string' ? inner.code : ''
  return REASONS[code] ?? printable(inner.message || code || error.message)
}

/** Anything may listen there: what has not the shape of an answer of the OMA is told so. */
export class NoOma extends Error {
  override readonly name = 'NoOma'

  constructor() {
    super('what answers there is no OMA')
  }
}
