/** An answer is the same however its bytes are cut, and what is none is told as such. */

import fc from 'fast-check'
import t from 'tap'
import { HttpAnswer } from '../../src/workers/http-answer.ts'

const MAX_BYTES = 2_000

interface Made {
  readonly text: string
  /** Ends with the connection. */
  readonly isRest: boolean
  readonly keepsAlive: boolean
}

const CRLF = '\r\n'
const body = fc.string({ unit: 'grapheme', maxLength: 200 })
const sized = (text: string, extension: string): string =>
  `${Buffer.byteLength(text).toString(16)}${extension}${CRLF}${text}${CRLF}`

function chunked(text: string, cut: number, extension: string, trailer: string): string {
  const characters = [...text]
  const parts: string[] = []
  for (let at = 0; at < characters.length; at += cut) parts.push(characters.slice(at, at + cut).join(''))
  return `${parts.map((part) => sized(part, extension)).join('')}0${CRLF}${trailer}${CRLF}`
}

const made = fc
  .record({
    body,
    how: fc.constantFrom('length', 'chunked', 'rest'),
    cut: fc.integer({ min: 1, max: 50 }),
    extension: fc.constantFrom('', ';a=b', ' '),
    trailer: fc.constantFrom('', `X-Sum: 1${CRLF}`),
    close: fc.boolean(),
    version: fc.constantFrom('1.1', '1.0'),
    before: fc.constantFrom('', `HTTP/1.1 103 Early Hints${CRLF}Link: <a>${CRLF}${CRLF}`),
  })
  .map(({ body: text, how, cut, extension, trailer, close, version, before }): Made & { readonly body: string } => {
    const framing =
      how === 'length'
        ? `Content-Length: ${Buffer.byteLength(text)}${CRLF}`
        : how === 'chunked'
          ? `Transfer-Encoding: chunked${CRLF}`
          : ''
    const head = `HTTP/${version} 200 OK${CRLF}date: then${CRLF}X-Other: a:b${CRLF}${framing}${close ? `connection: Close${CRLF}` : ''}${CRLF}`
    const rest = how === 'chunked' ? chunked(text, cut, extension, trailer) : text
    return {
      text: before + head + rest,
      body: text,
      isRest: how === 'rest',
      keepsAlive: !close && version === '1.1' && how !== 'rest',
    }
  })

/** Pushes the bytes in pieces of the given sizes, again and again. */
function read(bytes: Buffer, sizes: readonly number[]): { readonly answer: HttpAnswer; readonly isWhole: boolean } {
  const answer = new HttpAnswer(MAX_BYTES)
  let isWhole = false
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1
    isWhole = answer.push(bytes.subarray(at, at + size))
    at += size
    if (isWhole && at < bytes.length) throw new Error(`whole with ${bytes.length - at} bytes to come`)
  }
  return { answer, isWhole }
}

t.test('[POLL-4] an answer is the same in one piece and in any others', async (t) => {
  fc.assert(
    fc.property(made, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (one, sizes) => {
      for (const cuts of [[1_000_000], sizes, [1]]) {
        const { answer, isWhole } = read(Buffer.from(one.text), cuts)
        if (isWhole === one.isRest) throw new Error(isWhole ? 'whole before the end' : 'not whole')
        if (one.isRest !== answer.end()) throw new Error('its end')
        if (answer.body !== one.body) throw new Error(`${JSON.stringify(answer.body)}, not ${JSON.stringify(one.body)}`)
        if (answer.keepsAlive !== one.keepsAlive || answer.status !== 200 || answer.date !== 'then')
          throw new Error(JSON.stringify({ ...answer }))
      }
    }),
    { numRuns: 500 },
  )
  t.pass('of 500')
})

t.test(
  '[POLL-4] what is no HTTP answer is refused, and never waited for to the deadline when it can be known',
  async (t) => {
    const faults: readonly string[] = [
      'SSH-2.0-OpenSSH_9.2\r\n',
      '<html>',
      `HTTP/2 200 OK${CRLF}${CRLF}`,
      `HTTP/1.1 abc${CRLF}${CRLF}`,
      `HTTP/1.1 200 OK${CRLF}no colon${CRLF}${CRLF}`,
      `HTTP/1.1 200 OK${CRLF}Content-Length: -1${CRLF}${CRLF}`,
      `HTTP/1.1 200 OK${CRLF}Content-Length: 1${CRLF}Content-Length: 2${CRLF}${CRLF}`,
      `HTTP/1.1 200 OK${CRLF}Transfer-Encoding: gzip${CRLF}${CRLF}`,
      `HTTP/1.1 200 OK${CRLF}Transfer-Encoding: chunked${CRLF}${CRLF}xyz${CRLF}`,
      `HTTP/1.1 200 OK${CRLF}Transfer-Encoding: chunked${CRLF}${CRLF}1${CRLF}ab${CRLF}`,
      `HTTP/1.1 200 OK${CRLF}X: ${'y'.repeat(17_000)}`,
    ]
    for (const text of faults)
      t.throws(() => read(Buffer.from(text), [1_000_000]), { code: 'HTTP_FAULT' }, text.slice(0, 60))
  },
)

t.test('[POLL-4] a body beyond the limit is refused as soon as that is known', async (t) => {
  const head = `HTTP/1.1 200 OK${CRLF}`
  const bodies = [
    `Content-Length: ${MAX_BYTES + 1}${CRLF}${CRLF}`,
    `Transfer-Encoding: chunked${CRLF}${CRLF}${(MAX_BYTES + 1).toString(16)}${CRLF}`,
    `${CRLF}${'x'.repeat(MAX_BYTES + 1)}`,
    `Transfer-Encoding: chunked${CRLF}${CRLF}${sized('x'.repeat(500), '').repeat(5)}`,
  ]
  for (const rest of bodies) t.throws(() => read(Buffer.from(head + rest), [100]), { code: 'TOO_LARGE' })
})

t.test('[POLL-4] after an answer that two could read differently the connection is not used again', async (t) => {
  const keepsAlive = (text: string): boolean => {
    const answer = new HttpAnswer(MAX_BYTES)
    t.equal(answer.push(Buffer.from(text)), true)
    return answer.keepsAlive
  }
  const head = 'HTTP/1.1 200 OK\r\n'
  t.equal(keepsAlive(`${head}Content-Length: 2\r\n\r\nok`), true)
  t.equal(keepsAlive(`${head}Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK`), false, 'more than the answer')
  t.equal(keepsAlive(`${head}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`), false)
  t.equal(keepsAlive('HTTP/1.1 204 No Content\r\n\r\n'), true)
  t.equal(keepsAlive('HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n'), true)
})
