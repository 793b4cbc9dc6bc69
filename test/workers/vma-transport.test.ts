import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { VmaTarget } from '../../src/workers/protocol.ts'
import { tlsReason } from '../../src/workers/tls-reason.ts'
import { VmaClient, type VmaAnswer } from '../../src/workers/vma-client.ts'
import { TestProxy } from '../support/proxy.ts'
import { tlsText } from '../support/tls.ts'

const TOKEN = 'hunter2-token'
const PASSWORD = 'hunter2-password'
const BASIC = `Basic ${Buffer.from(`oma:${PASSWORD}`).toString('base64')}`
const CA = { ca: tlsText('authority.pem') }
const CLIENT = { cert: tlsText('client.pem'), key: tlsText('client.key') }
const SERVER = { cert: tlsText('server.pem'), key: tlsText('server.key') }
const ASKS_FOR_CERTIFICATE = { ...CA, requestCert: true, rejectUnauthorized: true }

/** Tells what it was asked, and by whom. */
async function listening(t: Test, server: Server, path?: string): Promise<number> {
  server.on('request', (q, r) => {
    const { authorization, host } = q.headers
    r.end(
      JSON.stringify({ status: 'Running', url: q.url, authorization, host, proxy: q.headers['proxy-authorization'] }),
    )
  })
  if (path === undefined) server.listen(0, '127.0.0.1')
  else server.listen(path)
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return path === undefined ? (server.address() as AddressInfo).port : 0
}

async function plainVma(t: Test): Promise<string> {
  return `http://127.0.0.1:${await listening(t, createServer())}`
}

async function tlsVma(t: Test, options: ServerOptions = {}): Promise<string> {
  return `https://localhost:${await listening(t, createTlsServer({ ...SERVER, ...options }))}`
}

async function ask(t: Test, target: Omit<VmaTarget, 'name'>, timeoutMs = 5_000): Promise<VmaAnswer> {
  const client = new VmaClient({ name: 'vma', ...target }, { maxConcurrent: 2, timeoutMs, now: Date.now })
  t.teardown(() => client.close())
  return await new Promise((resolve) => client.get('k', resolve))
}

async function unreachable(t: Test, target: Omit<VmaTarget, 'name'>, why: RegExp): Promise<void> {
  const answer = await ask(t, target)
  t.match(answer, { ok: false, error: { code: 'unreachable', message: why } }, String(why))
  t.notMatch(JSON.stringify(answer), /hunter2|PRIVATE KEY/)
  t.notMatch(JSON.stringify(answer), new RegExp(BASIC.slice(6, 20)))
}

async function closedPort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

t.test('[CFG-2] https with an own authority, a base path and a client certificate; the token goes along', async (t) => {
  const url = await tlsVma(t, ASKS_FOR_CERTIFICATE)
  t.match(await ask(t, { url: `${url}/tunnel`, token: TOKEN, ...CA, ...CLIENT }), {
    ok: true,
    body: { url: '/tunnel/api/v1/progress/k', authorization: `Bearer ${TOKEN}` },
  })
})

t.test('[CFG-2] each way for TLS to fail is told by its reason', async (t) => {
  const good = await tlsVma(t)
  await unreachable(t, { url: good }, /TLS: its certificate comes from an authority that is not trusted/)
  await unreachable(t, { url: good, ca: tlsText('cert.pem') }, /authority that is not trusted/)
  await unreachable(t, { url: await tlsVma(t, { cert: tlsText('expired.pem') }), ...CA }, /certificate has expired/)
  await unreachable(
    t,
    { url: await tlsVma(t, { cert: tlsText('elsewhere.pem') }), ...CA },
    /certificate is for another name: .*other\.example/,
  )
  await unreachable(t, { url: (await plainVma(t)).replace('http:', 'https:'), ...CA }, /speaks no TLS/)
})

const STRANGER = { cert: tlsText('cert.pem'), key: tlsText('key.pem') }

for (const [maxVersion, missing] of [
  ['TLSv1.2', /^TLS: it asks for a client certificate.*VMA_PROGRESS_TLS_CERT/],
  // Node's server lets the handshake end and then closes; whether its alert comes before that is chance.
  ['TLSv1.3', /so does a VMA that wants a client certificate|^TLS: it asks for a client certificate/],
] as const) {
  t.test(
    `[CFG-2] a client certificate that is missing, and one that is not accepted, over ${maxVersion}`,
    async (t) => {
      const url = await tlsVma(t, { ...ASKS_FOR_CERTIFICATE, maxVersion })
      await unreachable(t, { url, ...CA }, missing)
      await unreachable(
        t,
        { url, ...CA, ...STRANGER },
        /so does a VMA that wants another client certificate than ours|does not accept our client certificate/,
      )
    },
  )
}

t.test('[CFG-2] what OpenSSL servers say about client certificates', async (t) => {
  const reason = (code: string, showed: boolean) => tlsReason(Object.assign(new Error('alert'), { code }), showed)
  t.match(reason('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', false), /asks for a client certificate/)
  for (const code of ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE']) {
    t.match(reason(code, true), /does not accept our client certificate/)
    t.match(reason(code, false), /asks for a client certificate/)
  }
  t.equal(reason('ERR_SSL_UNSUPPORTED_PROTOCOL', false), 'TLS: alert (ERR_SSL_UNSUPPORTED_PROTOCOL)')
  t.equal(reason('ECONNREFUSED', true), undefined)
})

t.test('[POLL-4] nobody listens at any address of a name', async (t) => {
  await unreachable(t, { url: `http://localhost:${await closedPort()}` }, /^ECONNREFUSED: .*127\.0\.0\.1/)
})

t.test('[CFG-2] a unix socket, and one that is not there', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-socket-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'vma.sock')
  await unreachable(t, { url: `unix:${path}` }, /^no socket at unix:\/.*vma\.sock \(ENOENT\)$/)
  await listening(t, createServer(), path)
  t.match(await ask(t, { url: `unix:${path}`, token: TOKEN }), {
    ok: true,
    body: { url: '/api/v1/progress/k', host: 'localhost', authorization: `Bearer ${TOKEN}` },
  })
})

t.test('[CFG-2] an http VMA is asked through the proxy, which keeps its password to itself', async (t) => {
  const url = await plainVma(t)
  for (const tls of [false, true]) {
    const proxy = await TestProxy.start(t, { authorization: BASIC, tls })
    const way = { proxy: { origin: proxy.origin, authorization: BASIC }, ...CA }
    t.match(await ask(t, { url: `${url}/sub`, token: TOKEN, ...way }), {
      ok: true,
      body: {
        url: '/sub/api/v1/progress/k',
        host: new URL(url).host,
        authorization: `Bearer ${TOKEN}`,
        proxy: undefined,
      },
    })
    t.same(proxy.asked, [`GET ${url}/sub/api/v1/progress/k`])
  }
})

t.test('[CFG-2] an https VMA is reached by a tunnel that hides token and answer from the proxy', async (t) => {
  const url = await tlsVma(t, ASKS_FOR_CERTIFICATE)
  for (const tls of [false, true]) {
    const proxy = await TestProxy.start(t, { authorization: BASIC, tls })
    const way = { proxy: { origin: proxy.origin, authorization: BASIC }, ...CA, ...CLIENT }
    t.match(await ask(t, { url, token: TOKEN, ...way }), { ok: true, body: { authorization: `Bearer ${TOKEN}` } })
    t.same(proxy.asked, [`CONNECT ${new URL(url).host}`])
    t.equal(proxy.heard.authorization, undefined)
  }
})

t.test('[CFG-2] what goes wrong at the proxy is told as such', async (t) => {
  const [plain, secure] = [await plainVma(t), await tlsVma(t)]
  const nobody = `http://127.0.0.1:${await closedPort()}`
  const locked = await TestProxy.start(t, { authorization: BASIC })
  const strict = await TestProxy.start(t, { status: 403 })
  const tls = await TestProxy.start(t, { tls: true })
  for (const url of [plain, secure]) {
    const at = (origin: string, authorization?: string) => ({
      url,
      token: TOKEN,
      ...(url === secure && CA),
      proxy: { origin, ...(authorization && { authorization }) },
    })
    await unreachable(t, at(nobody), new RegExp(`^proxy ${new URL(nobody).host}: .*ECONNREFUSED`))
    await unreachable(t, at(locked.origin), /^proxy 127\.0\.0\.1:\d+: it wants another user or password \(407\)/)
    await unreachable(t, at(locked.origin, `Basic ${PASSWORD}`), /\(407\)/)
    for (const status of [502, 503, 504]) {
      const proxy = await TestProxy.start(t, { status })
      await unreachable(t, at(proxy.origin), new RegExp(`^proxy [^ ]+: it does not reach the VMA \\(${status}\\)`))
    }
    await unreachable(t, { url, proxy: { origin: tls.origin } }, /^proxy .*(not trusted|unable to verify|self-signed)/)
  }
  await unreachable(t, { url: secure, ...CA, proxy: { origin: strict.origin } }, /it opens no tunnel \(403\)/)
  await unreachable(t, { url: secure, proxy: { origin: (await TestProxy.start(t)).origin } }, /^TLS: .*not trusted/)
})

t.test('[CFG-2, POLL-4] the deadline counts through a silent proxy too, and the next requests are sent', async (t) => {
  const silent = await TestProxy.start(t, { silent: true })
  for (const url of [await plainVma(t), await tlsVma(t)]) {
    const answer = await ask(t, { url, ...CA, proxy: { origin: silent.origin } }, 300)
    t.match(answer, { ok: false, error: { code: /^(timeout|unreachable)$/, message: /300 ms/ } })
  }
})

t.test('[CFG-2] a tunnel is used again, and what the VMA itself says through it is its own', async (t) => {
  const server = createTlsServer(SERVER)
  let count = 0
  server.on('request', (_q, r) => r.writeHead((count += 1) === 1 ? 200 : 502).end('{}'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await TestProxy.start(t)
  const url = `https://localhost:${(server.address() as AddressInfo).port}`
  const target = { name: 'vma', url, ...CA, proxy: { origin: proxy.origin } }
  const client = new VmaClient(target, { maxConcurrent: 1, timeoutMs: 5_000, now: Date.now })
  t.teardown(async () => {
    client.close()
    server.closeAllConnections()
    server.close()
  })
  const next = async () => await new Promise<VmaAnswer>((resolve) => client.get('k', resolve))
  t.match(await next(), { ok: true })
  for (let i = 0; i < 4; i += 1) t.match(await next(), { ok: false, error: { code: 'http_5xx', status: 502 } })
  t.ok(proxy.asked.length <= 2, `${proxy.asked.length}: one for polls, one for probes`)
})

t.test('[SEC-2] an answer that repeats the token is told without it', async (t) => {
  const server = createServer((q, r) => r.writeHead(403).end(`no: ${q.headers.authorization}`))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const answer = await ask(t, { url, token: TOKEN })
  t.match(answer, { ok: false, error: { code: 'http_4xx', message: 'HTTP 403: no: Bearer ***' } })
})

t.test('[CFG-2] closing gives up a tunnel that is being asked for', async (t) => {
  const silent = await TestProxy.start(t, { silent: true })
  const target = { name: 'vma', url: 'https://localhost:1', ...CA, proxy: { origin: silent.origin } }
  const client = new VmaClient(target, { maxConcurrent: 1, timeoutMs: 600_000, now: Date.now })
  const answer = new Promise<VmaAnswer>((resolve) => client.get('k', resolve))
  const probe = connect(Number(new URL(silent.origin).port), '127.0.0.1')
  await once(probe, 'connect')
  probe.destroy()
  client.close()
  t.match(await answer, { ok: false, error: { code: 'unreachable' } })
})
