/**
 * Requests over raw sockets, built before the clock starts. An answer is told by its status line and skipped by its
 * Content-Length: the client costs about 2 µs a request, so that it is the server that is measured.
 */

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Load, LoadRequest, LoadResult } from './load.ts'
import { Stopwatch } from './stopwatch.ts'

export async function runWire(load: Load): Promise<LoadResult> {
  const { hostname, port } = new URL(load.url)
  const sockets = await Promise.all(load.lists.map(() => connected(hostname, Number(port))))
  const requests = load.lists.map((list) => list.map((request) => bytesOf(request, hostname, load.headers)))
  const watch = new Stopwatch()
  const wires = sockets.map((socket, i) => new Wire(socket, requests[i] ?? [], watch))
  await drive(wires, load, watch.startedAt)
  const count = (pick: (wire: Wire) => number): number => wires.reduce((sum, wire) => sum + pick(wire), 0)
  const result = watch.stop(
    count((wire) => wire.answers),
    count((wire) => wire.failures),
  )
  for (const wire of wires) wire.destroy()
  return result
}

async function connected(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true })
  await once(socket, 'connect')
  return socket
}

async function drive(wires: readonly Wire[], { by, seconds }: Load, startedAt: number): Promise<void> {
  switch (by.generator) {
    case 'paced':
      return pace(wires, by.perSecond, startedAt, seconds)
    case 'once':
      await Promise.all(wires.map((wire) => wire.fill(by.depth, wire.length)))
      return
    case 'wire': {
      const over = setTimeout(() => {
        for (const wire of wires) wire.finish()
      }, seconds * 1_000)
      await Promise.all(wires.map((wire) => wire.fill(by.depth, Infinity)))
      clearTimeout(over)
      return
    }
    case 'autocannon':
      throw new Error('not over raw sockets')
  }
}

/** A request is late from the moment it was due, whatever held it back. */
async function pace(wires: readonly Wire[], perSecond: number, startedAt: number, seconds: number): Promise<void> {
  const total = Math.round(perSecond * seconds)
  for (let sent = 0; sent < total;) {
    // The first one is due at once.
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond) + 1)
    for (; sent < due; sent += 1) wires[sent % wires.length]?.send(startedAt + (sent / perSecond) * 1_000)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(wires.map((wire) => wire.idle()))
}

/** In `HTTP/1.1 200 OK`. */
const STATUS_AT = 9
const HEADERS_END = Buffer.from('\r\n\r\n')
const LENGTH = /\r\ncontent-length: *(\d+)/i

class Wire {
  answers = 0
  failures = 0
  readonly #socket: Socket
  readonly #requests: readonly Buffer[]
  readonly #watch: Stopwatch
  /** When each request under way was sent, or due. */
  readonly #sentAt: number[] = []
  #next = 0
  #left = 0
  #depth = 0
  /** More may be sent, whatever is under way. */
  #isOpen = true
  /** Bytes of the present answer's body that are still to come. */
  #skip = 0
  #rest: Buffer | undefined
  #settled = Promise.withResolvers<void>()

  constructor(socket: Socket, requests: readonly Buffer[], watch: Stopwatch) {
    this.#socket = socket
    this.#requests = requests
    this.#watch = watch
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('error', (error) => this.#settled.reject(error))
    socket.on('close', () => this.#settled.reject(new Error('the server closed a connection')))
    this.#settled.promise.catch(() => undefined)
  }

  get length(): number {
    return this.#requests.length
  }

  /** Keeps `depth` requests under way until `count` were sent. */
  fill(depth: number, count: number): Promise<void> {
    this.#depth = depth
    this.#left = count
    this.#refill()
    return this.#settled.promise
  }

  finish(): void {
    this.#left = 0
    this.#isOpen = false
    this.#settle()
  }

  send(at: number): void {
    this.#sentAt.push(at)
    this.#socket.write(this.#request())
  }

  idle(): Promise<void> {
    this.finish()
    return this.#settled.promise
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #request(): Buffer {
    const request = this.#requests[this.#next]
    if (request === undefined) throw new Error('a connection without requests')
    this.#next = (this.#next + 1) % this.#requests.length
    return request
  }

  /** In one write: a write of its own for each would be half of the cost. */
  #refill(): void {
    const count = Math.min(this.#left, this.#depth - this.#sentAt.length)
    if (count <= 0) return
    this.#left -= count
    if (this.#left === 0) this.#isOpen = false
    const now = performance.now()
    const requests: Buffer[] = []
    for (let i = 0; i < count; i += 1) {
      requests.push(this.#request())
      this.#sentAt.push(now)
    }
    this.#socket.write(requests.length === 1 ? (requests[0] ?? '') : Buffer.concat(requests))
  }

  #take(chunk: Buffer): void {
    let bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = undefined
    while (bytes.length > 0) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, bytes.length)
        this.#skip -= skipped
        bytes = bytes.subarray(skipped)
        if (this.#skip === 0) this.#answered()
        continue
      }
      const end = bytes.indexOf(HEADERS_END)
      if (end < 0) {
        this.#rest = bytes
        break
      }
      const head = bytes.toString('latin1', 0, end)
      if (head.startsWith('2', STATUS_AT)) this.answers += 1
      else this.failures += 1
      this.#skip = Number(LENGTH.exec(head)?.[1] ?? 0)
      bytes = bytes.subarray(end + HEADERS_END.length)
      if (this.#skip === 0) this.#answered()
    }
    this.#refill()
    this.#settle()
  }

  #settle(): void {
    if (!this.#isOpen && this.#sentAt.length === 0) this.#settled.resolve()
  }

  #answered(): void {
    const at = this.#sentAt.shift() ?? 0
    this.#watch.took(performance.now() - at)
  }
}

function bytesOf({ method, path, body }: LoadRequest, host: string, headers: Load['headers'] = {}): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`]
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  if (body === undefined) return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
  lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`)
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
}
