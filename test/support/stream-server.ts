/** The stream on a real server with a real clock, and clients of flesh and blood. */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { unpack } from 'msgpackr'
import type { Test } from 'tap'
import { WebSocket } from 'undici'
import { admitting } from '../../src/http/admission.ts'
import { authenticator } from '../../src/http/authenticate.ts'
import { JwtVerifier } from '../../src/http/jwt.ts'
import type { Route } from '../../src/http/route.ts'
import type { ServerFrame } from '../../src/http/stream/frames.ts'
import { Gate } from '../../src/http/stream/gate.ts'
import type { StreamLimits } from '../../src/http/stream/limits.ts'
import { streamRoutes, streamWebsocket } from '../../src/http/stream/routes.ts'
import { Tickets } from '../../src/http/stream/tickets.ts'
import { listen } from '../../src/http/uws/server.ts'
import type { Socket as ServerSocket, Upgrade } from '../../src/http/websocket.ts'
import { SECRET } from './jwt.ts'
import { hear, type Held } from './stream-mirror.ts'
import { JobStream } from './stream.ts'

export const TOKEN = 'a-token-for-tests'
export const BEARER = { Authorization: `Bearer ${TOKEN}` }

export interface StreamServer {
  readonly port: number
  readonly stream: JobStream
  /** The server's ends of the websockets, in the order of their opening. */
  readonly sockets: readonly ServerSocket[]
  readonly faults: readonly unknown[]
  readonly routes: readonly Route[]
  /** Moves the clock by which tickets and tokens end. */
  readonly later: (ms: number) => void
  readonly close: () => Promise<void>
}

export async function streamServer(
  t: Test,
  limits: Partial<StreamLimits> = {},
  origins: readonly string[] = [],
  tokens: readonly string[] = [TOKEN],
): Promise<StreamServer> {
  let ahead = 0
  const now = (): number => Date.now() + ahead
  const stream = new JobStream(
    { now, setTimeout, clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined) },
    { gatherMs: 5, ...limits },
  )
  const jwt = new JwtVerifier({ secret: SECRET, clock: { now } })
  const authenticate = authenticator({ tokens, jwt })
  const tickets = new Tickets()
  const gate = new Gate({ authenticate, tickets, origins, now })
  const options = { hub: stream.hub, gate, tickets, now, newTicket: () => randomBytes(24).toString('base64url') }
  const sockets: ServerSocket[] = []
  const faults: unknown[] = []
  const routes = streamRoutes(options)
  const route = streamWebsocket(options)
  const seen = (upgrade: Upgrade): Upgrade =>
    'refused' in upgrade
      ? upgrade
      : {
          ...upgrade,
          open: (socket) => {
            sockets.push(socket)
            return upgrade.open(socket)
          },
        }
  const server = await listen({
    host: '127.0.0.1',
    port: 0,
    routes,
    websockets: [{ ...route, admit: async (request) => seen(await route.admit(request)) }],
    clock: { now },
    authorize: admitting(authenticate, { now }),
    allowsOrigin: (origin, host) => gate.isOrigin(origin, host),
    onFault: (error) => faults.push(error),
  })
  const close = async (): Promise<void> => {
    stream.hub.close()
    await server.close(0)
  }
  t.teardown(close)
  return { port: server.port, stream, sockets, faults, routes, later: (ms) => void (ahead += ms), close }
}

export interface Ask {
  readonly protocols?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: string
}

/** A websocket client that keeps what it hears. */
export class StreamClient {
  readonly frames: ServerFrame[] = []
  readonly topics = new Map<string, Held>()
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  readonly #socket: WebSocket
  #waiting: (() => void)[] = []

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('message', (event) => {
      const data: unknown = event.data
      const frame: unknown = typeof data === 'string' ? JSON.parse(data) : unpack(new Uint8Array(data as ArrayBuffer))
      this.#hear(frame as ServerFrame)
    })
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }))
    })
  }

  /** Rejects when the upgrade is refused. */
  static async open(
    t: Test,
    port: number,
    { protocols = [], headers = BEARER, query = '' }: Ask = {},
  ): Promise<StreamClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/stream${query}`, { protocols: [...protocols], headers })
    const client = new StreamClient(socket)
    t.teardown(() => socket.close())
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve())
      socket.addEventListener('error', () => reject(new Error('the upgrade was refused')))
    })
    return client
  }

  get protocol(): string {
    return this.#socket.protocol
  }

  send(message: string | Uint8Array): void {
    this.#socket.send(message)
  }

  say(frame: object): void {
    this.send(JSON.stringify(frame))
  }

  close(): void {
    this.#socket.close()
  }

  /** Resolves with the first frame, heard already or to come, that is so. */
  async saw(isSo: (frame: ServerFrame) => boolean): Promise<ServerFrame> {
    for (;;) {
      const found = this.frames.find(isSo)
      if (found !== undefined) return found
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  #hear(frame: ServerFrame): void {
    this.frames.push(frame)
    if ('topic' in frame) hear(this.topics, frame)
    const waiting = this.#waiting
    this.#waiting = []
    for (const go of waiting) go()
  }
}

/** A websocket as bytes: it reads when it is told to, and says what no client would. */
export class RawSocket {
  readonly socket: Socket
  #unread: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.socket = socket
  }

  static async open(t: Test, port: number): Promise<RawSocket> {
    const socket = connect(port, '127.0.0.1')
    t.teardown(() => socket.destroy())
    socket.on('error', () => undefined)
    socket.write(
      `GET /api/v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    )
    const raw = new RawSocket(socket)
    const [head] = (await once(socket, 'data')) as Buffer[]
    if (head === undefined || !head.toString('latin1').startsWith('HTTP/1.1 101 ')) throw new Error('no upgrade')
    socket.pause()
    return raw
  }

  /** One masked frame, with a mask of zeros. */
  say(opcode: number, payload: string | Uint8Array = ''): void {
    const body = Buffer.from(payload)
    const length = body.length < 126 ? [0x80 | body.length] : [0x80 | 126, body.length >> 8, body.length & 255]
    this.socket.write(Buffer.concat([Buffer.from([0x80 | opcode, ...length, 0, 0, 0, 0]), body]))
  }

  /** The next frame of the server; undefined at the end of the connection. */
  async next(): Promise<{ readonly opcode: number; readonly payload: Buffer } | undefined> {
    for (;;) {
      const frame = this.#parsed()
      if (frame !== undefined) return frame
      const chunk = await this.#chunk()
      if (chunk === undefined) return undefined
      this.#unread = Buffer.concat([this.#unread, chunk])
    }
  }

  #parsed(): { readonly opcode: number; readonly payload: Buffer } | undefined {
    const bytes = this.#unread
    const [first = 0, short = 0] = bytes
    const head = short < 126 ? 2 : short === 126 ? 4 : 10
    if (bytes.length < head) return undefined
    const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
    if (bytes.length < head + size) return undefined
    this.#unread = bytes.subarray(head + size)
    return { opcode: first & 15, payload: bytes.subarray(head, head + size) }
  }

  async #chunk(): Promise<Buffer | undefined> {
    if (this.socket.destroyed) return undefined
    return await new Promise((resolve) => {
      const done = (chunk?: Buffer): void => {
        this.socket.pause().off('data', done).off('close', ended)
        resolve(chunk)
      }
      const ended = (): void => done()
      this.socket.on('data', done).on('close', ended).resume()
    })
  }
}
