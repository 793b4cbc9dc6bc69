import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readNamed } from '../../config/files.ts'
import { describeFault, loadSettings } from '../../config/load.ts'
import { issuer, jwks, SECRET } from '../support/jwt.ts'

function load(env: Readonly<Record<string, string>>) {
  const loaded = loadSettings({ env, read: readNamed })
  return 'faults' in loaded ? { faults: loaded.faults.map(describeFault) } : loaded.settings
}

t.test('[CFG-1, SEC-1] JWT settings: secret, key set, issuer and audience', async (t) => {
  const path = join(t.testdir(), 'jwks.json')
  const { jwk } = issuer('one')
  writeFileSync(path, jwks({ jwk }))
  t.match(load({ OMA_JWT_SECRET: SECRET, OMA_JWT_JWKS: path, OMA_JWT_ISSUER: 'a b', OMA_JWT_AUDIENCE: 'c' }), {
    jwtSecret: SECRET,
    jwtJwks: { path, keys: [jwk] },
    jwtIssuer: 'a b',
    jwtAudience: 'c',
  })
  t.match(load({}), { jwtSecret: '', jwtJwks: undefined, jwtIssuer: '', jwtAudience: '', readTokens: [] })
  writeFileSync(path, '{"keys":[{"kty":"oct","k":"hunter2"}]}')
  t.same(load({ OMA_JWT_JWKS: path, OMA_JWT_SECRET: 'hunter2'.repeat(4) }), {
    faults: [
      'OMA_JWT_SECRET is 28 bytes long, but needs 32',
      `OMA_JWT_JWKS names ${path}, which holds a private or shared key: give the public keys alone`,
    ],
  })
  t.match(load({ OMA_JWT_JWKS: '/nowhere/jwks.json', OMA_READ_TOKENS: 'sha256:hunter2' }), {
    faults: [/^OMA_READ_TOKENS entry 1 says sha256:/, 'OMA_JWT_JWKS names /nowhere/jwks.json, which does not exist'],
  })
  t.same(load({ OMA_JWT_ISSUER: 'a', OMA_JWT_AUDIENCE: 'b' }), {
    faults: [
      'OMA_JWT_ISSUER is of no use without OMA_JWT_SECRET or OMA_JWT_JWKS',
      'OMA_JWT_AUDIENCE is of no use without OMA_JWT_SECRET or OMA_JWT_JWKS',
    ],
  })
})

t.test('[SEC-1] an address that others reach needs a way in: any of them', async (t) => {
  const open = { OMA_HTTP_HOST: '0.0.0.0' }
  const names = 'OMA_API_TOKENS or OMA_READ_TOKENS or OMA_JWT_SECRET or OMA_JWT_JWKS'
  t.same(load(open), { faults: [`OMA_HTTP_HOST "0.0.0.0" can be reached by others and needs ${names} (SEC-1)`] })
  for (const given of [{ OMA_API_TOKENS: 'x' }, { OMA_READ_TOKENS: 'x' }, { OMA_JWT_SECRET: SECRET }]) {
    t.match(load({ ...open, ...given }), { omaHttpHost: '0.0.0.0' })
  }
  t.match(load({ ...open, VMA_HTTP_HOST: '::', OMA_JWT_SECRET: SECRET }), {
    faults: [/^VMA_HTTP_HOST .* VMA_API_TOKENS/],
  })
  t.match(load({ ...open, OMA_JWT_SECRET: 'short' }), { faults: [/^OMA_JWT_SECRET/] }, 'one fault is enough')
})
