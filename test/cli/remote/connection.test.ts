import t from 'tap'
import { ApiError } from '../../../src/client/index.ts'
import { readConnection } from '../../../src/cli/remote/connection.ts'
import { faultOf } from '../../../src/cli/remote/faults.ts'
import { lookOf, wantsColours } from '../../../src/cli/remote/look.ts'

const FILES: Readonly<Record<string, string>> = { 'data/oma.token': 'of-this-run\n', empty: ' \n', mine: ' mine \n' }
const read = (path: string) => {
  const text = FILES[path]
  return text === undefined ? { problem: 'does not exist' } : { text }
}
const connect = (flags: Record<string, string>, env: Record<string, string> = {}) =>
  readConnection({ flags, env }, read)

t.test('[CLI-3] flags before environment before what a service on this machine left', async (t) => {
  t.same(connect({}), { value: { url: 'http://127.0.0.1:8082', token: 'of-this-run' } })
  t.same(connect({}, { OMA_URL: 'https://oma.example/sub/', OMA_TOKEN: 'env' }), {
    value: { url: 'https://oma.example/sub', token: 'env' },
  })
  t.same(connect({}, { OMA_URL: 'https://oma.example' }), { value: { url: 'https://oma.example', token: undefined } })
  t.same(connect({ oma: 'http://b:1', token: 'flag' }, { OMA_URL: 'http://a', OMA_TOKEN: 'env' }), {
    value: { url: 'http://b:1', token: 'flag' },
  })
  t.match(connect({ tokenFile: 'mine' }, { OMA_TOKEN: 'env' }), { value: { token: 'mine' } })
})

t.test('[CLI-3, SEC-2] what is wrong is told, all of it, and never the secret in it', async (t) => {
  const faulty = connect({ oma: 'http://user:hunter2@x', token: 'hunter2 x' })
  t.match(faulty, { problems: [/--oma must be a URL without user/, /--token holds white space/] })
  t.notMatch(JSON.stringify(faulty), /hunter2/)
  for (const [flags, told] of [
    [{ oma: 'oma:8082' }, /--oma is no http or https URL/],
    [{ oma: 'http://x/#token=a' }, /without user, password, \? and #/],
    [{ token: 'a', tokenFile: 'mine' }, /given both/],
    [{ tokenFile: 'none' }, /--token-file names none, which does not exist/],
    [{ tokenFile: 'empty' }, /is empty/],
    [{ token: 'sha256:ab' }, /is a digest/],
  ] as const)
    t.match(connect(flags), { problems: [told] })
})

t.test('[CLI-3] each kind of fault has its sentence and its exit code', async (t) => {
  const at = { url: 'http://oma:8082', token: undefined }
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  for (const [error, code, told] of [
    [
      new TypeError('fetch failed', { cause: refused }),
      2,
      /cannot reach the OMA at http:\/\/oma:8082: nothing listens there/,
    ],
    [new ApiError(401, 'Authentication required'), 77, /wants a token: set OMA_TOKEN/],
    [new ApiError(403, 'Insufficient scope'), 77, /Insufficient scope/],
    [new ApiError(404, 'job not found'), 2, /says: job not found/],
    [new ApiError(500, 'Internal server error'), 1, /answered 500/],
    [new ApiError(502, 'a\x1b[2Jb'), 1, /a\?\[2Jb/],
  ] as const) {
    const fault = faultOf(error, at)
    t.equal(fault.code, code)
    t.match(fault.sentence, told)
  }
  t.match(faultOf(new ApiError(401, ''), { ...at, token: 'x' }).sentence, /does not take this token/)
})

t.test('[CLI-3] colours: FORCE_COLOR before NO_COLOR before what the terminal can', async (t) => {
  const terminal = { isTTY: true, columns: 40, hasColors: () => true }
  t.equal(wantsColours(terminal, {}), true)
  t.equal(wantsColours(terminal, { NO_COLOR: '1' }), false)
  t.equal(wantsColours(terminal, { NO_COLOR: '' }), true)
  t.equal(wantsColours({}, {}), false)
  t.equal(wantsColours({}, { FORCE_COLOR: '1', NO_COLOR: '1' }), true)
  t.equal(wantsColours(terminal, { FORCE_COLOR: '0' }), false)
  t.equal(lookOf(terminal, {}).width, 40)
})
