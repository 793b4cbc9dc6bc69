/** A JWK set (RFC 7517) as far as RS256 needs it: its text is read and judged, nothing is verified with it here. */

export interface RsaPublicKey {
  readonly kty: 'RSA'
  readonly n: string
  readonly e: string
  readonly kid?: string
}

/** base64url of 2 048 bits; RS256 asks for no less (RFC 7518, 3.3). */
const MIN_MODULUS_LENGTH = 342
const BASE64URL = /^[\w-]+$/

/**
 * The set's keys that RS256 signatures can be checked with; keys for other uses are passed over. The problem follows the
 * file's name in a sentence and repeats nothing of the text.
 */
export function readJwks(text: string): { readonly keys: readonly RsaPublicKey[] } | { readonly problem: string } {
  const entries = entriesOf(text)
  if (entries === undefined) return { problem: 'holds no JWK set: {"keys":[…]}' }
  if (entries.some((entry) => 'd' in entry || 'k' in entry)) {
    return { problem: 'holds a private or shared key: give the public keys alone' }
  }
  const keys = entries.flatMap((entry) => rsaKey(entry) ?? [])
  if (keys.length === 0) return { problem: 'holds no RSA key of at least 2048 bits for signatures (RS256)' }
  if (new Set(keys.map((key) => key.kid)).size < keys.length) {
    return { problem: 'holds two keys of the same kid, or without one: no token could tell which it means' }
  }
  return { keys }
}

function entriesOf(text: string): readonly Readonly<Record<string, unknown>>[] | undefined {
  try {
    const set: unknown = JSON.parse(text)
    if (!isObject(set) || !Array.isArray(set['keys'])) return undefined
    const entries: unknown[] = set['keys']
    return entries.every(isObject) ? entries : undefined
  } catch {
    return undefined
  }
}

function rsaKey({ kty, n, e, kid, use, alg }: Readonly<Record<string, unknown>>): RsaPublicKey | undefined {
  if (kty !== 'RSA' || (use ?? 'sig') !== 'sig' || (alg ?? 'RS256') !== 'RS256') return undefined
  if (typeof n !== 'string' || typeof e !== 'string' || !BASE64URL.test(n) || !BASE64URL.test(e)) return undefined
  if (n.length < MIN_MODULUS_LENGTH) return undefined
  return typeof kid === 'string' ? { kty, n, e, kid } : { kty, n, e }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
