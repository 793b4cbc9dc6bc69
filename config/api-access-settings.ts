/** The settings that say who may ask the OMA, for schema.ts (SEC-1). */

import { claim, jwksFile, jwtSecret } from './jwt.ts'
import { tokenList } from './kinds.ts'
import { setting } from './setting.ts'

export const apiAccess = {
  apiTokens: setting({
    group: 'OMA service',
    env: 'OMA_API_TOKENS',
    flag: '--api-tokens',
    kind: tokenList,
    defaultText: '',
    doc: 'Bearer tokens that open the whole API, each plain or as `sha256:<hex>`. Other users of the machine can read flags: prefer the environment or the file.',
    secret: true,
  }),
  readTokens: setting({
    group: 'OMA service',
    env: 'OMA_READ_TOKENS',
    flag: '--read-tokens',
    kind: tokenList,
    defaultText: '',
    doc: 'Bearer tokens that read and stream, but start and stop nothing (scope `read`); given as OMA_API_TOKENS are.',
    secret: true,
  }),
  jwtSecret: setting({
    group: 'OMA service',
    env: 'OMA_JWT_SECRET',
    flag: '--jwt-secret',
    kind: jwtSecret,
    defaultText: '',
    doc: 'Lets in bearers of JWTs signed by this secret (HS256). They need `exp`, and a scope `read` or `operate` in `scope`, `scopes` or `scp`. Prefer the environment or the file to the flag.',
    secret: true,
  }),
  jwtJwks: setting({
    group: 'OMA service',
    env: 'OMA_JWT_JWKS',
    flag: '--jwt-jwks',
    kind: jwksFile,
    defaultText: '',
    doc: 'Lets in bearers of JWTs signed by a key of this JWK set (RS256). Unlike other files it is read again, at most every 30 s: a key that is taken out of it opens nothing any more.',
  }),
  jwtIssuer: setting({
    group: 'OMA service',
    env: 'OMA_JWT_ISSUER',
    flag: '--jwt-issuer',
    kind: claim,
    defaultText: '',
    doc: 'What `iss` of a JWT has to be; none takes any.',
  }),
  jwtAudience: setting({
    group: 'OMA service',
    env: 'OMA_JWT_AUDIENCE',
    flag: '--jwt-audience',
    kind: claim,
    defaultText: '',
    doc: 'What `aud` of a JWT has to be, or to name among others; none takes any. Set it where the issuer signs tokens for other services too.',
  }),
}
