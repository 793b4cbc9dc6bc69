/** The two ways out of the same hub: ours, on uWebSockets.js, and the rival, on `ws`. */

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { authenticator } from '../../src/http/authenticate.ts'
import type { Format } from '../../src/http/stream/codec.ts'
import { Gate } from '../../src/http/stream/gate.ts'
import type { Hub } from '../../src/http/stream/hub.ts'
import type * as Routes from '../../src/http/stream/routes.ts'
import type * as Sessions from '../../src/http/stream/session.ts'
import { Tickets } from '../../src/http/stream/tickets.ts'
import type * as Server from '../../src/http/uws/server.ts'
import type { Socket, Upgrade } from '../../src/http/websocket.ts'

export const TOKEN = 'a-token-for-the-bench'
const MAX_MESSAGE_BYTES = 65_536

/** Takes each connection's socket as it is opened; returns the port. */
type Side = (hub: Hub, opened: (socket: Socket) => void) => Promise<number>

export function ours({ streamWebsocket }: typeof Routes, { listen }: typeof Server): Side {
  return async (hub, opened) => {
    const now = Date.now
    const authenticate = authenticator({ tokens: [TOKEN] })
    const tickets = new Tickets()
    const gate = new Gate({ authenticate, tickets, origins: [], now })
    const route = streamWebsocket({ hub, gate, tickets, now, newTicket: () => '' })
    const seen = (upgrade: Upgrade): Upgrade => {
      if ('refused' in upgrade) return upgrade
      const open: typeof upgrade.open = (socket) => {
        opened(socket)
        return upgrade.open(socket)
      }
      return { ...upgrade, open }
    }
    const server = await listen({
      host: '127.0.0.1',
      port: 0,
      routes: [],
      websockets: [{ ...route, admit: async (request) => seen(await route.admit(request)) }],
      clock: { now },
      onFault: (error) => console.error(error),
    })
    return server.port
  }
}

/**
 * The same sessions on `ws` 8, without compression as ours. It asks for no token. `batches`: the frames of one tick go out in one write, which
 * `ws` does not do by itself.
 */
export function rival({ Session }: typeof Sessions, batches: boolean): Side {
  return async (hub, opened) => {
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port: 0,
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
    })
    server.on('connection', (ws, { socket: wire }) => {
      const socket: Socket = {
        send: (message, isBinary) => ws.send(message, { binary: isBinary }),
        bufferedAmount: () => ws.bufferedAmount,
        batch: (write) => {
          if (batches) wire.cork()
          write()
          if (batches) wire.uncork()
        },
        close: (code, reason) => ws.close(code, reason),
      }
      opened(socket)
      const format: Format = ws.protocol === 'sightline.v1.msgpack' ? 'msgpack' : 'json'
      const session = new Session(hub, socket, format, Infinity)
      ws.on('message', (data, isBinary) => session.message(data as Buffer, isBinary))
      ws.on('close', () => session.closed())
      ws.on('error', () => undefined)
      wire.on('drain', () => session.drained())
    })
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
}
