/** The kinds of setting that JWTs are checked by (SEC-1). */

import { readJwks } from '../src/model/jwks.ts'
import type { RsaPublicKey } from '../src/model/jwks.ts'
import type { Kind } from './kinds.ts'

/** An HS256 key has to be as long as its hash (RFC 7518, 3.2). */
const MIN_SECRET_BYTES = 32

/** Faults never repeat it. */
export const jwtSecret: Kind<string> = {
  label: 'text',
  argument: 'secret',
  bounds: `at least ${MIN_SECRET_BYTES} bytes of UTF-8`,
  show: (value) => value,
  parse(text) {
    const bytes = Buffer.byteLength(text)
    if (bytes > 0 && bytes < MIN_SECRET_BYTES)
      return { problem: `is ${bytes} bytes long, but needs ${MIN_SECRET_BYTES}` }
    return { value: text }
  },
}

/** A file of public keys, as it was at start. It is read again while the service runs. */
export interface JwksSetting {
  readonly path: string
  readonly keys: readonly RsaPublicKey[]
}

export const jwksFile: Kind<JwksSetting | undefined> = {
  label: 'JWKS file',
  argument: 'file',
  bounds: 'RSA keys of at least 2048 bits',
  show: (value) => value?.path ?? '',
  parse(path, read) {
    if (path === '') return { value: undefined }
    const file = read?.(path) ?? { problem: 'is not read here' }
    if ('problem' in file) return { problem: `names ${path}, which ${file.problem}` }
    const set = readJwks(file.text)
    return 'problem' in set ? { problem: `names ${path}, which ${set.problem}` } : { value: { path, keys: set.keys } }
  },
}

/** What `iss` or `aud` has to be, letter for letter. */
export const claim: Kind<string> = {
  label: 'text',
  argument: 'text',
  show: (value) => value,
  parse: (text) => (text.length > 1_000 ? { problem: 'is longer than 1000 characters' } : { value: text }),
}
