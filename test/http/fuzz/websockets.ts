/** Hostile websockets: a handshake, good or not, and frames that no client would send. */

import { pack } from 'msgpackr'
import type { Random } from '../../../src/sim/random.ts'
import type { Attack, Target } from './attacks.ts'
import { bodyOf, depthOf } from './bodies.ts'
import { bearerOf, bytesOf, cut } from './pieces.ts'

const CONTINUATION = 0
const TEXT = 1
const BINARY = 2
const CLOSE = 8
const PING = 9
const PONG = 10
/** RFC 6455 keeps them for later. */
const RESERVED = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as const
/** The server takes no larger message. */
const MAX_MESSAGE = 65_536
const MAX_TOPICS = 256

interface Frame {
  readonly opcode: number
  readonly payload: Buffer
  readonly isLast?: boolean
  readonly reserved?: number
  readonly isMasked?: boolean
  /** What it says of its length, where that is not so. */
  readonly length?: bigint
}

function bytesOfFrame(random: Random, frame: Frame): Buffer {
  const { opcode, payload, isLast = true, reserved = 0, isMasked = true } = frame
  const first = (isLast ? 0x80 : 0) | (reserved << 4) | opcode
  const mask = isMasked ? bytesOf(random, 4) : Buffer.alloc(0)
  const body = isMasked ? payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0)) : payload
  const length = lengthOf(frame.length ?? BigInt(payload.length), random.chance(0.05))
  length[0] = (length[0] ?? 0) | (isMasked ? 0x80 : 0)
  return Buffer.concat([Buffer.from([first]), length, mask, body])
}

/** `isLong`: in more bytes than it needs, which is forbidden. */
function lengthOf(length: bigint, isLong: boolean): Buffer {
  if (length < 126n && !isLong) return Buffer.from([Number(length)])
  const bytes = Buffer.alloc(9)
  if (length <= 0xffffn && !isLong) {
    bytes[0] = 126
    bytes.writeUInt16BE(Number(length), 1)
    return bytes.subarray(0, 3)
  }
  bytes[0] = 127
  bytes.writeBigUInt64BE(length, 1)
  return bytes
}

function topicOf(random: Random): string {
  const kind = random.next()
  if (kind < 0.3) return 'jobs'
  if (kind < 0.6) return `job:${random.hex(random.integer(1, 12))}`
  if (kind < 0.9) return `vm:${random.hex(random.integer(1, 12))}`
  return random.pick(['', 'job:', 'vm:', '__proto__', 'jobs,jobs', 'job:\u0000', `vm:${'x'.repeat(2_000)}`])
}

function sinceOf(random: Random): unknown {
  return random.pick([
    undefined,
    null,
    { epoch: '', seq: 0 },
    { epoch: 'x'.repeat(64), seq: Number.MAX_SAFE_INTEGER },
    { epoch: 'x'.repeat(65), seq: -1 },
    { seq: 1e308 },
    'now',
    [],
  ])
}

/** Understood or nearly so. */
function said(random: Random): unknown {
  const topics = (most: number): string[] => Array.from({ length: random.integer(0, most) }, () => topicOf(random))
  return random.pick<() => unknown>([
    () => ({ type: 'subscribe', topics: topics(5), since: sinceOf(random) }),
    () => ({ type: 'unsubscribe', topics: topics(5) }),
    () => ({ type: 'ping' }),
    () => ({ type: 'subscribe', topics: topics(400) }),
    () => ({ type: 'subscribe', topics: { length: 1e9 } }),
    () => ({ type: random.pick(['', 'constructor', 'snapshot', 'subscribe ']), topics: topics(2) }),
    () => random.pick([null, 0, '', [], [[]], { topics: 'jobs' }]),
  ])()
}

function text(value: unknown): Frame {
  return { opcode: TEXT, payload: Buffer.from(JSON.stringify(value) ?? '') }
}

/** Lengths that lie, nesting, extensions, records that were never told of. */
function badMsgpack(random: Random): Buffer {
  return random.pick<() => Buffer>([
    () => bytesOf(random, random.integer(0, 400)),
    () => Buffer.from([random.pick([0xdd, 0xdf, 0xdb, 0xc6, 0xc9]), 0xff, 0xff, 0xff, 0xff]),
    () => Buffer.alloc(random.integer(1, 60_000), random.pick([0x91, 0x81, 0xc1, 0x40, 0xd4])),
    () => Buffer.concat([Buffer.from([0xd4, 0x72, 0x40]), bytesOf(random, 20)]),
    () => pack(said(random)).subarray(0, random.integer(0, 30)),
    () => pack(said(random)),
  ])()
}

/** A message in pieces, whole or not, with something in between or not. */
function fragments(random: Random): Frame[] {
  const parts = Array.from({ length: random.integer(1, 30) }, () => bytesOf(random, random.integer(0, 50)))
  const frames = parts.map((payload, i) => ({
    opcode: i === 0 && random.chance(0.9) ? TEXT : CONTINUATION,
    payload,
    isLast: i === parts.length - 1 && random.chance(0.7),
  }))
  if (random.chance(0.5)) frames.splice(1, 0, { opcode: PING, payload: Buffer.from('?'), isLast: random.chance(0.7) })
  if (random.chance(0.3)) frames.push({ opcode: TEXT, payload: Buffer.from('{"type":"ping"}'), isLast: true })
  return frames
}

function oversized(random: Random): Frame {
  const payload = Buffer.alloc(random.integer(MAX_MESSAGE - 2, 3 * MAX_MESSAGE), random.pick([0x20, 0x5b, 0xc1]))
  return { opcode: random.pick([TEXT, BINARY]), payload }
}

function lying(random: Random): Frame {
  const length = random.pick([2n ** 63n, 2n ** 64n - 1n, 2n ** 32n, 65_536n, 5n])
  return { opcode: TEXT, payload: Buffer.from(JSON.stringify(said(random))), length }
}

/** Each of many frames asks for as many topics as one may. */
function flood(random: Random): Frame[] {
  const isNew = random.chance(0.5)
  return Array.from({ length: random.integer(2, 12) }, (_, round) => {
    const name = isNew ? random.hex(6) : 'same'
    const topics = Array.from({ length: MAX_TOPICS }, (_, i) => `job:${name}-${i}`)
    return text({ type: round % 3 === 2 ? 'unsubscribe' : 'subscribe', topics })
  })
}

function closing(random: Random): Frame {
  const code = Buffer.alloc(2)
  code.writeUInt16BE(random.pick([0, 999, 1000, 1005, 1015, 4408, 65_535]))
  const reason = bytesOf(random, random.integer(0, 130))
  return { opcode: CLOSE, payload: Buffer.concat([code, reason]).subarray(0, random.pick([0, 1, 2, 30, 132])) }
}

const FRAMES: readonly [(random: Random) => Frame[], ...((random: Random) => Frame[])[]] = [
  (random) => [text(said(random))],
  (random) => [{ opcode: TEXT, payload: bodyOf(random) }],
  (random) => [{ opcode: TEXT, payload: depthOf(random, 10_000) }],
  () => [{ opcode: TEXT, payload: Buffer.from([0x7b, 0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0x7d]) }],
  (random) => [{ opcode: BINARY, payload: badMsgpack(random) }],
  (random) => [{ opcode: random.pick(RESERVED), payload: bytesOf(random, random.integer(0, 50)) }],
  (random) => [{ ...text(said(random)), isMasked: false }],
  (random) => [{ ...text(said(random)), reserved: random.integer(1, 7) }],
  (random) => [{ opcode: random.pick([PING, PONG]), payload: bytesOf(random, random.integer(0, 300)) }],
  (random) => Array.from({ length: random.integer(50, 400) }, () => ({ opcode: PING, payload: Buffer.from('?') })),
  (random) => Array.from({ length: random.integer(5, 40) }, () => text(null)),
  (random) => [oversized(random)],
  (random) => [lying(random)],
  (random) => [closing(random)],
  fragments,
  flood,
]

/** Of a handshake; `undefined` is a line that is left out. */
function linesOf(random: Random, bearer: string): readonly (string | undefined)[] {
  const odd = (line: string, others: readonly [string | undefined, ...(string | undefined)[]]): string | undefined =>
    random.chance(0.93) ? line : random.pick(others)
  return [
    odd('GET /api/v1/stream HTTP/1.1', [
      `GET /api/v1/stream?ticket=${random.hex(32)}&ticket=%ff&topics=jobs HTTP/1.1`,
      'GET /api/v1/stream HTTP/1.0',
      'POST /api/v1/stream HTTP/1.1',
      'GET /api/v1/stream/ HTTP/1.1',
    ]),
    'Host: x',
    bearer === '' ? undefined : `Authorization: ${bearer}`,
    odd('Connection: Upgrade', ['Connection: keep-alive, upgrade', 'Connection: close', undefined]),
    odd('Upgrade: websocket', ['Upgrade: WebSocket', 'Upgrade: h2c', 'Upgrade: websocket, websocket', undefined]),
    odd('Sec-WebSocket-Version: 13', ['Sec-WebSocket-Version: 8', 'Sec-WebSocket-Version: 13, 14', undefined]),
    odd(`Sec-WebSocket-Key: ${bytesOf(random, 16).toString('base64')}`, [
      'Sec-WebSocket-Key: ',
      'Sec-WebSocket-Key: AAAA',
      `Sec-WebSocket-Key: ${'A'.repeat(24)}`,
      `Sec-WebSocket-Key: ${'=%'.repeat(400)}`,
      undefined,
    ]),
    random.pick([
      undefined,
      'Sec-WebSocket-Protocol: sightline.v1.json',
      'Sec-WebSocket-Protocol: sightline.v1.msgpack',
      'Sec-WebSocket-Protocol: sightline.v1.msgpack, sightline.bearer.x',
    ]),
    odd('X: y', [
      'Sec-WebSocket-Protocol: ,,,',
      `Sec-WebSocket-Protocol: ${'p,'.repeat(300)}sightline.v1.json`,
      'Sec-WebSocket-Protocol: constructor, __proto__',
      'Origin: https://evil.example',
      'Origin: \u0001',
      'Content-Length: 100',
      'Transfer-Encoding: chunked',
    ]),
    odd('Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits', [
      'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99999999999999999999',
      `Sec-WebSocket-Extensions: ${'permessage-deflate,'.repeat(50)}`,
      undefined,
    ]),
  ]
}

/** Frames follow the handshake at once, whatever becomes of it. */
export function websocket(random: Random, target: Target): Attack {
  const isGood = random.chance(0.85)
  const lines = linesOf(random, bearerOf(random, target, isGood)).filter((line) => line !== undefined)
  const frames = Array.from({ length: random.integer(0, 5) }, () => random.pick(FRAMES)(random)).flat()
  const bytes = frames.map((frame) => bytesOfFrame(random, frame))
  const whole = random.chance(0.8) ? bytes : [Buffer.concat(bytes).subarray(0, random.integer(0, 300))]
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  const pieces = random.chance(0.8) ? [head, ...whole] : cut(random, Buffer.concat([head, ...whole]))
  return { name: 'websocket', pieces, mayPass: isGood }
}
