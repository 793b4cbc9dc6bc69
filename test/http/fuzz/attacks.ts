/**
 * What strangers send: each attack is bytes for one connection, made of randomness alone, so that a seed and a number
 * make it again. Another kind of attack is another function in `ATTACKS`, or in `STREAM_ATTACKS` where the stream is needed.
 */

import type { Random } from '../../../src/sim/random.ts'
import { bodyOf, depthOf } from './bodies.ts'
import { bearerOf, bytesOf, cut } from './pieces.ts'
import { websocket } from './websockets.ts'

export interface Aim {
  readonly method: string
  /** `/api/v1/progress/{jobId}` */
  readonly path: string
  readonly auth: 'none' | 'token'
}

export interface Target {
  readonly aims: readonly [Aim, ...Aim[]]
  /** Good bearer tokens. */
  readonly tokens: readonly [string, ...string[]]
  /** It opens websockets. */
  readonly hasStream: boolean
}

export interface Attack {
  readonly name: string
  /** Written one after the other, with a pause between them. */
  readonly pieces: readonly Buffer[]
  /** It may be answered 2xx, or 101: a good token is in it, or an open path. */
  readonly mayPass: boolean
}

type Maker = (random: Random, target: Target) => Attack

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS', 'TRACE', 'get', 'FOO', 'PROPFIND'] as const
const NAMES = [
  'job-20250905-162427',
  'migration-vol-1',
  '..%2f..%2f..%2fetc%2fpasswd',
  '..',
  '%2e%2e',
  '%00',
  '%0d%0aX-Injected:%201',
  '%ff%fe',
  '%zz',
  '%',
  '%c0%af',
  '%F0%9F%9A%80',
  'ü',
  "'%20or%20'1'='1",
  '__proto__',
  'constructor',
  ';drop%20table%20replication_jobs',
  '*',
  ':jobId',
  '{jobId}',
] as const

function nameOf(random: Random): string {
  if (random.chance(0.6)) return random.pick(NAMES)
  if (random.chance(0.3)) return 'x'.repeat(random.integer(1, 600))
  const unit = (): string => (random.chance(0.5) ? `%${random.hex(2)}` : random.hex(1))
  return Array.from({ length: random.integer(0, 40) }, unit).join('')
}

function pathOf(random: Random, aim: Aim): string {
  const path = aim.path.replaceAll(/\{\w+\}/g, () => nameOf(random))
  const kind = random.next()
  if (kind < 0.7) return path
  if (kind < 0.8) return `${path}?${queryOf(random)}`
  if (kind < 0.85) return `${path}/${nameOf(random)}`
  if (kind < 0.9) return `//${path}//`
  return `/${nameOf(random)}`
}

function queryOf(random: Random): string {
  const pairs = Array.from({ length: random.integer(0, 30) }, () => `${nameOf(random)}=${nameOf(random)}`)
  return `${random.pick(['limit=-1', 'cursor=%ff', 'since=99999999999999999999', 'wait=1e9', 'names=,,,'])}&${pairs.join('&')}`
}

function oddHeader(random: Random): string {
  return random.pick([
    'Host: x, y',
    `X-Big: ${'x'.repeat(random.integer(1, 6_000))}`,
    'X-Many: y\r\n'.repeat(random.integer(1, 120)).trimEnd(),
    'X-Binary: \u0001\u0002\u00ff',
    ': empty',
    'no colon',
    ' folded: a',
    'Expect: 100-continue',
    'Origin: http://x',
    'Origin: https://evil.example',
    `Origin: ${'x'.repeat(random.integer(0, 600))}\u0001`,
    'Origin: http://x\r\nAccess-Control-Request-Method: GET',
    'Connection: close',
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAA',
    'Accept: application/msgpack',
    'Accept: */*;q=9,,,;',
    'Content-Encoding: gzip',
    'Content-Length: 0',
    'Transfer-Encoding: gzip, chunked',
    'Content-Type: application/json; charset=utf-7',
    'Content-Type: multipart/form-data; boundary=x',
    'traceparent: 00-0-0-0',
  ])
}

interface Head {
  readonly text: string
  readonly mayPass: boolean
}

function headOf(random: Random, target: Target, length: string | undefined): Head {
  const aim = random.pick(target.aims)
  const method = random.chance(0.7) ? aim.method : random.pick(METHODS)
  const isGood = random.chance(0.5)
  const lines = [`${method} ${pathOf(random, aim)} HTTP/1.1`, 'Host: x']
  const bearer = bearerOf(random, target, isGood)
  if (bearer !== '') lines.push(`Authorization: ${bearer}`)
  if (length !== undefined) lines.push('Content-Type: application/json', length)
  for (let odd = random.integer(-3, 3); odd > 0; odd -= 1) lines.push(oddHeader(random))
  return { text: `${lines.join('\r\n')}\r\n\r\n`, mayPass: isGood || aim.auth === 'none' }
}

/** A request as it should be, but for what it asks. */
function odd(random: Random, target: Target): Attack {
  const { text, mayPass } = headOf(random, target, undefined)
  return { name: 'odd request', pieces: cut(random, Buffer.from(text, 'latin1')), mayPass }
}

function withBody(random: Random, target: Target): Attack {
  const body = bodyOf(random)
  const { text, mayPass } = headOf(random, target, `Content-Length: ${body.length}`)
  return { name: 'odd body', pieces: cut(random, Buffer.concat([Buffer.from(text, 'latin1'), body])), mayPass }
}

/** The body is shorter or longer than it says, or says nonsense. */
function wrongLength(random: Random, target: Target): Attack {
  const body = bodyOf(random)
  const length = random.pick([
    String(body.length + random.integer(1, 1_000)),
    String(Math.max(0, body.length - random.integer(1, 10))),
    '-1',
    'ten',
    '1e3',
    '99999999999999999999',
    '9'.repeat(400),
    `${body.length}\r\nContent-Length: ${random.integer(0, 100)}`,
  ])
  const { text, mayPass } = headOf(random, target, `Content-Length: ${length}`)
  return { name: 'wrong length', pieces: [Buffer.from(text, 'latin1'), body], mayPass }
}

function chunked(random: Random, target: Target): Attack {
  const { text, mayPass } = headOf(random, target, 'Transfer-Encoding: chunked')
  const pieces: Buffer[] = [Buffer.from(text, 'latin1')]
  for (let chunks = random.integer(0, 6); chunks > 0; chunks -= 1) {
    const body = bodyOf(random).subarray(0, random.integer(0, 20_000))
    const size = random.chance(0.8)
      ? body.length.toString(16)
      : random.pick(['zz', '-1', 'ffffffffffffffff', '', '0;ext', '7fffffff', ' 5'])
    pieces.push(Buffer.from(`${size}\r\n`), body, Buffer.from(random.chance(0.9) ? '\r\n' : 'xx'))
  }
  if (random.chance(0.6)) pieces.push(Buffer.from('0\r\n\r\n'))
  return { name: 'chunks', pieces: random.chance(0.5) ? pieces : [Buffer.concat(pieces)], mayPass }
}

/** Several requests at once, and then something that is none. */
function pipelined(random: Random, target: Target): Attack {
  const heads = Array.from({ length: random.integer(2, 20) }, () => headOf(random, target, undefined))
  const all = Buffer.concat([...heads.map(({ text }) => Buffer.from(text, 'latin1')), garbageOf(random)])
  return { name: 'pipeline', pieces: cut(random, all), mayPass: heads.some(({ mayPass }) => mayPass) }
}

/** A good request with some of its bytes changed. */
function mutated(random: Random, target: Target): Attack {
  const { text, mayPass } = headOf(random, target, undefined)
  const bytes = Buffer.concat([Buffer.from(text, 'latin1'), bodyOf(random)])
  for (let changes = random.integer(1, 8); changes > 0; changes -= 1) {
    bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255)
  }
  return { name: 'mutation', pieces: cut(random, bytes), mayPass }
}

function garbage(random: Random): Attack {
  return { name: 'garbage', pieces: cut(random, garbageOf(random)), mayPass: false }
}

function garbageOf(random: Random): Buffer {
  return bytesOf(random, random.integer(1, 3_000))
}

/** JSON of ten thousand levels, where it is read. */
function deep(random: Random, target: Target): Attack {
  const [fallback] = target.aims
  const readers = target.aims.filter(({ method }) => method === 'POST' || method === 'PUT')
  const { method, path } = readers[random.integer(0, readers.length - 1)] ?? fallback
  const body = depthOf(random, 10_000)
  const head = `${method} ${path.replaceAll(/\{\w+\}/g, 'deep')} HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearerOf(random, target, true)}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
  return { name: 'deep JSON', pieces: [Buffer.from(head), body], mayPass: true }
}

const ATTACKS: readonly [Maker, ...Maker[]] = [odd, withBody, wrongLength, chunked, pipelined, mutated, garbage, deep]

/** A websocket and its frames are pieces as well. */
const STREAM_ATTACKS: readonly [Maker, ...Maker[]] = [...ATTACKS, websocket, websocket, websocket, websocket]

export function attackOf(random: Random, target: Target): Attack {
  return random.pick(target.hasStream ? STREAM_ATTACKS : ATTACKS)(random, target)
}
