/** A frame's seq, read from its first bytes without decoding it. */

import type { Format } from '../../src/http/stream/codec.ts'

const JSON_KEY = Buffer.from('"seq":')
const PACKED_KEY = Buffer.from([0xa3, 0x73, 0x65, 0x71])
const ZERO = 48

/** -1: there is none, as in a pong. */
export function seqOf(start: Buffer, format: Format): number {
  const key = format === 'json' ? JSON_KEY : PACKED_KEY
  const at = start.indexOf(key)
  if (at < 0) return -1
  return format === 'json' ? digitsAt(start, at + key.length) : packedAt(start, at + key.length)
}

function digitsAt(bytes: Buffer, from: number): number {
  let value = 0
  for (let at = from; at < bytes.length; at += 1) {
    const digit = (bytes[at] ?? 0) - ZERO
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  return value
}

function packedAt(bytes: Buffer, at: number): number {
  const kind = bytes[at] ?? 0
  if (kind < 0x80) return kind
  if (kind === 0xcc) return bytes.readUInt8(at + 1)
  if (kind === 0xcd) return bytes.readUInt16BE(at + 1)
  if (kind === 0xce) return bytes.readUInt32BE(at + 1)
  throw new Error(`a seq of kind ${kind}`)
}
