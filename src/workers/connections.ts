/**
 * Connections to one server, each with one request at a time and kept for the next (HTTP/1.1). Half the CPU of a general
 * client for a poll's GET (docs/adr/0035); `npm run bench -- budget` tells what a request costs now.
 */

import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'
import { HttpAnswer } from './http-answer.ts'

const READ_BYTES = 65_536
const readers = new WeakMap<Socket, (chunk: Buffer) => void>()

/**
 * For a socket that reads into one buffer, the same for all of a thread: without it each read makes a buffer of its own and goes
 * through a stream. Whoever hears of bytes has read them, or copied them, when it returns. Not with TLS, nor over a socket that
 * somebody else opened.
 */
export const READ_INTO_ONE_BUFFER = {
  onread: {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback(this: unknown, count: number, buffer: Uint8Array): boolean {
      readers.get(this as Socket)?.(buffer.subarray(0, count) as Buffer)
      return true
    },
  },
}

/** Below what servers usually keep an idle connection for would be too short for an interval of 5 s. */
const IDLE_MS = 30_000
const SWEEP_MS = 5_000

/** The other side closed before the answer was whole. */
class ConnectionClosed extends Error {
  readonly code = 'CLOSED'
}

/** One request: exactly one of the two is called, once, unless it is given up before. */
export interface Exchange {
  answered(answer: HttpAnswer): void
  failed(cause: Error): void
}

export interface ConnectionsOptions {
  readonly connect: buildConnector.connector
  readonly to: buildConnector.Options
  readonly maxBytes: number
  readonly now: () => number
}

export class Connections {
  readonly #options: ConnectionsOptions
  /** The one that was used last goes first: the others may end. */
  readonly #idle: Connection[] = []
  readonly #all = new Set<Connection>()
  #sweep: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: ConnectionsOptions) {
    this.#options = options
  }

  /** `fresh`: not on a connection that was used before. Returns what gives the request up. */
  send(request: string, exchange: Exchange, fresh = false): () => void {
    const kept = fresh ? undefined : this.#idle.pop()
    const connection = kept ?? this.#open()
    connection.send(request, exchange)
    return () => connection.giveUp(exchange)
  }

  /** Requests in flight fail. */
  close(): void {
    this.#isClosed = true
    clearInterval(this.#sweep)
    for (const connection of this.#all) connection.fail(new ConnectionClosed('closed by us'))
  }

  #open(): Connection {
    const { connect, to, maxBytes } = this.#options
    const connection = new Connection(maxBytes, {
      free: () => this.#keep(connection),
      gone: () => this.#forget(connection),
    })
    this.#all.add(connection)
    connect(to, (cause, socket) => {
      // With a cause there is no socket, whatever the types say: neither null nor there at all.
      if (cause !== null || socket === null) connection.fail(cause ?? new ConnectionClosed('no connection'))
      else if (this.#isClosed) socket.destroy()
      else connection.use(socket)
    })
    return connection
  }

  #keep(connection: Connection): void {
    connection.idleSince = this.#options.now()
    this.#idle.push(connection)
    this.#sweep ??= setInterval(() => this.#endIdle(), SWEEP_MS)
  }

  #forget(connection: Connection): void {
    this.#all.delete(connection)
    const at = this.#idle.indexOf(connection)
    if (at >= 0) this.#idle.splice(at, 1)
    if (this.#all.size > 0) return
    clearInterval(this.#sweep)
    this.#sweep = undefined
  }

  #endIdle(): void {
    const now = this.#options.now()
    for (const old of this.#idle.filter(({ idleSince }) => now - idleSince >= IDLE_MS)) old.end()
  }
}

interface Owner {
  free(): void
  gone(): void
}

class Connection {
  idleSince = 0
  readonly #maxBytes: number
  readonly #owner: Owner
  #socket: Socket | undefined
  #waiting: string | undefined
  #exchange: Exchange | undefined
  #answer: HttpAnswer | undefined
  #isOver = false

  constructor(maxBytes: number, owner: Owner) {
    this.#maxBytes = maxBytes
    this.#owner = owner
  }

  /** It is connected. */
  use(socket: Socket): void {
    if (this.#isOver) {
      socket.destroy()
      return
    }
    this.#socket = socket
    const read = (chunk: Buffer): void => this.#read(chunk)
    readers.set(socket, read)
    // Never comes where READ_INTO_ONE_BUFFER is; without a listener there would be no 'end' either.
    socket.on('data', read)
    socket.on('end', () => this.#ended())
    socket.on('error', (cause) => this.fail(cause))
    socket.on('close', () => this.fail(new ConnectionClosed('other side closed')))
    if (this.#waiting !== undefined) this.#write(socket, this.#waiting)
  }

  send(request: string, exchange: Exchange): void {
    this.#exchange = exchange
    this.#answer = new HttpAnswer(this.#maxBytes)
    if (this.#socket === undefined) this.#waiting = request
    else this.#write(this.#socket, request)
  }

  /** The one who asked does not want to know any more. */
  giveUp(exchange: Exchange): void {
    if (this.#exchange !== exchange) return
    this.#exchange = undefined
    this.end()
  }

  fail(cause: Error): void {
    const exchange = this.#exchange
    this.#exchange = undefined
    this.end()
    exchange?.failed(cause)
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#owner.gone()
    this.#socket?.on('error', () => undefined).destroy()
  }

  #write(socket: Socket, request: string): void {
    this.#waiting = undefined
    socket.write(request, 'latin1')
  }

  #read(chunk: Buffer): void {
    const answer = this.#answer
    // Nobody asked: whatever it is, the next answer could be taken for another's.
    if (answer === undefined || this.#exchange === undefined) return this.end()
    try {
      if (answer.push(chunk)) this.#done(answer)
    } catch (cause) {
      this.fail(cause instanceof Error ? cause : new Error(String(cause)))
    }
  }

  #ended(): void {
    const answer = this.#answer
    if (answer !== undefined && this.#exchange !== undefined && answer.end()) this.#done(answer)
    else this.fail(new ConnectionClosed('other side closed'))
  }

  /** It is free before the answer is told: what is asked next may go over it. */
  #done(answer: HttpAnswer): void {
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#answer = undefined
    if (answer.keepsAlive && !this.#isOver) this.#owner.free()
    else this.end()
    exchange?.answered(answer)
  }
}
