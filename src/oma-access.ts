/** Who may ask the OMA, out of its settings (SEC-1). */

import type { Settings } from '../config/schema.ts'
import { authenticator, type Authenticate } from './http/authenticate.ts'
import { JwksFile } from './http/jwks.ts'
import { JwtVerifier } from './http/jwt.ts'
import type { Clock } from './http/route.ts'
import { tell } from './telemetry/events.ts'
import type { Logger } from './telemetry/log.ts'

/** Whether anybody but strangers is known. */
export function hasCredentials({ apiTokens, readTokens, jwtSecret, jwtJwks }: Settings): boolean {
  return apiTokens.length > 0 || readTokens.length > 0 || jwtSecret !== '' || jwtJwks !== undefined
}

/** For routes and for upgrades of the stream. */
export function omaAuthenticator(settings: Settings, { log, clock }: { log: Logger; clock: Clock }): Authenticate {
  const { apiTokens, readTokens, jwtSecret, jwtJwks, jwtIssuer, jwtAudience } = settings
  const onFault = (err: Error): void => tell(log, 'jwks.failed', { err })
  const jwt =
    jwtSecret === '' && jwtJwks === undefined
      ? undefined
      : new JwtVerifier({
          secret: jwtSecret || undefined,
          jwks: jwtJwks === undefined ? undefined : new JwksFile({ ...jwtJwks, clock, onFault }),
          issuer: jwtIssuer || undefined,
          audience: jwtAudience || undefined,
          clock,
        })
  return authenticator({ tokens: apiTokens, readTokens, jwt })
}
