import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import t, { type Test } from 'tap'
import { VmaClient, type VmaAnswer, type VmaClientOptions } from '../../src/workers/vma-client.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

async function clientFor(t: Test, handler: Handler, options: Partial<VmaClientOptions> = {}): Promise<VmaClient> {
  const server = createServer(handler)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no address')
  const client = new VmaClient(
    { name: 'vma', url: `http://127.0.0.1:${address.port}` },
    {
      maxConcurrent: 4,
      timeoutMs: 400,
      now: Date.now,
      ...options,
    },
  )
  t.teardown(async () => {
    client.close()
    server.closeAllConnections()
    server.close()
  })
  return client
}

async function ask(client: VmaClient, key = 'k'): Promise<VmaAnswer> {
  return await new Promise((resolve) => client.get(key, resolve))
}

t.test('[POLL-4] each way to fail has its own name', async (t) => {
  const ways: readonly (readonly [string, Handler])[] = [
    ['not_found', (_q, r) => r.writeHead(404).end('{"error":"job not found"}')],
    ['http_4xx', (_q, r) => r.writeHead(403).end('no')],
    ['http_5xx', (_q, r) => r.writeHead(502).end('bad gateway')],
    ['invalid_body', (_q, r) => r.writeHead(302, { location: '/x' }).end()],
    ['too_large', (_q, r) => r.writeHead(200).end(Buffer.alloc(1_100_000, 32))],
    ['timeout', () => {}],
    ['unreachable', (q) => q.socket.destroy()],
  ]
  for (const [code, handler] of ways) {
    const client = await clientFor(t, handler)
    t.match(await ask(client), { ok: false, error: { code } }, code)
  }
})

t.test('[POLL-4] a body that drips is cut at the deadline: it counts for the whole answer', async (t) => {
  const client = await clientFor(t, (_q, r) => {
    r.writeHead(200)
    const drip = setInterval(() => r.write(' '), 20)
    r.on('close', () => clearInterval(drip))
  })
  t.match(await ask(client), { ok: false, error: { code: 'timeout' } })
})

t.test('[POLL-4] answers whose pieces come by turns over several connections stay apart', async (t) => {
  const letters = ['a', 'b', 'c', 'd']
  const waiting: { readonly socket: IncomingMessage['socket']; readonly letter: string }[] = []
  const heads: readonly ((bytes: number) => string)[] = [
    (bytes) => `Content-Length: ${bytes}\r\n\r\n`,
    (bytes) => `Transfer-Encoding: chunked\r\n\r\n${bytes.toString(16)}\r\n`,
  ]
  /** A piece of each answer, then the next of each: the head is cut too. */
  const tellAll = async (): Promise<void> => {
    for (let from = 0; from < 3; from += 1) {
      for (const [at, { socket, letter }] of waiting.entries()) {
        const body = JSON.stringify({ said: letter.repeat(90_000) })
        const text = `HTTP/1.1 200 OK\r\n${heads[at % 2]?.(body.length)}${body}${at % 2 === 1 ? '\r\n0\r\n\r\n' : ''}`
        socket.write([text.slice(0, 30), text.slice(30, 50_000), text.slice(50_000)][from] ?? '')
      }
      // So that it is read by itself: pieces that arrive together would prove less, and fail nothing.
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const client = await clientFor(
    t,
    ({ socket, url }) => {
      waiting.push({ socket, letter: url?.at(-1) ?? '' })
      if (waiting.length === letters.length) void tellAll()
    },
    { timeoutMs: 20_000 },
  )
  const answers = await Promise.all(letters.map((letter) => ask(client, letter)))
  for (const [at, letter] of letters.entries()) {
    const answer = answers[at]
    t.equal(answer?.ok, true)
    t.ok(answer?.ok === true && JSON.stringify(answer.body) === JSON.stringify({ said: letter.repeat(90_000) }), letter)
  }
})

t.test('[POLL-4] nobody listens, and garbage instead of HTTP', async (t) => {
  const nobody = new VmaClient(
    { name: 'vma', url: 'http://127.0.0.1:1' },
    { maxConcurrent: 1, timeoutMs: 400, now: Date.now },
  )
  t.teardown(() => nobody.close())
  t.match(await ask(nobody), { ok: false, error: { code: 'unreachable' } })
  const tcp = createTcpServer((socket) => socket.on('data', () => socket.end('SSH-2.0-OpenSSH_9.2\r\n')))
  tcp.listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  t.teardown(() => tcp.close())
  const address = tcp.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const client = new VmaClient(
    { name: 'vma', url: `http://127.0.0.1:${port}` },
    { maxConcurrent: 1, timeoutMs: 400, now: Date.now },
  )
  t.teardown(() => client.close())
  t.match(await ask(client), { ok: false, error: { code: 'invalid_body' } })
})

t.test('[POLL-9] never more in flight than allowed, all are answered, in turn', async (t) => {
  let inFlight = 0
  let most = 0
  const client = await clientFor(
    t,
    (_q, r) => {
      inFlight += 1
      most = Math.max(most, inFlight)
      setImmediate(() => {
        inFlight -= 1
        r.end('{"status":"Running"}')
      })
    },
    { maxConcurrent: 3, timeoutMs: 10_000 },
  )
  const answers = await Promise.all(Array.from({ length: 60 }, async (_, i) => await ask(client, `k${i}`)))
  t.ok(answers.every((answer) => answer.ok))
  t.ok(most <= 3, `${most} in flight`)
  t.equal(client.waiting, 0)
  t.equal(client.inFlight, 0)
})

t.test('[POLL-4] a connection that was closed while idle is asked once more', async (t) => {
  let count = 0
  const client = await clientFor(t, (q, r) => {
    count += 1
    if (count === 1) q.socket.destroy()
    else r.end('{"status":"Running"}')
  })
  t.match(await ask(client), { ok: true, body: { status: 'Running' } })
})

t.test('a key is one path segment, whatever it holds', async (t) => {
  const client = await clientFor(t, (q, r) => r.end(JSON.stringify({ status: q.url })))
  t.match(await ask(client, 'a/b ?#é'), { body: { status: '/api/v1/progress/a%2Fb%20%3F%23%C3%A9' } })
})
