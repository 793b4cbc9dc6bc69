/**
 * A websocket as bytes: of each frame it reads the seq and skips the rest, so that a thousand of them cost less than the server that is
 * measured. One that keeps its frames has them whole.
 */

import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import type { Format } from '../../src/http/stream/codec.ts'
import type { ClientFrame, ServerFrame } from '../../src/http/stream/frames.ts'
import { Packr } from 'msgpackr'
import { monotonicMs } from '../support/monotonic.ts'
import { seqOf } from './seq.ts'
import { TOKEN } from './sides.ts'

const packr = new Packr({ useRecords: false })
const HEADERS_END = Buffer.from('\r\n\r\n')
/** The seq stands within the first bytes of a payload. */
const LOOK_BYTES = 160
const READ_BYTES = 262_144
/** All clients of a process are read one after the other. */
const shared = Buffer.allocUnsafe(READ_BYTES)

export interface Arrivals {
  frames: number
  bytes: number
  readonly seqs: number[]
  readonly times: number[]
}

export class RawClient {
  readonly format: Format
  /** Of the frames since it was last emptied; kept only by one that keeps. */
  readonly kept: { readonly frame: ServerFrame; readonly at: number }[] = []
  isKeeping: boolean
  readonly #socket: Socket
  readonly #arrivals: Arrivals
  readonly #upgraded = Promise.withResolvers<void>()
  #isUpgraded = false
  #rest: Buffer = Buffer.alloc(0)
  #skip = 0
  #seq = -1
  #body: Buffer[] = []

  constructor(port: number, format: Format, arrivals: Arrivals, isKeeping = false) {
    this.format = format
    this.#arrivals = arrivals
    this.isKeeping = isKeeping
    const onread = { buffer: shared, callback: (count: number) => this.#take(shared.subarray(0, count)) }
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread })
    this.#socket.on('error', (error) => this.#upgraded.reject(error))
    this.#socket.on('close', () => this.#upgraded.reject(new Error('closed')))
    this.#upgraded.promise.catch(() => undefined)
    this.#socket.write(
      `GET /api/v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n` +
        `Sec-WebSocket-Protocol: sightline.v1.${format}\r\n\r\n`,
    )
  }

  open(): Promise<void> {
    return this.#upgraded.promise
  }

  /** One masked frame, with a mask of zeros. */
  say(frame: ClientFrame): void {
    const body = this.format === 'json' ? Buffer.from(JSON.stringify(frame)) : packr.pack(frame)
    const length = body.length < 126 ? [0x80 | body.length] : [0x80 | 126, body.length >> 8, body.length & 255]
    const opcode = this.format === 'json' ? 1 : 2
    this.#socket.write(Buffer.concat([Buffer.from([0x80 | opcode, ...length, 0, 0, 0, 0]), body]))
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): boolean {
    this.#arrivals.bytes += chunk.length
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    while (bytes.length > 0) {
      const used = this.#isUpgraded ? this.#frame(bytes) : this.#head(bytes)
      if (used === 0) break
      bytes = bytes.subarray(used)
    }
    // The buffer is everyone's: what is left is copied.
    this.#rest = bytes.length === 0 ? EMPTY : Buffer.from(bytes)
    return true
  }

  #head(bytes: Buffer): number {
    const end = bytes.indexOf(HEADERS_END)
    if (end < 0) return 0
    if (bytes.toString('latin1', 0, 12) === 'HTTP/1.1 101') this.#upgraded.resolve()
    else this.#upgraded.reject(new Error(bytes.toString('latin1', 0, end)))
    this.#isUpgraded = true
    return end + HEADERS_END.length
  }

  #frame(bytes: Buffer): number {
    if (this.#skip > 0) return this.#skipped(bytes)
    const [, short = 0] = bytes
    const head = short < 126 ? 2 : short === 126 ? 4 : 10
    if (bytes.length < head) return 0
    const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
    if (bytes.length < head + Math.min(size, LOOK_BYTES)) return 0
    const isData = ((bytes[0] ?? 0) & 15) <= 2
    this.#seq = isData ? seqOf(bytes.subarray(head, head + Math.min(size, LOOK_BYTES)), this.format) : -1
    this.#skip = size
    return head
  }

  #skipped(bytes: Buffer): number {
    const count = Math.min(this.#skip, bytes.length)
    if (this.isKeeping && this.#seq >= 0) this.#body.push(Buffer.from(bytes.subarray(0, count)))
    this.#skip -= count
    if (this.#skip === 0 && this.#seq >= 0) this.#arrived()
    return count
  }

  #arrived(): void {
    const at = monotonicMs()
    this.#arrivals.frames += 1
    this.#arrivals.seqs.push(this.#seq)
    this.#arrivals.times.push(at)
    if (!this.isKeeping) return
    const payload = Buffer.concat(this.#body)
    this.#body = []
    const frame: unknown = this.format === 'json' ? JSON.parse(payload.toString()) : packr.unpack(payload)
    this.kept.push({ frame: frame as ServerFrame, at })
  }
}

const EMPTY = Buffer.alloc(0)
