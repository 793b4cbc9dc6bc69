/** The dashboard's files over HTTP, from a folder as vite leaves it. */

import { randomBytes } from 'node:crypto'
import { request, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { listen } from '../../../src/http/uws/server.ts'
import { contentSecurityPolicy } from '../../../src/http/web/headers.ts'
import { webRoutes } from '../../../src/http/web/routes.ts'
import { ask, json } from '../../support/http.ts'

const SCRIPT = 'export const n = 1\n'.repeat(200)
const PAGE = '<!doctype html><script type="module" src="/assets/index-BxT8kq2a.js"></script>'

async function serve(t: Test, folder: string): Promise<number> {
  const server = await listen({
    host: '127.0.0.1',
    port: 0,
    clock: { now: () => 0 },
    routes: await webRoutes(folder),
    onFault: (error) => t.fail('a handler failed', { error }),
  })
  t.teardown(() => server.close(0))
  return server.port
}

function built(t: Test): string {
  return t.testdir({
    'secret.txt': 'outside',
    web: {
      'index.html': PAGE,
      'favicon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
      '.env': 'TOKEN=secret',
      'odd name?.js': 'no',
      assets: {
        'index-BxT8kq2a.js': SCRIPT,
        'index-BxT8kq2a.js.map': '{}',
        'index-C0ffee00.css': 'a{}',
        'noise-12345678.woff2': randomBytes(2_000).toString('latin1'),
      },
    },
  })
}

interface Got {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
}

/** As bytes, and as they came over the wire. */
function fetchBytes(port: number, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path, headers, agent: false }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, bytes: Buffer.concat(chunks) }))
      res.on('error', reject)
    })
    req.on('error', reject)
    req.end()
  })
}

t.test('[API-7] the page is asked for each time, hashed files are kept for a year', async (t) => {
  const port = await serve(t, join(built(t), 'web'))
  const page = await ask(port, '/?vm=a#token=x')
  t.match(page, {
    status: 200,
    text: PAGE,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
  })
  const script = await ask(port, '/assets/index-BxT8kq2a.js')
  t.match(script.headers, {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  })
  t.equal((await ask(port, '/favicon.svg')).headers['content-type'], 'image/svg+xml')
  t.equal((await ask(port, '/assets/index-C0ffee00.css')).headers['content-type'], 'text/css; charset=utf-8')
})

t.test('[API-7] brotli, else gzip, else as it is; what would not shrink stays', async (t) => {
  const port = await serve(t, join(built(t), 'web'))
  const path = '/assets/index-BxT8kq2a.js'
  const cases = [
    ['gzip, deflate, br, zstd', 'br', (bytes: Buffer) => brotliDecompressSync(bytes)],
    ['br;q=0, gzip;q=0.5', 'gzip', (bytes: Buffer) => gunzipSync(bytes)],
    ['identity', undefined, (bytes: Buffer) => bytes],
    ['', undefined, (bytes: Buffer) => bytes],
  ] as const
  const tags = new Set<unknown>()
  for (const [accepted, encoding, decode] of cases) {
    const { headers, bytes } = await fetchBytes(port, path, { 'Accept-Encoding': accepted })
    t.equal(headers['content-encoding'], encoding, accepted)
    t.equal(decode(bytes).toString(), SCRIPT)
    t.ok(encoding === undefined || bytes.byteLength < SCRIPT.length / 5)
    t.equal(headers.vary, 'Accept-Encoding')
    tags.add(headers.etag)
  }
  t.equal(tags.size, 3, 'each body has a tag of its own')
  const font = await fetchBytes(port, '/assets/noise-12345678.woff2', { 'Accept-Encoding': 'br' })
  t.equal(font.headers['content-encoding'], undefined)
})

t.test('[API-7] HEAD says what GET would send, and who holds it is told so without a body', async (t) => {
  const port = await serve(t, join(built(t), 'web'))
  for (const path of ['/', '/assets/index-BxT8kq2a.js']) {
    const headers = { 'Accept-Encoding': 'br' }
    const got = await fetchBytes(port, path, headers)
    const head = await ask(port, path, { method: 'HEAD', headers })
    t.match(head, { status: 200, text: '', headers: { etag: got.headers.etag } })
    t.equal(head.headers['content-length'], got.headers['content-length'])
    const etag = String(got.headers.etag)
    for (const held of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const same = await ask(port, path, { headers: { ...headers, 'If-None-Match': held } })
      t.match(same, { status: 304, text: '', headers: { etag, 'cache-control': got.headers['cache-control'] } }, held)
      t.equal(same.headers['content-length'], undefined)
    }
    t.equal((await ask(port, path, { headers: { ...headers, 'If-None-Match': '"other"' } })).status, 200)
  }
  t.match(await ask(port, '/', { method: 'POST' }), { status: 405, headers: { allow: 'GET, HEAD' } })
})

t.test('[API-7] nothing but the files of the build is answered', async (t) => {
  const port = await serve(t, join(built(t), 'web'))
  for (const path of [
    '/secret.txt',
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets//index-BxT8kq2a.js',
    '/.env',
    '/odd%20name%3F.js',
    '/assets/',
    '/assets',
    '/assets/index-BxT8kq2a.js.map',
    '/assets/index-BxT8kq2a.js%00',
    '/index.htm',
  ]) {
    const reply = await ask(port, path)
    t.equal(reply.status, 404, path)
    t.notMatch(reply.text, /outside|secret/, path)
  }
})

t.test('[API-7] the policy names the OMA alone, and no host can widen it', async (t) => {
  const port = await serve(t, join(built(t), 'web'))
  const page = await ask(port, '/', { headers: { Host: 'oma.example:8082' } })
  t.equal(
    page.headers['content-security-policy'],
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
      "manifest-src 'self'; connect-src 'self' ws://oma.example:8082 wss://oma.example:8082; " +
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  )
  t.equal(page.headers['referrer-policy'], 'no-referrer')
  for (const host of ['', 'a b', 'x; script-src *', 'a,b', "'unsafe-inline'", 'a\r\nSet-Cookie: x', '*', 'é'])
    t.match(contentSecurityPolicy(host), /connect-src 'self';/, host)
  t.match(contentSecurityPolicy('[::1]:8082'), /connect-src 'self' ws:\/\/\[::1\]:8082 wss:/)
})

t.test('[API-7] without a build the page says how to make one', async (t) => {
  for (const folder of [join(t.testdir({}), 'none'), t.testdir({ 'half.js': '' })]) {
    const port = await serve(t, folder)
    const page = await ask(port, '/')
    t.match(page, { status: 200, headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' } })
    t.match(page.text, /npm run build:web.*\/api\/v1\/openapi\.json/s)
    t.match(json(await ask(port, '/half.js')), { error: 'not found' })
  }
  await t.rejects(webRoutes(join(t.testdir({ file: '' }), 'file')), { message: /cannot read the dashboard in / })
})
