/** Whether a request gets to its handler: who asks (401), and whether they may (403). */

import { insufficientScope, unauthorized } from './answers.ts'
import { bearerOf } from './auth.ts'
import type { Authenticate, Verified } from './authenticate.ts'
import type { Clock, HttpAnswer, HttpRequest } from './route.ts'

/** undefined lets the request in; else the answer that it gets instead. */
export type Admission = HttpAnswer | undefined | Promise<HttpAnswer | undefined>

/** For a server's `authorize`. At once wherever `authenticate` is, so that only unknown JWTs are waited for. */
export function admitting(authenticate: Authenticate, clock: Clock): (request: HttpRequest) => Admission {
  return (request) => {
    const bearer = bearerOf(request.header('authorization'))
    if (bearer === undefined) return unauthorized(clock.now())
    const judge = (verified: Verified): HttpAnswer | undefined => refusalOf(verified, request, clock.now())
    const verified = authenticate(bearer)
    return verified instanceof Promise ? verified.then(judge) : judge(verified)
  }
}

function refusalOf(verified: Verified, request: HttpRequest, now: number): HttpAnswer | undefined {
  if (!verified.ok) return unauthorized(now)
  request.bearerExpiresAt = verified.expiresAt
  const scope = request.route.scope ?? 'read'
  return verified.scopes.has(scope) ? undefined : insufficientScope(scope, now)
}

/**
 * The handler's answer, once the bearer is known. Where that takes time, a body has been read or refused (413, 415) before:
 * that tells a stranger nothing but the routes table, and changes nothing.
 */
export function answerTo(request: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
  const { route, admission } = request
  if (admission === undefined) return route.handler(request)
  return admission.then((refusal) => {
    if (refusal === undefined) return route.handler(request)
    route.refused?.(refusal.status)
    return refusal
  })
}
