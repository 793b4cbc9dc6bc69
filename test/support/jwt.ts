/** An issuer of JWTs for tests: its keys, its JWK sets, and whatever token it is asked for. */

import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { SignJWT, type JWTHeaderParameters, type JWTPayload } from 'jose'

export const SECRET = 'hunter2-secret-of-thirty-two-bytes-and-more'

export interface Issuer {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** As a member of a JWK set. */
  readonly jwk: Readonly<Record<string, unknown>>
}

export function issuer(kid?: string, modulusLength = 2_048): Issuer {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength })
  const jwk = { ...publicKey.export({ format: 'jwk' }), ...(kid === undefined ? {} : { kid }) }
  return { privateKey, publicKey, jwk }
}

export function jwks(...issuers: readonly Pick<Issuer, 'jwk'>[]): string {
  return JSON.stringify({ keys: issuers.map(({ jwk }) => jwk) })
}

export async function token(
  key: KeyObject | Uint8Array,
  payload: JWTPayload,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  const alg = key instanceof Uint8Array || key.type === 'secret' ? 'HS256' : 'RS256'
  return await new SignJWT(payload).setProtectedHeader({ alg, ...header }).sign(key)
}

/** A compact token that nobody signed. */
export function unsigned(header: object, payload: object, signature = ''): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part(header)}.${part(payload)}.${signature}`
}
