/** The client and the hub in one process: websockets without a network, a clock that the test moves. */

import type { ClientOptions } from '../../src/client/client.ts'
import { messagePackCodec, SightlineClient } from '../../src/client/index.ts'
import type { SocketLike } from '../../src/client/ports.ts'
import { Session } from '../../src/http/stream/session.ts'
import type { Format } from '../../src/http/stream/codec.ts'
import { pack, unpack } from 'msgpackr'
import { HandStream, type JobStream } from './stream.ts'

type Listener = (event: { readonly code: number; readonly reason: string; readonly data: unknown }) => void

/** One websocket: the client holds this end, the server's end is a Session of the hub. */
class MemorySocket implements SocketLike {
  binaryType = ''
  readonly #listeners = new Map<string, Listener[]>()
  readonly #format: Format
  #session: Session | undefined
  #isClosed = false

  constructor(format: Format) {
    this.#format = format
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
  }

  send(data: string | Uint8Array): void {
    if (!this.#isClosed) this.#session?.message(Buffer.from(data as Uint8Array), typeof data !== 'string')
  }

  close(): void {
    this.end(1000)
  }

  /** The server takes the connection. */
  accept(stream: JobStream): void {
    const deliver = (message: Uint8Array): number => {
      // A wire carries bytes of its own.
      const bytes = Uint8Array.from(message)
      if (!this.#isClosed)
        this.tell('message', { data: this.#format === 'json' ? Buffer.from(bytes).toString() : bytes.buffer })
      return 0
    }
    this.#session = new Session(
      stream.hub,
      {
        send: deliver,
        bufferedAmount: () => 0,
        batch: (write) => write(),
        close: (code, reason) => this.end(code, reason),
      },
      this.#format,
      Infinity,
    )
    this.tell('open', {})
  }

  /** Something the server would never say. */
  tell(type: string, event: object): void {
    const whole = { code: 0, reason: '', data: undefined, ...event }
    for (const listener of this.#listeners.get(type) ?? []) listener(whole)
  }

  /** The connection fails: Node tells that by an error alone, browsers by both. */
  fail(): void {
    this.tell('error', {})
    if (this.#format === 'json') this.end(1006)
  }

  end(code: number, reason = ''): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#session?.closed()
    this.tell('close', { code, reason })
  }
}

export interface Attempt {
  readonly url: string
  readonly protocols: readonly string[]
  readonly socket: MemorySocket
}

/** The OMA as a client sees it: takes connections or not, and its REST answers one status to all. */
export class MemoryServer {
  stream = new HandStream()
  readonly attempts: Attempt[] = []
  readonly asked: string[] = []
  isUp = true
  status = 201
  readonly #timers = this.stream.timers

  /** A new life of the service: another epoch, the same jobs. */
  restart(epoch: string): void {
    const { jobs } = this.stream
    this.stream.hub.close()
    this.stream = new HandStream({}, { epoch, timers: this.#timers })
    for (const [jobId, job] of jobs) this.stream.jobs.set(jobId, job)
  }

  client(options: Partial<ClientOptions> = {}, format: Format = 'json'): SightlineClient {
    return new SightlineClient({
      url: 'http://oma.test:8082/',
      token: 'a-token',
      timers: this.#timers,
      random: () => 1,
      ...(format === 'msgpack' ? { codec: messagePackCodec({ pack, unpack }) } : {}),
      openSocket: (url, protocols) => {
        const socket = new MemorySocket(format)
        this.attempts.push({ url, protocols, socket })
        queueMicrotask(() => (this.isUp ? socket.accept(this.stream) : socket.fail()))
        return socket
      },
      fetch: async (path) => {
        this.asked.push(new Request(path).url)
        if (!this.isUp) throw new Error('connection refused')
        const body =
          this.status < 300 ? { ticket: `ticket-${this.asked.length}` } : { error: 'Authentication required' }
        return new Response(JSON.stringify(body), { status: this.status })
      },
      ...options,
    })
  }

  get last(): Attempt {
    const last = this.attempts.at(-1)
    if (last === undefined) throw new Error('nothing has connected')
    return last
  }

  /** Lets time pass timer by timer, and what is asynchronous happen between. */
  async pass(ms: number): Promise<void> {
    const end = this.#timers.now() + ms
    await settled()
    while (this.#timers.now() < end || this.#timers.nextIn === 0) {
      this.#timers.pass(Math.min(end - this.#timers.now(), this.#timers.nextIn))
      await settled()
    }
  }
}

/** After every promise that hangs on nothing outside. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
