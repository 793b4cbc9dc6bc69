/**
 * The way to one VMA (CFG-2): directly, through a proxy, or over a unix socket; plain or with TLS, own authorities and a
 * client certificate. A request costs the same on each: what differs is decided once.
 *
 * HTTP/1.1 alone: with HTTP/2 undici would put all requests on one connection, and POLL-9 counts requests.
 */

import { rootCertificates } from 'node:tls'
import { buildConnector, Pool, type Dispatcher } from 'undici'
import type { PollError } from '../model/errors.ts'
import type { VmaTarget } from './protocol.ts'
import { plainReason, tlsReason, type Failure } from './tls-reason.ts'
import { hostOf, ProxyError, proxyRefusal, Tunnel } from './tunnel.ts'

export interface TransportOptions {
  readonly connections: number
  readonly timeoutMs: number
}

const MAX_MESSAGE = 300
const CLOSED = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

export class VmaTransport {
  readonly #vma: VmaTarget
  readonly #pool: Pool
  readonly #prefix: string
  readonly #headers: Readonly<Record<string, string>>
  /** Requests go to the proxy itself, which forwards them: its answers cannot be told from the VMA's but by status. */
  readonly #forwardedBy: string | undefined
  readonly #tunnel: Tunnel | undefined

  constructor(vma: VmaTarget, { connections, timeoutMs }: TransportOptions) {
    const way = wayTo(vma, timeoutMs)
    this.#vma = vma
    this.#prefix = way.prefix
    this.#headers = {
      accept: 'application/json',
      ...(vma.token && { authorization: `Bearer ${vma.token}` }),
      ...way.headers,
    }
    this.#forwardedBy = way.forwardedBy
    this.#tunnel = way.tunnel
    this.#pool = new Pool(way.origin, {
      connections,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      connectTimeout: timeoutMs,
      keepAliveTimeout: 30_000,
      allowH2: false,
      ...way.connection,
    })
  }

  /** `path` starts with a slash and follows the VMA's base URL. */
  get(path: string, handler: Dispatcher.DispatchHandler): void {
    this.#pool.dispatch({ path: this.#prefix + path, method: 'GET', headers: this.#headers }, handler)
  }

  async close(): Promise<void> {
    this.#tunnel?.close()
    await this.#pool.destroy()
  }

  /** Why there was no answer. */
  describe(cause: Failure): PollError {
    const { url, cert } = this.#vma
    const { code = cause.name } = cause
    if (cause instanceof ProxyError) return unreachable(cause.message)
    if (code === 'HTTPParserError' || code.startsWith('HPE_'))
      return { code: 'invalid_body', message: `no HTTP answer: ${cause.message}`.slice(0, MAX_MESSAGE) }
    if (code === 'ENOENT' && url.startsWith('unix:')) return unreachable(`no socket at ${url} (ENOENT)`)
    const reason = tlsReason(cause, cert !== undefined) ?? plainReason(cause) + this.#hint(code)
    return unreachable(this.#forwardedBy === undefined ? reason : `proxy ${this.#forwardedBy}: ${reason}`)
  }

  /** A server that checks certificates after the handshake, as Node's, says nothing and closes. */
  #hint(code: string): string {
    if (!this.#vma.url.startsWith('https:') || !CLOSED.has(code)) return ''
    const which = this.#vma.cert === undefined ? 'a client certificate' : 'another client certificate than ours'
    return ` (so does a VMA that wants ${which})`
  }

  /** An answer that is the forwarding proxy's own. */
  refusal(status: number): PollError | undefined {
    if (this.#forwardedBy === undefined) return undefined
    if (status !== 407 && (status < 502 || status > 504)) return undefined
    return unreachable(`proxy ${this.#forwardedBy}: ${proxyRefusal(status)}`)
  }

  /** What the other side said, without what we told it in confidence (SEC-2). */
  quote(text: string): string {
    const { token, proxy } = this.#vma
    return [token, proxy?.authorization?.replace(/^Basic /, '')]
      .reduce((shown: string, secret) => (secret ? shown.replaceAll(secret, '***') : shown), text)
      .slice(0, 200)
  }
}

interface Way {
  readonly origin: string
  readonly prefix: string
  readonly connection: Pool.Options
  readonly headers?: Readonly<Record<string, string>>
  readonly forwardedBy?: string
  readonly tunnel?: Tunnel
}

function wayTo(vma: VmaTarget, timeoutMs: number): Way {
  if (vma.url.startsWith('unix:')) {
    return { origin: 'http://localhost', prefix: '', connection: { socketPath: vma.url.slice('unix:'.length) } }
  }
  const url = new URL(vma.url)
  const { origin } = url
  const prefix = url.pathname.replace(/\/+$/, '')
  const { ca, cert, key, proxy } = vma
  const tls = { ...(ca && { ca }), ...(cert && key && { cert, key }), allowH2: false, timeout: timeoutMs }
  if (proxy === undefined) return { origin, prefix, connection: url.protocol === 'https:' ? { connect: tls } : {} }
  /** The proxy may have a certificate of the site's own authority or a well-known one. */
  const trusted = [...rootCertificates, ...(ca === undefined ? [] : [ca])]
  if (url.protocol === 'https:') {
    const tunnel = new Tunnel({ proxy, ca: trusted, timeoutMs, secure: buildConnector(tls) })
    return { origin, prefix, connection: { connect: tunnel.connect }, tunnel }
  }
  return {
    origin: proxy.origin,
    prefix: origin + prefix,
    connection: { connect: toProxy(trusted, timeoutMs) },
    headers: { host: url.host, ...(proxy.authorization && { 'proxy-authorization': proxy.authorization }) },
    forwardedBy: hostOf(proxy.origin),
  }
}

/** undici takes the name on the certificate from the Host header, and that is the VMA's: the proxy has its own. */
function toProxy(ca: string[], timeout: number): buildConnector.connector {
  const connect = buildConnector({ ca, allowH2: false, timeout })
  return ({ servername: _, ...to }, done) => connect(to, done)
}

function unreachable(message: string): PollError {
  return { code: 'unreachable', message: message.slice(0, MAX_MESSAGE) }
}
