/** A websocket route and what goes over it, whatever web server does the work. */

import type { HttpAnswer } from './route.ts'

/** What is known of a client before the upgrade; '' for what it did not send. */
export interface UpgradeRequest {
  readonly authorization: string
  /** The subprotocols it offers, in its order. */
  readonly protocols: readonly string[]
  readonly origin: string
  readonly host: string
  readonly query: string
}

/** The server's end of one connection. After its close every call does nothing. */
export interface Socket {
  send(message: Uint8Array, isBinary: boolean): void
  bufferedAmount(): number
  /** What is sent within goes out together. */
  batch(write: () => void): void
  close(code: number, reason: string): void
}

export interface SocketHandlers {
  /** `data` is good during the call only. */
  message(data: Buffer, isBinary: boolean): void
  /** The client has taken some of what waited for it. */
  drained(): void
  /** Called once, whoever closed. */
  closed(): void
}

export type Upgrade =
  /** `protocol`: the subprotocol that the server answers with; '' for none. */
  { readonly protocol: string; readonly open: (socket: Socket) => SocketHandlers } | { readonly refused: HttpAnswer }

export interface WebsocketRoute {
  readonly path: string
  /** A larger message closes its connection. */
  readonly maxPayloadBytes: number
  /** A client that says nothing for this long, pongs included, is gone. */
  readonly idleSeconds: number
  /** The web server drops what would be sent beyond it; only answers to a flood of pings ever get there. */
  readonly maxBufferedBytes: number
  /** At once wherever that can be. */
  readonly admit: (request: UpgradeRequest) => Upgrade | Promise<Upgrade>
}
