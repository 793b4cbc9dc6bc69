import { createHash } from 'node:crypto'
import t from 'tap'
import { bearerOf, isLoopback, requireSafeBinding, tokenChecker } from '../../src/http/auth.ts'

const hex = createHash('sha256').update('by-digest').digest('hex')

t.test('[SEC-1] tokens may be given plain or as sha256', async (t) => {
  const isToken = tokenChecker([
    'plain',
    `sha256:${hex}`,
    `SHA256:${createHash('sha256').update('upper').digest('hex').toUpperCase()}`,
  ])
  for (const good of ['plain', 'by-digest', 'upper']) t.equal(isToken(good), true, good)
  for (const bad of ['', 'Plain', 'plain ', hex, `sha256:${hex}`, 'x'.repeat(10_000)]) t.equal(isToken(bad), false, bad)
  t.equal(tokenChecker([])(''), false)
})

t.test('[SEC-1] an entry that cannot be meant is refused without being told', async (t) => {
  t.throws(() => tokenChecker(['good', '']), new Error('token 2 is empty'))
  t.throws(() => tokenChecker(['sha256:abc']), new Error('token 1: sha256: takes 64 hex digits'))
})

t.test('the token of an Authorization header', async (t) => {
  t.equal(bearerOf('Bearer abc'), 'abc')
  t.equal(bearerOf('bearer   abc '), 'abc')
  for (const none of ['', 'Bearer', 'Bearer ', 'Basic abc', 'abc', 'Bearer a b'])
    t.equal(bearerOf(none), undefined, none)
})

t.test('[SEC-1] no address but this machine’s own without tokens', async (t) => {
  for (const host of ['127.0.0.1', '127.8.8.8', 'localhost', '::1']) {
    t.equal(isLoopback(host), true)
    t.doesNotThrow(() => requireSafeBinding(host, false))
  }
  for (const host of ['0.0.0.0', '::', '10.0.0.5', '127.evil.example', 'localhost.example', '']) {
    t.throws(() => requireSafeBinding(host, false), /refusing to listen on .* without tokens/)
    t.doesNotThrow(() => requireSafeBinding(host, true))
  }
})
