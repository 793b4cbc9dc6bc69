/** Who bearers are taken for: tokens of the settings, and JWTs with every trick that is known of them. */

import { writeFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JWTPayload } from 'jose'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { authenticator, type Verified } from '../../src/http/authenticate.ts'
import { JwksFile } from '../../src/http/jwks.ts'
import { JwtVerifier, type JwtOptions } from '../../src/http/jwt.ts'
import { readJwks } from '../../src/model/jwks.ts'
import { issuer, jwks, SECRET, token, unsigned } from '../support/jwt.ts'

const START = Date.parse('2025-09-05T15:00:00Z')
const EXP = START / 1_000 + 600
const HMAC = Buffer.from(SECRET)
const first = issuer('first')
const second = issuer('second')
const stranger = issuer('first')

class HandClock {
  at = START
  readonly now = (): number => this.at
}

function verifierOf(t: Test, more: Partial<JwtOptions> & { readonly file?: string } = {}) {
  const clock = new HandClock()
  const path = join(t.testdir(), 'jwks.json')
  const file = more.file ?? jwks(first)
  writeFileSync(path, file)
  const set = readJwks(file)
  if ('problem' in set) throw new Error(set.problem)
  const faults: Error[] = []
  const keys = new JwksFile({ path, keys: set.keys, clock, onFault: (error) => faults.push(error) })
  const verifier = new JwtVerifier({ secret: SECRET, jwks: keys, clock, ...more })
  return { verifier, clock, path, faults }
}

const scopesOf = (verified: Verified): string[] => (verified.ok ? [...verified.scopes] : ['refused'])
const reading = (more: JWTPayload = {}): JWTPayload => ({ scope: 'read', exp: EXP, ...more })

t.test('[SEC-1] tokens of the settings open everything or reading, at once', async (t) => {
  const authenticate = authenticator({ tokens: ['full', 'both'], readTokens: ['look', 'both'] })
  t.match(authenticate('full'), { ok: true, scopes: new Set(['read', 'operate']), expiresAt: Infinity })
  t.match(authenticate('both'), { ok: true, scopes: new Set(['read', 'operate']) })
  t.match(authenticate('look'), { ok: true, scopes: new Set(['read']) })
  for (const nobody of ['', 'Full', 'full ', 'a.b.c']) t.same(authenticate(nobody), { ok: false })
})

t.test('[SEC-1] JWTs by secret and by key, with scopes however they are written', async (t) => {
  const { verifier } = verifierOf(t)
  for (const [claims, scopes] of [
    [{ scope: 'read' }, ['read']],
    [{ scope: 'openid operate read' }, ['read', 'operate']],
    [{ scopes: ['operate'] }, ['operate']],
    [{ scp: ['read', 'profile'] }, ['read']],
    [{ scp: 'read operate' }, ['read', 'operate']],
    [{ scope: 'reads' }, []],
    [{ scope: 7, scopes: [['read']] }, []],
    [{}, []],
  ] as const) {
    const payload: JWTPayload = { ...claims, exp: EXP }
    t.same(scopesOf(await verifier.verify(await token(HMAC, payload))), scopes)
    t.same(scopesOf(await verifier.verify(await token(first.privateKey, payload, { kid: 'first' }))), scopes)
    t.same(scopesOf(await verifier.verify(await token(first.privateKey, payload))), scopes, 'one key needs no kid')
  }
})

t.test('[SEC-1] no algorithm but the two, and no key for the other one', async (t) => {
  const { verifier } = verifierOf(t)
  const pem = first.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const forged = [
    unsigned({ alg: 'none' }, reading()),
    unsigned({ alg: 'none' }, reading(), 'AAAA'),
    unsigned({ alg: 'None', kid: 'first' }, reading(), 'AAAA'),
    unsigned({ alg: 'HS256' }, reading(), 'AAAA'),
    unsigned({}, reading(), 'AAAA'),
    await token(Buffer.from(pem), reading()),
    await token(Buffer.from(pem.trim()), reading(), { kid: 'first' }),
    await token(Buffer.from(String(first.jwk['n'])), reading(), { kid: 'first' }),
    await token(HMAC, reading(), { alg: 'HS384' }),
    await token(HMAC, reading(), { alg: 'HS512' }),
    await token(first.privateKey, reading(), { alg: 'RS512' }),
    await token(first.privateKey, reading(), { alg: 'PS256' }),
    await token(stranger.privateKey, reading(), { kid: 'first' }),
    await token(second.privateKey, reading(), { kid: 'second' }),
    await token(stranger.privateKey, reading(), { jwk: { kty: 'RSA', ...stranger.jwk } }),
  ]
  for (const one of forged) t.same(await verifier.verify(one), { ok: false }, one)
})

t.test('[SEC-1] without a secret no HS256, without keys no RS256', async (t) => {
  const byKey = verifierOf(t, { secret: undefined }).verifier
  t.same(await byKey.verify(await token(HMAC, reading())), { ok: false })
  t.match(await byKey.verify(await token(first.privateKey, reading())), { ok: true })
  const bySecret = verifierOf(t, { jwks: undefined }).verifier
  t.same(await bySecret.verify(await token(first.privateKey, reading())), { ok: false })
  t.match(await bySecret.verify(await token(HMAC, reading())), { ok: true })
})

t.test('[SEC-1] times: exp is needed, and clocks may be 30 s apart', async (t) => {
  const { verifier, clock } = verifierOf(t)
  const now = START / 1_000
  for (const [claims, ok] of [
    [{ exp: undefined }, false],
    [{ exp: '9999999999' }, false],
    [{ exp: now - 29 }, true],
    [{ exp: now - 30 }, false],
    [{ nbf: now + 30 }, true],
    [{ nbf: now + 31 }, false],
    [{ nbf: 'now' }, false],
  ] as const) {
    t.equal(
      (await verifier.verify(await token(HMAC, { ...reading(), ...claims } as never))).ok,
      ok,
      JSON.stringify(claims),
    )
  }
  const short = await token(HMAC, reading())
  t.match(await verifier.verify(short), { ok: true, expiresAt: (EXP + 30) * 1_000 })
  clock.at = (EXP + 30) * 1_000 - 1
  t.match(await verifier.verify(short), { ok: true })
  clock.at += 1
  t.same(await verifier.verify(short), { ok: false }, 'remembered, but over')
})

t.test('[SEC-1] issuer and audience where they are asked for', async (t) => {
  const { verifier } = verifierOf(t, { issuer: 'https://id.example', audience: 'sightline' })
  const cases: readonly (readonly [JWTPayload, boolean])[] = [
    [{ iss: 'https://id.example', aud: 'sightline' }, true],
    [{ iss: 'https://id.example', aud: ['other', 'sightline'] }, true],
    [{ iss: 'https://id.example/', aud: 'sightline' }, false],
    [{ iss: 'https://id.example' }, false],
    [{ aud: 'sightline' }, false],
    [{ iss: 'https://id.example', aud: ['other'] }, false],
  ]
  for (const [claims, ok] of cases) {
    t.equal((await verifier.verify(await token(HMAC, reading(claims)))).ok, ok, JSON.stringify(claims))
  }
})

t.test('[SEC-1] a verified token is known at once, and only that one', async (t) => {
  const { verifier } = verifierOf(t)
  const good = await token(HMAC, reading())
  t.ok(verifier.verify(good) instanceof Promise)
  await verifier.verify(good)
  t.match(verifier.verify(good), { ok: true, scopes: new Set(['read']) })
  const parts = good.split('.')
  const flip = fc.record({ part: fc.nat(2), byte: fc.nat(), bit: fc.nat(7) })
  await fc.assert(
    fc.asyncProperty(flip, async ({ part, byte, bit }) => {
      const bytes = Buffer.from(parts[part] ?? '', 'base64url')
      const at = byte % bytes.length
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
      const forged = parts.with(part, bytes.toString('base64url')).join('.')
      return !(await verifier.verify(forged)).ok
    }),
  )
})

t.test('[SEC-1] no text is taken for a token by accident, and none throws', async (t) => {
  const { verifier } = verifierOf(t)
  const authenticate = authenticator({ tokens: ['full'], jwt: verifier })
  const piece = fc.string({ unit: fc.constantFrom('a', 'e', 'y', 'J', '0', '-', '_', '='), maxLength: 40 })
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { minLength: 2, maxLength: 4 }).map((all) => all.join('.')),
  )
  await fc.assert(fc.asyncProperty(text, async (bearer) => bearer === 'full' || !(await authenticate(bearer)).ok))
  t.match(authenticate('full'), { ok: true }, 'tokens of the settings are good beside JWTs')
})

t.test('[SEC-1] the JWKS file is read again, at most every 30 s', async (t) => {
  const { verifier, clock, path, faults } = verifierOf(t)
  const old = await token(first.privateKey, reading(), { kid: 'first' })
  const fresh = await token(second.privateKey, reading(), { kid: 'second' })
  t.match(await verifier.verify(old), { ok: true })
  writeFileSync(path, jwks(second))
  clock.at += 29_999
  t.match(verifier.verify(old), { ok: true })
  t.same(await verifier.verify(fresh), { ok: false }, 'not before its time')
  clock.at += 1
  t.match(await verifier.verify(fresh), { ok: true })
  t.match(verifier.verify(fresh), { ok: true })
  t.same(await verifier.verify(old), { ok: false }, 'a key that was taken out opens nothing, remembered or not')

  for (const spoil of [() => writeFile(path, '{"keys":['), () => rm(path)]) {
    await spoil()
    clock.at += 30_000
    t.match(await verifier.verify(fresh), { ok: true }, 'a file that is no good takes no keys away')
  }
  t.match(faults, [{ message: `${path} holds no JWK set: {"keys":[…]}` }, { message: `${path} cannot be read` }])
})
