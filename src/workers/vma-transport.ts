/**
 * The way to one VMA (CFG-2): directly, through a proxy, or over a unix socket; plain or with TLS, own authorities and a
 * client certificate. A request costs the same on each: what differs is decided once.
 *
 * HTTP/1.1 alone: with HTTP/2 all requests would be on one connection, and POLL-9 counts requests.
 */

import { randomBytes } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { buildConnector } from 'undici'
import type { PollError } from '../model/errors.ts'
import { Connections, READ_INTO_ONE_BUFFER, type Exchange } from './connections.ts'
import { HttpFault, TooLarge } from './http-answer.ts'
import { SpanHeaders } from './poll-trace.ts'
import type { VmaTarget } from './protocol.ts'
import { plainReason, tlsReason, type Failure } from './tls-reason.ts'
import { hostOf, ProxyError, proxyRefusal, Tunnel } from './tunnel.ts'

export interface TransportOptions {
  /** For a connection to come about. */
  readonly timeoutMs: number
  readonly maxBytes: number
  readonly now: () => number
}

interface GetOptions {
  /** Not on a connection that was used before. */
  readonly fresh?: boolean
  /** See `tracePrefix`. */
  readonly trace?: string | undefined
}

const MAX_MESSAGE = 300
const CLOSED = new Set(['CLOSED', 'ECONNRESET', 'EPIPE'])

export class VmaTransport {
  readonly #vma: VmaTarget
  readonly #connections: Connections
  readonly #prefix: string
  /** Everything of a request after its path, but for what tells its trace and the empty line. */
  readonly #rest: string
  /** Requests go to the proxy itself, which forwards them: its answers cannot be told from the VMA's but by status. */
  readonly #forwardedBy: string | undefined
  readonly #tunnel: Tunnel | undefined
  readonly #spans = new SpanHeaders(randomBytes(4).toString('hex'))

  constructor(vma: VmaTarget, { timeoutMs, maxBytes, now }: TransportOptions) {
    const way = wayTo(vma, timeoutMs)
    this.#vma = vma
    this.#prefix = way.prefix
    const headers = {
      host: way.host,
      accept: 'application/json',
      ...(vma.token && { authorization: `Bearer ${vma.token}` }),
      ...way.headers,
    }
    this.#rest = ` HTTP/1.1\r\n${Object.entries(headers).map(headerLine).join('')}`
    this.#forwardedBy = way.forwardedBy
    this.#tunnel = way.tunnel
    const { host, hostname, port, protocol } = new URL(way.origin)
    this.#connections = new Connections({ connect: way.connect, to: { host, hostname, port, protocol }, maxBytes, now })
  }

  /** `path` starts with a slash and follows the VMA's base URL. Returns what gives the request up. */
  get(path: string, exchange: Exchange, { fresh, trace }: GetOptions = {}): () => void {
    const span = trace === undefined ? '' : this.#spans.next(trace)
    return this.#connections.send(`GET ${this.#prefix}${path}${this.#rest}${span}\r\n`, exchange, fresh)
  }

  close(): void {
    this.#tunnel?.close()
    this.#connections.close()
  }

  /** Why there was no answer. */
  describe(cause: Failure): PollError {
    const { url, cert } = this.#vma
    const { code = cause.name } = cause
    if (cause instanceof ProxyError) return unreachable(cause.message)
    if (cause instanceof TooLarge) return { code: 'too_large', message: cause.message }
    if (cause instanceof HttpFault)
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
  /** Where the connection goes. */
  readonly origin: string
  readonly connect: buildConnector.connector
  /** Before each path. */
  readonly prefix: string
  readonly host: string
  readonly headers?: Readonly<Record<string, string>>
  readonly forwardedBy?: string
  readonly tunnel?: Tunnel
}

function wayTo(vma: VmaTarget, timeoutMs: number): Way {
  const plain = { allowH2: false, timeout: timeoutMs }
  if (vma.url.startsWith('unix:')) {
    const socketPath = vma.url.slice('unix:'.length)
    const connect = buildConnector({ ...plain, ...READ_INTO_ONE_BUFFER, socketPath })
    return { origin: 'http://localhost', prefix: '', host: 'localhost', connect }
  }
  const url = new URL(vma.url)
  const { origin, host } = url
  const prefix = url.pathname.replace(/\/+$/, '')
  const { ca, cert, key, proxy } = vma
  const tls = { ...plain, ...(ca && { ca }), ...(cert && key && { cert, key }) }
  const isSecure = url.protocol === 'https:'
  if (proxy === undefined)
    return { origin, prefix, host, connect: buildConnector(isSecure ? tls : { ...plain, ...READ_INTO_ONE_BUFFER }) }
  /** The proxy may have a certificate of the site's own authority or a well-known one. */
  const trusted = [...rootCertificates, ...(ca === undefined ? [] : [ca])]
  if (isSecure) {
    const tunnel = new Tunnel({ proxy, ca: trusted, timeoutMs, secure: buildConnector(tls) })
    return { origin, prefix, host, connect: tunnel.connect, tunnel }
  }
  return {
    origin: proxy.origin,
    prefix: origin + prefix,
    host,
    connect: toProxy(trusted, timeoutMs),
    headers: { ...(proxy.authorization && { 'proxy-authorization': proxy.authorization }) },
    forwardedBy: hostOf(proxy.origin),
  }
}

/** Settings hold nothing else; a line end within would be a header of somebody else's making. */
function headerLine([name, value]: readonly [string, string]): string {
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    throw new Error(`the ${name} of a request holds characters that no header may`)
  return `${name}: ${value}\r\n`
}

/** undici takes the name on the certificate from the Host header, and that is the VMA's: the proxy has its own. */
function toProxy(ca: string[], timeout: number): buildConnector.connector {
  const connect = buildConnector({ ca, allowH2: false, timeout })
  return ({ servername: _, ...to }, done) => connect(to, done)
}

function unreachable(message: string): PollError {
  return { code: 'unreachable', message: message.slice(0, MAX_MESSAGE) }
}
