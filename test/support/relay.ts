/** A TCP relay in front of a server that can swallow an answer or cut connections: what a network does at the worst moment. */

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

export class Relay {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #word: string | undefined
  /** Port of the server that new connections lead to: another one can take its place. */
  to: number
  /** What the server hears in place of what a client sends. */
  translate: (data: Buffer) => Buffer = (data) => data

  private constructor(server: Server, to: number) {
    this.#server = server
    this.to = to
  }

  static async start(port: number): Promise<Relay> {
    const server = createServer()
    const relay = new Relay(server, port)
    server.on('connection', (client) => relay.#serve(client, connect(relay.to, '127.0.0.1')))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return relay
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** The next request with this word reaches the server, its answer reaches nobody: the connection is cut instead. */
  swallowAnswerTo(word: string): void {
    this.#word = word
  }

  /** Cuts some connections without a word; `isHit` is asked for each. Returns how many. */
  cut(isHit: () => boolean): number {
    const hit = [...this.#sockets].filter(isHit)
    for (const socket of hit) socket.destroy()
    return hit.length
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #serve(client: Socket, upstream: Socket): void {
    let cutting = false
    const cut = (): void => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        cut()
      })
      socket.on('error', cut)
    }
    client.on('data', (data) => {
      if (this.#word !== undefined && data.includes(this.#word)) {
        cutting = true
        this.#word = undefined
      }
      upstream.write(this.translate(data))
    })
    upstream.on('data', (data) => {
      if (cutting) cut()
      else client.write(data)
    })
  }
}
