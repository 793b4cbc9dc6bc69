/** One websocket: what its client says becomes calls of the hub; what is not understood is told, and in the end not borne. */

import type { Socket, SocketHandlers } from '../websocket.ts'
import type { Client, Connection } from './client.ts'
import { decode, type Format } from './codec.ts'
import { parseClientFrame } from './frames.ts'
import type { Hub } from './hub.ts'
import { parseTopics } from './topics.ts'

/** RFC 6455: the other side broke the rules. */
const POLICY_VIOLATION = 1008
const MAX_BAD_FRAMES = 10

export class Session implements SocketHandlers {
  readonly #hub: Hub
  readonly #client: Client
  readonly #format: Format
  #badFrames = 0

  /** `expiresAt`: when its token ends, epoch ms. */
  constructor(hub: Hub, socket: Socket, format: Format, expiresAt: number) {
    this.#hub = hub
    this.#format = format
    this.#client = hub.attach(connectionOf(socket, format === 'msgpack'), format, expiresAt)
  }

  message(data: Buffer, isBinary: boolean): void {
    if (isBinary !== (this.#format === 'msgpack')) {
      return this.#refuse(`${this.#format} comes in ${isBinary ? 'text' : 'binary'} messages`)
    }
    const value = decode(data, this.#format)
    if (value === undefined) return this.#refuse(`not ${this.#format === 'json' ? 'JSON' : 'MessagePack'}`)
    const frame = parseClientFrame(value)
    if (typeof frame === 'string') return this.#refuse(frame)
    if (frame.type === 'ping') return this.#client.reply({ type: 'pong' })
    const topics = parseTopics(frame.topics)
    if (typeof topics === 'string') return this.#refuse(topics)
    if (frame.type === 'unsubscribe') return this.#hub.unsubscribe(this.#client, topics)
    const refusal = this.#hub.subscribe(this.#client, topics, frame.since)
    if (refusal !== undefined) this.#refuse(refusal)
  }

  drained(): void {
    this.#hub.drained(this.#client)
  }

  closed(): void {
    this.#hub.detach(this.#client)
  }

  #refuse(details: string): void {
    this.#hub.stats.badFrames += 1
    this.#badFrames += 1
    this.#client.reply({ type: 'error', error: 'bad frame', details })
    if (this.#badFrames >= MAX_BAD_FRAMES) this.#client.connection.close(POLICY_VIOLATION, 'too many bad frames')
  }
}

function connectionOf(socket: Socket, isBinary: boolean): Connection {
  return {
    send: (bytes) => socket.send(bytes, isBinary),
    bufferedAmount: () => socket.bufferedAmount(),
    batch: (write) => socket.batch(write),
    close: (code, reason) => socket.close(code, reason),
  }
}
