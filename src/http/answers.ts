/** Answers that every service gives alike. Every error is `{"error":…,"timestamp":…}` and what helps besides (API-6). */

import { utcSeconds } from '../model/wire/time.ts'
import type { HttpAnswer, Scope } from './route.ts'

export interface ErrorExtras {
  readonly details?: string
  readonly job_id?: string
}

export function errorAnswer(
  status: number,
  error: string,
  now: number,
  extras?: ErrorExtras,
  headers?: Readonly<Record<string, string>>,
): HttpAnswer {
  const body = { error, ...extras, timestamp: utcSeconds(now) }
  return headers === undefined ? { status, body } : { status, body, headers }
}

export function unauthorized(now: number): HttpAnswer {
  return errorAnswer(401, 'Authentication required', now, undefined, { 'WWW-Authenticate': 'Bearer' })
}

/** RFC 6750, 3.1. */
export function insufficientScope(scope: Scope, now: number): HttpAnswer {
  const challenge = `Bearer error="insufficient_scope", scope="${scope}"`
  return errorAnswer(403, 'Insufficient scope', now, undefined, { 'WWW-Authenticate': challenge })
}

export function internalError(now: number): HttpAnswer {
  return errorAnswer(500, 'Internal server error', now)
}

export function notFound(now: number): HttpAnswer {
  return errorAnswer(404, 'not found', now)
}

export function methodNotAllowed(allow: string, now: number): HttpAnswer {
  return errorAnswer(405, 'method not allowed', now, { details: `allowed: ${allow}` }, { Allow: allow })
}

export function badPath(now: number): HttpAnswer {
  const details = 'names in the path must be percent-encoded UTF-8 of 1 to 255 characters without control characters'
  return errorAnswer(400, 'bad path', now, { details })
}

/** All faults of a query string at once (API-2). */
export function invalidQuery(faults: readonly string[], now: number): HttpAnswer {
  return errorAnswer(400, 'invalid query', now, { details: faults.join('; ') })
}

export function unsupportedMediaType(expected: readonly string[], now: number): HttpAnswer {
  return errorAnswer(415, 'unsupported content type', now, { details: `expected: ${expected.join(', ')}` })
}

export function bodyTooLarge(maxBytes: number, now: number): HttpAnswer {
  return errorAnswer(413, 'body too large', now, { details: `at most ${maxBytes} bytes` })
}

export function bodyTooSlow(deadlineMs: number, now: number): HttpAnswer {
  return errorAnswer(408, 'request timeout', now, { details: `the body did not arrive within ${deadlineMs} ms` })
}

export function bodyNotText(now: number): HttpAnswer {
  return errorAnswer(400, 'bad body', now, { details: 'the body is not UTF-8' })
}

/** Ready to be sent as it is. */
export function isPayload(body: HttpAnswer['body']): body is string | Uint8Array {
  return typeof body === 'string' || body instanceof Uint8Array
}
