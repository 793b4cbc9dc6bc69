/**
 * Senders that take their time, on raw sockets. Bodies have a deadline of ours. Headers have one of uWS that no setting
 * reaches: 10 s in steps of 4 from the connection's start, or from the end of its last answer, whatever is sent meanwhile.
 */

import t from 'tap'
import type { Route } from '../../src/http/route.ts'
import { listen } from '../../src/http/uws/server.ts'
import { ask, rawConnection } from '../support/http.ts'

const ok = { status: 200, body: {} }
const routes: readonly Route[] = [
  { method: 'GET', path: '/', summary: '', auth: 'none', handler: () => ok },
  {
    method: 'POST',
    path: '/say',
    summary: '',
    auth: 'none',
    handler: () => ok,
    body: { maxBytes: 1_000, contentTypes: ['text/plain'] },
  },
]
const server = await listen({
  host: '127.0.0.1',
  port: 0,
  routes,
  clock: { now: () => Date.now() },
  onFault: (error) => t.fail('a handler failed', { error }),
  bodyDeadlineMs: 600,
})
t.teardown(() => server.close(0))

/** Sends `piece` again and again until it is cut off; what the server said. */
async function trickle(start: string, piece: string, everyMs = 100): Promise<string> {
  const connection = await rawConnection(server.port)
  connection.write(start)
  const timer = setInterval(() => connection.write(piece), everyMs)
  try {
    return await connection.closed
  } finally {
    clearInterval(timer)
  }
}

const POST = 'POST /say HTTP/1.1\r\nHost: x\r\n'
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n'

t.test('[SEC-1] a byte now and then keeps no body alive', async (t) => {
  const said = await Promise.all([
    trickle(`${POST}Content-Length: 900\r\n\r\n`, 'x'),
    trickle(`${POST}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n'),
  ])
  for (const one of said) t.match(one, /^HTTP\/1.1 408 .*"the body did not arrive within 600 ms"/s)
})

t.test('[SEC-1] a byte now and then keeps no headers alive (slow loris)', async (t) => {
  const [byte, line, second, chunk, refused, silent, idle] = await Promise.all([
    trickle(`${GET}X-Slow: `, 'x', 500),
    trickle(GET, 'X-Slow: x\r\n', 500),
    trickle(`${GET}\r\n${GET}X-Slow: `, 'x', 500),
    trickle(`${POST}Transfer-Encoding: chunked\r\n\r\n`, '0', 500),
    trickle('POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n', 'x', 500),
    trickle('', ''),
    trickle(`${GET}\r\n`, ''),
  ])
  t.equal(byte, '')
  t.equal(line, '')
  t.match(second, /^HTTP\/1.1 200 /, 'nor does an answer before them')
  t.notMatch(second.slice(1), 'HTTP/1.1')
  t.notMatch(chunk, / 200 /, 'a chunk whose size never ends')
  t.match(refused, /^HTTP\/1.1 404 /, 'a body that nobody waits for')
  t.equal(silent, '')
  t.match(idle, /^HTTP\/1.1 200 /)
  t.equal((await ask(server.port, '/')).status, 200)
})
