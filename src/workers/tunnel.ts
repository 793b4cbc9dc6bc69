/** Connections to an https VMA through a proxy: CONNECT, then TLS with the VMA itself inside the tunnel (CFG-2). */

import { request as overTcp, type ClientRequest } from 'node:http'
import { request as overTls } from 'node:https'
import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'
import type { VmaTarget } from './protocol.ts'
import { plainReason, tlsReason } from './tls-reason.ts'

type Proxy = NonNullable<VmaTarget['proxy']>
type Connector = buildConnector.connector

export interface TunnelOptions {
  readonly proxy: Proxy
  /** Trusted for an https proxy. */
  readonly ca: readonly string[]
  readonly timeoutMs: number
  /** TLS with the VMA over the socket that the proxy gave. */
  readonly secure: Connector
}

/**
 * The proxy gave no tunnel. Its code is no code of undici's: a connector that fails with one of those is asked again
 * for ever.
 */
export class ProxyError extends Error {
  readonly code = 'PROXY'
}

export class Tunnel {
  readonly #options: TunnelOptions
  readonly #asking = new Set<ClientRequest>()

  constructor(options: TunnelOptions) {
    this.#options = options
  }

  readonly connect: Connector = (to, done) => {
    const target = `${to.hostname.includes(':') ? `[${to.hostname}]` : to.hostname}:${to.port === '' ? '443' : to.port}`
    const { proxy, secure } = this.#options
    this.#ask(target, (cause, socket) => {
      if (socket === undefined) done(new ProxyError(`proxy ${hostOf(proxy.origin)}: ${cause}`), null)
      else secure({ ...to, httpSocket: socket }, done)
    })
  }

  /** Gives up what is being asked. */
  close(): void {
    for (const asking of this.#asking) asking.destroy()
  }

  #ask(target: string, done: (cause: string, socket?: Socket) => void): void {
    const { proxy, ca, timeoutMs } = this.#options
    const { hostname, port, protocol } = new URL(proxy.origin)
    const asking = (protocol === 'https:' ? overTls : overTcp)({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...(proxy.authorization && { 'proxy-authorization': proxy.authorization }) },
      agent: false,
      ...(protocol === 'https:' && { ca: [...ca] }),
    })
    this.#asking.add(asking)
    const timer = setTimeout(() => asking.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
    const settle = (cause: string, socket?: Socket): void => {
      clearTimeout(timer)
      this.#asking.delete(asking)
      done(cause, socket)
    }
    asking.once('connect', ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
      if (statusCode === 200) {
        if (head.length > 0) socket.unshift(head)
        settle('', socket)
        return
      }
      socket.on('error', () => undefined).destroy()
      settle(proxyRefusal(statusCode))
    })
    asking.once('error', (cause) => settle(tlsReason(cause, false) ?? plainReason(cause)))
    asking.end()
  }
}

/** What a proxy's own status means, to a CONNECT or before an http VMA. */
export function proxyRefusal(status: number): string {
  if (status === 407) return 'it wants another user or password (407)'
  return status >= 502 && status <= 504 ? `it does not reach the VMA (${status})` : `it opens no tunnel (${status})`
}

export function hostOf(origin: string): string {
  return new URL(origin).host
}
