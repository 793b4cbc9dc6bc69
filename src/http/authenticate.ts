/** Who a bearer token makes of its bearer (SEC-1). For routes and for the stream's upgrades alike. */

import { tokenChecker } from './auth.ts'
import type { JwtVerifier } from './jwt.ts'
import { SCOPES, type Scope } from './route.ts'

export type Verified =
  | {
      readonly ok: true
      readonly scopes: ReadonlySet<Scope>
      /** Epoch ms from which on the token is good no more; Infinity for tokens out of the settings. */
      readonly expiresAt: number
    }
  | { readonly ok: false }

/** At once for every token but a JWT that was not seen before. Never throws, never rejects. */
export type Authenticate = (bearer: string) => Verified | Promise<Verified>

export interface Credentials {
  /** Open everything. Plain or `sha256:<hex>`, as all tokens. */
  readonly tokens: readonly string[]
  /** Open what needs `read`. */
  readonly readTokens?: readonly string[]
  readonly jwt?: JwtVerifier | undefined
}

const EVERYTHING: Verified = { ok: true, scopes: new Set(SCOPES), expiresAt: Infinity }
const READING: Verified = { ok: true, scopes: new Set<Scope>(['read']), expiresAt: Infinity }
const NOBODY: Verified = { ok: false }

/** Throws for a token that can't be meant. */
export function authenticator({ tokens, readTokens = [], jwt }: Credentials): Authenticate {
  const isToken = tokenChecker(tokens)
  const isReadToken = tokenChecker(readTokens)
  return (bearer) => {
    // Both lists are gone through, whatever the first says: the time taken tells nothing.
    const [opensAll, opensReading] = [isToken(bearer), isReadToken(bearer)]
    if (opensAll) return EVERYTHING
    if (opensReading) return READING
    return jwt === undefined ? NOBODY : jwt.verify(bearer)
  }
}
