/**
 * Frames as bytes, and back. Both formats carry the same values.
 *
 * MessagePack is written without msgpackr's records and shared structures: a shared structure is sent once and needed
 * ever after, so a client that joined later could not read the frames of the others. Every frame is a plain map that any
 * MessagePack library reads by itself.
 */

import { Packr, Unpackr } from 'msgpackr'
import type { ServerFrame, TopicFrame } from './frames.ts'

export type Format = 'json' | 'msgpack'

const packr = new Packr({ useRecords: false })
/** 64-bit integers come as numbers: several libraries write every integer so. */
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' })

export function encode(frame: ServerFrame, format: Format): Uint8Array {
  return format === 'json' ? Buffer.from(JSON.stringify(frame)) : packr.pack(frame)
}

/** undefined when the message is not of the format. */
export function decode(message: Buffer, format: Format): unknown {
  try {
    return format === 'json' ? JSON.parse(message.toString('utf8')) : unpackr.unpack(message)
  } catch {
    return undefined
  }
}

/** A frame that many clients get: encoded once per format, when the first one wants it (WS-3). */
export class SharedFrame {
  readonly frame: TopicFrame
  readonly #encoded: Partial<Record<Format, Uint8Array>> = {}

  constructor(frame: TopicFrame) {
    this.frame = frame
  }

  bytes(format: Format): Uint8Array {
    return (this.#encoded[format] ??= encode(this.frame, format))
  }

  /** Bytes of the encodings that are held; of JSON when nobody wanted any yet. */
  get size(): number {
    const { json, msgpack } = this.#encoded
    if (json === undefined && msgpack === undefined) return this.bytes('json').byteLength
    return (json?.byteLength ?? 0) + (msgpack?.byteLength ?? 0)
  }
}
