/**
 * Pages of other origins (WS-5): those that may open the stream may ask the REST below `/api/v1/` too. A browser lets a page
 * read an answer only when it names the page's origin, and asks beforehand (preflight) whether it may send a token.
 */

import type { HttpAnswer } from './route.ts'

/** What is needed of a web server's request. */
interface Asked {
  getMethod(): string
  getUrl(): string
  getHeader(lowerCaseName: string): string
}

export type AllowsOrigin = (origin: string, host: string) => boolean
type Headers = Readonly<Record<string, string>>

const OPEN = '/api/v1/'
/** Browsers ask again after this long: a change of the setting is noticed. */
const MAX_AGE_S = '600'

/** What every answer to an allowed page carries; undefined, and so nothing at all, for anybody else. */
export function corsHeaders(asked: Asked, allows: AllowsOrigin | undefined): Headers | undefined {
  if (allows === undefined) return undefined
  const origin = asked.getHeader('origin')
  if (origin === '' || !asked.getUrl().startsWith(OPEN) || !allows(origin, asked.getHeader('host'))) return undefined
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': 'traceparent, X-Request-Id',
    Vary: 'Origin',
  }
}

/** The answer to an allowed page's preflight, which carries no token; undefined for every other request. */
export function preflightAnswer(asked: Asked, allows: AllowsOrigin | undefined): HttpAnswer | undefined {
  if (asked.getMethod() !== 'options' || asked.getHeader('access-control-request-method') === '') return undefined
  if (corsHeaders(asked, allows) === undefined) return undefined
  const headers = {
    'Access-Control-Allow-Methods': 'GET, POST',
    'Access-Control-Allow-Headers': 'Authorization, Content-Type, Last-Event-ID, traceparent, tracestate, X-Request-Id',
    'Access-Control-Max-Age': MAX_AGE_S,
  }
  return { status: 204, body: '', headers }
}
