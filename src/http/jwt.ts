/**
 * JWTs as bearer tokens (SEC-1): HS256 by a shared secret, RS256 by a JWKS file. The key belongs to the algorithm and not
 * to the token, so that no public key ever checks an HMAC; `none` and all other algorithms are refused.
 */

import { createHash, createSecretKey, type KeyObject } from 'node:crypto'
import { jwtVerify, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions } from 'jose'
import type { Verified } from './authenticate.ts'
import type { JwksFile } from './jwks.ts'
import { SCOPES, type Clock, type Scope } from './route.ts'

export interface JwtOptions {
  readonly secret?: string | undefined
  readonly jwks?: JwksFile | undefined
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
  readonly clock: Clock
}

/** How far the issuer's clock may be from ours. */
const TOLERANCE_S = 30
/** Verified tokens that are remembered; each is some 150 bytes, as only its digest is kept. */
const MAX_REMEMBERED = 1_000
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/

export class JwtVerifier {
  readonly #clock: Clock
  readonly #secret: KeyObject | undefined
  readonly #jwks: JwksFile | undefined
  readonly #expected: JWTVerifyOptions
  readonly #remembered = new Map<string, Extract<Verified, { ok: true }>>()
  #generation = 0

  constructor({ secret, jwks, issuer, audience, clock }: JwtOptions) {
    this.#clock = clock
    this.#secret = secret === undefined ? undefined : createSecretKey(Buffer.from(secret))
    this.#jwks = jwks
    this.#expected = {
      algorithms: [...(secret === undefined ? [] : ['HS256']), ...(jwks === undefined ? [] : ['RS256'])],
      requiredClaims: ['exp'],
      clockTolerance: TOLERANCE_S,
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
    }
  }

  /** At once for a token that it has verified before, and for what is no JWT at all. Never rejects. */
  verify(token: string): Verified | Promise<Verified> {
    if (!COMPACT.test(token)) return { ok: false }
    const digest = createHash('sha256').update(token).digest('base64')
    if (this.#jwks?.isDue === true) return this.#verifyLater(token, digest)
    return this.#recall(digest) ?? this.#verifyLater(token, digest)
  }

  #recall(digest: string): Verified | undefined {
    this.#forgetIfKeysChanged()
    const known = this.#remembered.get(digest)
    if (known === undefined || known.expiresAt > this.#clock.now()) return known
    this.#remembered.delete(digest)
    return undefined
  }

  async #verifyLater(token: string, digest: string): Promise<Verified> {
    await this.#jwks?.refresh()
    const known = this.#recall(digest)
    if (known !== undefined) return known
    const generation = this.#generation
    try {
      const currentDate = new Date(this.#clock.now())
      const { payload } = await jwtVerify(token, this.#keyFor, { ...this.#expected, currentDate })
      const verified = { ok: true, scopes: scopesOf(payload), expiresAt: expiryOf(payload) } as const
      if (generation === (this.#jwks?.generation ?? 0)) this.#remember(digest, verified)
      return verified
    } catch {
      // Why stays untold: the bearer is a stranger, and a line for each of them would let strangers fill the log.
      return { ok: false }
    }
  }

  readonly #keyFor: JWTVerifyGetKey = (header, token) => {
    if (header.alg === 'HS256' && this.#secret !== undefined) return this.#secret
    if (header.alg === 'RS256' && this.#jwks !== undefined) return this.#jwks.find(header, token)
    throw new Error('no key for this algorithm')
  }

  #remember(digest: string, verified: Extract<Verified, { ok: true }>): void {
    if (this.#remembered.size >= MAX_REMEMBERED) {
      const [oldest] = this.#remembered.keys()
      if (oldest !== undefined) this.#remembered.delete(oldest)
    }
    this.#remembered.set(digest, verified)
  }

  #forgetIfKeysChanged(): void {
    const generation = this.#jwks?.generation ?? 0
    if (generation === this.#generation) return
    this.#generation = generation
    this.#remembered.clear()
  }
}

/** Epoch ms; jose has seen to it that there is one. */
function expiryOf({ exp = 0 }: JWTPayload): number {
  return (exp + TOLERANCE_S) * 1_000
}

/** `scope` as RFC 8693 has it, `scopes` and `scp` as other issuers do; what we do not know is passed over. */
function scopesOf(payload: JWTPayload): ReadonlySet<Scope> {
  const words = ['scope', 'scopes', 'scp'].flatMap((name) => wordsOf(payload[name]))
  return new Set(SCOPES.filter((scope) => words.includes(scope)))
}

function wordsOf(claim: unknown): unknown[] {
  if (typeof claim === 'string') return claim.split(' ')
  return Array.isArray(claim) ? claim : []
}
