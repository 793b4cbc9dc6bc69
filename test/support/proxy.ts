/** A proxy as sites have them: CONNECT for https, absolute addresses for http, optionally with a user and password. */

import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tlsText } from './tls.ts'

export interface ProxyOptions {
  /** The value that Proxy-Authorization has to have. */
  readonly authorization?: string
  readonly tls?: boolean
  /** Answers this to everything, as a proxy that does not reach the other side. */
  readonly status?: number
  /** Takes requests and says nothing. */
  readonly silent?: boolean
}

export class TestProxy {
  readonly #server: Server
  readonly #options: ProxyOptions
  readonly #sockets = new Set<Socket>()
  /** What was asked: `CONNECT host:port` or `GET http://…`. */
  readonly asked: string[] = []
  /** Headers of the last request. */
  heard: IncomingMessage['headers'] = {}

  private constructor(options: ProxyOptions) {
    this.#options = options
    this.#server = options.tls
      ? createTlsServer({ cert: tlsText('server.pem'), key: tlsText('server.key') })
      : createServer()
    this.#server.on('request', (query: IncomingMessage, answer: ServerResponse) => this.#forward(query, answer))
    this.#server.on('connect', (query: IncomingMessage, socket: Socket) => this.#tunnel(query, socket))
    this.#server.on('connection', (socket: Socket) => this.#keep(socket))
  }

  static async start(t: { teardown(handler: () => unknown): unknown }, options: ProxyOptions = {}): Promise<TestProxy> {
    const proxy = new TestProxy(options)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    t.teardown(() => {
      proxy.#server.close()
      for (const socket of proxy.#sockets) socket.destroy()
    })
    return proxy
  }

  get origin(): string {
    const { port } = this.#server.address() as AddressInfo
    return `${this.#options.tls ? 'https' : 'http'}://127.0.0.1:${port}`
  }

  #refusal(query: IncomingMessage): number | undefined {
    this.asked.push(`${query.method} ${query.url}`)
    this.heard = query.headers
    const { authorization, status } = this.#options
    if (authorization !== undefined && query.headers['proxy-authorization'] !== authorization) return 407
    return status
  }

  #forward(query: IncomingMessage, answer: ServerResponse): void {
    const refusal = this.#refusal(query)
    if (this.#options.silent) return
    if (refusal !== undefined) {
      answer.writeHead(refusal).end('<html>said by the proxy</html>')
      return
    }
    const { 'proxy-authorization': _, ...headers } = query.headers
    const onward = request(query.url ?? '', { headers, agent: false }, (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers)
      response.pipe(answer)
    })
    onward.on('error', () => answer.writeHead(502).end())
    onward.end()
  }

  #tunnel(query: IncomingMessage, socket: Socket): void {
    this.#keep(socket)
    const refusal = this.#refusal(query)
    if (this.#options.silent) return
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal} No\r\nContent-Length: 4\r\n\r\nsaid`)
      return
    }
    const { hostname, port } = new URL(`http://${query.url}`)
    const onward = connect(Number(port), hostname)
    this.#keep(onward)
    onward.once('connect', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      socket.pipe(onward).pipe(socket)
    })
    onward.once('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'))
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
  }
}
