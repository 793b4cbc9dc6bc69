import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { readJwks } from '../../src/model/jwks.ts'
import { issuer, jwks } from '../support/jwt.ts'

const one = issuer('one')
const problemOf = (text: string): string | undefined => {
  const set = readJwks(text)
  return 'problem' in set ? set.problem : undefined
}

t.test('[SEC-1] of a JWK set the RSA keys for signatures are taken, bare', async (t) => {
  const two = issuer()
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
  const others = [
    { jwk: { ...elliptic, kid: 'ec' } },
    { jwk: { ...issuer('enc').jwk, use: 'enc' } },
    { jwk: { ...issuer('ps').jwk, alg: 'PS256' } },
    { jwk: { kty: 'RSA', n: '…', e: 'AQAB' } },
  ]
  const extras = { jwk: { ...one.jwk, use: 'sig', alg: 'RS256', x5c: ['…'] } }
  t.same(readJwks(jwks(extras, two, ...others)), { keys: [one.jwk, two.jwk] })
})

t.test('[SEC-1] sets that cannot be meant are refused without being told', async (t) => {
  for (const text of ['', '{', '[]', '{"keys":{}}', '{"keys":[1]}', 'null'])
    t.match(problemOf(text), /no JWK set/, text)
  t.match(problemOf('{"keys":[]}'), /no RSA key/)
  t.match(problemOf(jwks(issuer('weak', 1_024))), /at least 2048 bits/)
  const secret = one.privateKey.export({ format: 'jwk' })
  t.match(problemOf(jwks({ jwk: { ...secret } })), /private or shared/)
  t.match(problemOf(jwks(one, { jwk: { kty: 'oct', k: 'hunter2' } })), /private or shared/)
  t.match(problemOf(jwks(issuer(), issuer())), /two keys/)
  t.match(problemOf(jwks(one, issuer('one'))), /two keys/)
})

t.test('[SEC-1] whatever the text, an answer', async () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readJwks(text)))
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.constantFrom('kty', 'n', 'e', 'kid', 'use', 'd'), fc.jsonValue())),
      (keys) => {
        void readJwks(JSON.stringify({ keys }))
      },
    ),
  )
})
