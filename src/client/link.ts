/**
 * The connection that is always there or coming back: opens, listens for silence, waits longer after each failure,
 * and tells what it is doing. It knows nothing of topics.
 */

import { backoffMs } from './backoff.ts'
import type { Credentials } from './credentials.ts'
import type { OpenSocket, SocketLike, Timers } from './ports.ts'
import type { ClientFrame, Codec, ServerFrame } from './protocol.ts'
import { isRefusal } from './rest.ts'

/** Something that is there answers a ping within milliseconds; a dead tunnel says nothing for hours. */
const SILENCE_MS = 10_000
const ANSWER_MS = 10_000
const CONNECT_MS = 10_000
/** Live for so long, the next loss is a first one. */
const STABLE_MS = 5_000
/** The token of this stream has ended: a new one may be had. */
const EXPIRED = 4401
const NORMAL = 1000

export type ConnectionState =
  | { readonly name: 'idle' | 'connecting' | 'live' | 'closed' }
  /** `inMs`: until the next attempt, counted from this notice. */
  | { readonly name: 'reconnecting'; readonly attempt: number; readonly inMs: number; readonly reason: string }
  /** The token or ticket is not accepted. Nothing is tried until `retry()`. */
  | { readonly name: 'unauthorized'; readonly reason: string }

export interface LinkOptions {
  /** `wss://host:port/api/v1/stream`. */
  readonly url: string
  readonly codec: Codec
  readonly credentials: () => Promise<Credentials>
  /** Asked after a connection that never opened: a browser does not tell why. Rejects with the reason. */
  readonly probe: () => Promise<unknown>
  readonly openSocket: OpenSocket
  readonly timers: Timers
  readonly random: () => number
  readonly onOpen: () => void
  readonly onFrame: (frame: ServerFrame) => void
  readonly onState: (state: ConnectionState) => void
}

export class Link {
  readonly #options: LinkOptions
  #state: ConnectionState = { name: 'idle' }
  #socket: SocketLike | undefined
  #isOpen = false
  #failures = 0
  #heardAt = 0
  /** undefined: all pings have been answered. */
  #pingedAt: number | undefined
  #liveAt = 0
  #timer: unknown
  /** Grows with each attempt: what an older one still says is not heard. */
  #attempt = 0

  constructor(options: LinkOptions) {
    this.#options = options
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** Connects now, whatever it waits for; does nothing while it is connected or has been closed. */
  connect(): void {
    if (['closed', 'connecting', 'live'].includes(this.#state.name)) return
    this.#failures = 0
    void this.#open()
  }

  /** False: there is no connection, and `onOpen` will tell when there is. */
  send(frame: ClientFrame): boolean {
    if (!this.#isOpen) return false
    this.#socket?.send(this.#options.codec.encode(frame))
    return true
  }

  close(): void {
    this.#drop()
    this.#become({ name: 'closed' })
  }

  async #open(): Promise<void> {
    const { timers, codec, url, openSocket } = this.#options
    this.#drop()
    const attempt = this.#attempt
    this.#become({ name: 'connecting' })
    this.#timer = timers.setTimeout(() => this.#lost('no answer'), CONNECT_MS)
    try {
      const { protocols, query } = await this.#options.credentials()
      if (attempt !== this.#attempt) return
      const socket = openSocket(url + query, [codec.protocol, ...protocols])
      socket.binaryType = 'arraybuffer'
      this.#socket = socket
      this.#listen(socket, (work) => {
        if (attempt === this.#attempt) work()
      })
    } catch (error) {
      if (attempt !== this.#attempt) return
      if (isRefusal(error)) this.#refused(error)
      else this.#lost(messageOf(error))
    }
  }

  #listen(socket: SocketLike, ifCurrent: (work: () => void) => void): void {
    socket.addEventListener('open', () => ifCurrent(() => this.#opened()))
    socket.addEventListener('message', ({ data }) => ifCurrent(() => this.#heard(data)))
    const ended = (reason: string): void => {
      if (this.#isOpen) this.#lost(reason)
      else void this.#askWhy(reason)
    }
    // A connection that fails before it opens: browsers tell by error and close, Node 22 by error alone.
    socket.addEventListener('error', () => ifCurrent(() => ended('no connection')))
    socket.addEventListener('close', ({ code, reason }) =>
      ifCurrent(() => {
        if (this.#isOpen && code === EXPIRED) void this.#open()
        else ended(reason === '' ? `closed with ${code}` : reason)
      }),
    )
  }

  #opened(): void {
    this.#isOpen = true
    this.#heardAt = this.#options.timers.now()
    this.#options.onOpen()
    // Answered after all that was missed, so the first answer says that what is held is true.
    this.#ping()
  }

  #heard(data: unknown): void {
    let frame: ServerFrame
    try {
      frame = this.#options.codec.decode(data)
    } catch (error) {
      return this.#lost(`not understood: ${messageOf(error)}`)
    }
    this.#heardAt = this.#options.timers.now()
    this.#pingedAt = undefined
    this.#options.onFrame(frame)
    if (this.#isOpen && this.#state.name !== 'live') {
      this.#liveAt = this.#heardAt
      this.#become({ name: 'live' })
    }
  }

  #ping(): void {
    this.#pingedAt = this.#options.timers.now()
    this.send({ type: 'ping' })
    this.#watch(ANSWER_MS)
  }

  /** Looks when the last frame came, so that no frame has to set a timer anew. */
  #watch(ms: number): void {
    const { timers } = this.#options
    timers.clearTimeout(this.#timer)
    this.#timer = timers.setTimeout(() => {
      const now = timers.now()
      // A page in the background gets its timers late: only a ping that was sent can go unanswered.
      if (this.#pingedAt !== undefined && now - this.#pingedAt >= ANSWER_MS) this.#lost('silent')
      else if (now - this.#heardAt >= SILENCE_MS) this.#ping()
      else this.#watch(SILENCE_MS - (now - this.#heardAt))
    }, ms)
  }

  async #askWhy(told: string): Promise<void> {
    // The socket has nothing more to say.
    this.#attempt += 1
    const attempt = this.#attempt
    try {
      await this.#options.probe()
      if (attempt === this.#attempt) this.#lost(told)
    } catch (error) {
      if (attempt !== this.#attempt) return
      if (isRefusal(error)) this.#refused(error)
      else this.#lost(messageOf(error))
    }
  }

  #refused(error: unknown): void {
    this.#drop()
    this.#become({ name: 'unauthorized', reason: messageOf(error) })
  }

  #lost(reason: string): void {
    const { timers } = this.#options
    // One that is let in and thrown out again and again waits a second each time, and not half of one.
    if (this.#state.name === 'live') {
      this.#failures = timers.now() - this.#liveAt >= STABLE_MS ? 0 : Math.min(this.#failures, 1)
    }
    this.#drop()
    this.#failures += 1
    const inMs = backoffMs(this.#failures, this.#options.random())
    this.#timer = timers.setTimeout(() => void this.#open(), inMs)
    this.#become({ name: 'reconnecting', attempt: this.#failures, inMs, reason })
  }

  #drop(): void {
    this.#attempt += 1
    this.#options.timers.clearTimeout(this.#timer)
    this.#isOpen = false
    this.#socket?.close(NORMAL)
    this.#socket = undefined
  }

  #become(state: ConnectionState): void {
    this.#state = state
    this.#options.onState(state)
  }
}

/** Node's fetch says "fetch failed", and why as its cause: a code where several addresses were tried. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  return cause.message || ('code' in cause ? String(cause.code) : error.message)
}
