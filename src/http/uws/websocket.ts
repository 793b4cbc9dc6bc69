/** Websocket routes on a uWS app: the upgrade is decided at once, the connection is handed on as a `Socket`. */

import type { HttpRequest, HttpResponse, TemplatedApp, WebSocket, us_socket_context_t } from 'uWebSockets.js'
import { internalError } from '../answers.ts'
import type { Clock } from '../route.ts'
import type { Socket, SocketHandlers, Upgrade, UpgradeRequest, WebsocketRoute } from '../websocket.ts'
import { writeAnswer } from './answer.ts'

/** Unanswered pings of a client that does not read: each would add a pong to what waits for it. */
const MAX_UNREAD_PINGS = 100
const INTERNAL_ERROR = 1011

interface Connection {
  readonly upgrade: Extract<Upgrade, { open: unknown }>
  socket?: UwsSocket
  handlers?: SocketHandlers
  unreadPings: number
}

export interface WebsocketContext {
  readonly clock: Clock
  readonly onFault: (error: unknown, route: WebsocketRoute) => void
}

export function mountWebsocket(app: TemplatedApp, route: WebsocketRoute, { clock, onFault }: WebsocketContext): void {
  /** An exception in a uWS callback takes the process down. */
  const guarded = (ws: WebSocket<Connection>, work: () => void): void => {
    try {
      work()
    } catch (error) {
      onFault(error, route)
      ws.getUserData().socket?.close(INTERNAL_ERROR, 'internal error')
    }
  }
  app.ws<Connection>(route.path, {
    maxPayloadLength: route.maxPayloadBytes,
    idleTimeout: route.idleSeconds,
    sendPingsAutomatically: true,
    closeOnBackpressureLimit: false,
    maxBackpressure: route.maxBufferedBytes,
    upgrade: (res, req, context) => {
      const fault = (error: unknown): Upgrade => {
        onFault(error, route)
        return { refused: internalError(clock.now()) }
      }
      const handshake = readHandshake(req, context)
      let decision: Upgrade | Promise<Upgrade>
      try {
        decision = route.admit(readUpgrade(req))
      } catch (error) {
        decision = fault(error)
      }
      if (decision instanceof Promise) upgradeLater(decision.catch(fault), res, handshake)
      else upgrade(decision, res, handshake)
    },
    open: (ws) =>
      guarded(ws, () => {
        const connection = ws.getUserData()
        connection.socket = new UwsSocket(ws)
        connection.handlers = connection.upgrade.open(connection.socket)
      }),
    message: (ws, data, isBinary) => guarded(ws, () => ws.getUserData().handlers?.message(Buffer.from(data), isBinary)),
    drain: (ws) =>
      guarded(ws, () => {
        ws.getUserData().unreadPings = 0
        ws.getUserData().handlers?.drained()
      }),
    ping: (ws) => {
      const connection = ws.getUserData()
      connection.unreadPings = ws.getBufferedAmount() === 0 ? 0 : connection.unreadPings + 1
      if (connection.unreadPings > MAX_UNREAD_PINGS) ws.close()
    },
    close: (ws) => {
      const { socket, handlers } = ws.getUserData()
      socket?.forget()
      try {
        handlers?.closed()
      } catch (error) {
        onFault(error, route)
      }
    },
  })
}

function readUpgrade(req: HttpRequest): UpgradeRequest {
  return {
    authorization: req.getHeader('authorization'),
    protocols: req
      .getHeader('sec-websocket-protocol')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    origin: req.getHeader('origin'),
    host: req.getHeader('host'),
    query: req.getQuery(),
  }
}

/** What an upgrade needs of the request, which is dead after its first turn. */
interface Handshake {
  readonly key: string
  readonly extensions: string
  readonly context: us_socket_context_t
}

function readHandshake(req: HttpRequest, context: us_socket_context_t): Handshake {
  const [key, extensions] = [req.getHeader('sec-websocket-key'), req.getHeader('sec-websocket-extensions')]
  return { key, extensions, context }
}

function upgrade(decision: Upgrade, res: HttpResponse, { key, extensions, context }: Handshake): void {
  if ('refused' in decision) return writeAnswer(res, decision.refused, { isHead: false, closes: true })
  const connection: Connection = { upgrade: decision, unreadPings: 0 }
  res.upgrade(connection, key, decision.protocol, extensions, context)
}

function upgradeLater(decision: Promise<Upgrade>, res: HttpResponse, handshake: Handshake): void {
  let isGone = false
  res.onAborted(() => {
    isGone = true
  })
  void decision.then((decided) => {
    if (!isGone) res.cork(() => upgrade(decided, res, handshake))
  })
}

/** A uWS socket throws at every use after its close. */
class UwsSocket implements Socket {
  #ws: WebSocket<Connection> | undefined

  constructor(ws: WebSocket<Connection>) {
    this.#ws = ws
  }

  send(message: Uint8Array, isBinary: boolean): void {
    this.#ws?.send(message, isBinary)
  }

  bufferedAmount(): number {
    return this.#ws?.getBufferedAmount() ?? 0
  }

  batch(write: () => void): void {
    if (this.#ws === undefined) write()
    else this.#ws.cork(write)
  }

  close(code: number, reason: string): void {
    this.#ws?.end(code, reason)
  }

  forget(): void {
    this.#ws = undefined
  }
}
