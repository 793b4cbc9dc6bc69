/**
 * Reads one HTTP/1.1 answer out of the bytes of a connection (RFC 9112). No I/O. An answer that comes whole in one piece,
 * as nearly all do, costs some 2 µs.
 */

/** The head of an answer may be so long, as in most servers and clients. */
const MAX_HEAD_BYTES = 16_384
/** Nearly all are shorter: what follows the head is not read twice. */
const USUAL_HEAD_BYTES = 512
const HEAD_END = '\r\n\r\n'
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: [^\r\n]*)?$/
const USUAL_LINE = 'HTTP/1.1 200 OK'
const USUAL_STATUS = { status: 200, minor: '1' } as const
const CHUNK_SIZE = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/

/** What came is no HTTP answer. */
export class HttpFault extends Error {
  readonly code = 'HTTP_FAULT'
}

export class TooLarge extends Error {
  readonly code = 'TOO_LARGE'
}

type BodyKind =
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  /** Ends with the connection. */
  | { readonly kind: 'rest' }

export class HttpAnswer {
  status = 0
  /** The Date header as it is. */
  date: string | undefined
  /** Good once `push` or `end` returned true. */
  body = ''
  /** The connection can carry another request. */
  keepsAlive = true
  readonly #maxBytes: number
  #head: Head | undefined
  #rest: Buffer = EMPTY
  #chunks: Buffer[] = []
  #size = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** True when the answer is whole. Throws HttpFault and TooLarge; nothing more is to be pushed then. */
  push(chunk: Buffer): boolean {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = EMPTY
    if (this.#head !== undefined) return this.#readBody(bytes, 0, this.#head)
    for (let from = 0; ;) {
      let text = bytes.toString('latin1', from, from + USUAL_HEAD_BYTES)
      let length = text.indexOf(HEAD_END)
      if (length < 0 && bytes.length - from > USUAL_HEAD_BYTES) {
        text = bytes.toString('latin1', from, from + MAX_HEAD_BYTES)
        length = text.indexOf(HEAD_END)
      }
      if (length < 0) {
        if (text.length >= MAX_HEAD_BYTES) throw new HttpFault('the head of the answer is too long')
        // What can't become a status line is told now: a server of another kind may wait for us to speak.
        if (!'HTTP/1.'.startsWith(text.slice(0, 7))) throw new HttpFault(`it begins with ${quote(text)}`)
        this.#rest = Buffer.from(bytes.subarray(from))
        return false
      }
      const head = readHead(text.slice(0, length))
      from += length + HEAD_END.length
      // 1xx: the answer proper comes after it.
      if (head.status >= 200) return this.#begin(head, bytes, from)
    }
  }

  /** The other side ends the connection: true when the answer is whole with that. */
  end(): boolean {
    if (this.#head?.body.kind !== 'rest') return false
    this.body = this.#joined()
    return true
  }

  #begin(head: Head, bytes: Buffer, from: number): boolean {
    this.#head = head
    this.status = head.status
    this.date = head.date
    this.keepsAlive = head.keepsAlive && head.body.kind !== 'rest'
    const { body } = head
    if (body.kind === 'length') {
      if (body.bytes > this.#maxBytes) throw this.#tooLarge()
      // The common case: everything is here.
      if (bytes.length - from >= body.bytes) {
        if (bytes.length - from > body.bytes) this.keepsAlive = false
        this.body = bytes.toString('utf8', from, from + body.bytes)
        return true
      }
    }
    return this.#readBody(bytes, from, head)
  }

  #readBody(bytes: Buffer, from: number, { body }: Head): boolean {
    if (body.kind === 'chunked') return this.#readChunks(bytes, from)
    const left = body.kind === 'length' ? body.bytes - this.#size : Infinity
    if (bytes.length - from > left) this.keepsAlive = false
    this.#keep(bytes.subarray(from, from + Math.min(left, bytes.length - from)))
    if (body.kind === 'rest' || this.#size < body.bytes) return false
    this.body = this.#joined()
    return true
  }

  #readChunks(bytes: Buffer, start: number): boolean {
    let from = start
    for (;;) {
      const lineEnd = bytes.indexOf('\r\n', from, 'latin1')
      if (lineEnd < 0) {
        if (bytes.length - from > MAX_HEAD_BYTES) throw new HttpFault('the size of a chunk is too long')
        break
      }
      const size = sizeOf(bytes.toString('latin1', from, lineEnd))
      if (size === 0) return this.#endOfChunks(bytes, from, lineEnd)
      const dataEnd = lineEnd + 2 + size
      if (size > this.#maxBytes) throw this.#tooLarge()
      if (bytes.length < dataEnd + 2) break
      if (bytes.toString('latin1', dataEnd, dataEnd + 2) !== '\r\n')
        throw new HttpFault('a chunk is longer than it says')
      this.#keep(bytes.subarray(lineEnd + 2, dataEnd))
      from = dataEnd + 2
    }
    this.#rest = Buffer.from(bytes.subarray(from))
    return false
  }

  /** Trailers, which nobody reads, and an empty line. */
  #endOfChunks(bytes: Buffer, from: number, lineEnd: number): boolean {
    const end = bytes.toString('latin1', lineEnd, lineEnd + MAX_HEAD_BYTES).indexOf(HEAD_END)
    if (end < 0) {
      if (bytes.length - lineEnd > MAX_HEAD_BYTES) throw new HttpFault('the trailer is too long')
      this.#rest = Buffer.from(bytes.subarray(from))
      return false
    }
    if (bytes.length > lineEnd + end + HEAD_END.length) this.keepsAlive = false
    this.body = this.#joined()
    return true
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#size += bytes.length
    if (this.#size > this.#maxBytes) throw this.#tooLarge()
    this.#chunks.push(Buffer.from(bytes))
  }

  #joined(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }

  #tooLarge(): TooLarge {
    return new TooLarge(`the answer is larger than ${this.#maxBytes} bytes`)
  }
}

const EMPTY = Buffer.alloc(0)

interface Head {
  readonly status: number
  readonly date: string | undefined
  readonly keepsAlive: boolean
  readonly body: BodyKind
}

function readHead(text: string): Head {
  const firstEnd = text.indexOf('\r\n')
  const line = firstEnd < 0 ? text : text.slice(0, firstEnd)
  const { status, minor } = line === USUAL_LINE ? USUAL_STATUS : readStatusLine(line)
  let date: string | undefined
  let length: number | undefined
  let encoding = ''
  let keepsAlive = minor === '1'
  for (let at = line.length + 2; at < text.length;) {
    const end = text.indexOf('\r\n', at)
    const field = end < 0 ? text.slice(at) : text.slice(at, end)
    at += field.length + 2
    const colon = field.indexOf(':')
    if (colon <= 0) throw new HttpFault(`a header is ${quote(field)}`)
    // By length first: most headers are none of these.
    if (colon !== 4 && colon !== 10 && colon !== 14 && colon !== 17) continue
    const name = field.slice(0, colon).toLowerCase()
    const value = field.slice(colon + 1).trim()
    if (name === 'content-length') length = lengthOf(value, length)
    else if (name === 'transfer-encoding') encoding = value.toLowerCase()
    else if (name === 'date') date = value
    else if (name === 'connection') keepsAlive = keepsAliveBy(value.toLowerCase(), keepsAlive)
  }
  if (encoding !== '' && encoding !== 'chunked') throw new HttpFault(`its transfer encoding is ${quote(encoding)}`)
  const body = bodyOf(status, encoding, length)
  // Both: what is between us may not agree with us where the answer ends.
  return { status, date, keepsAlive: keepsAlive && !(encoding !== '' && length !== undefined), body }
}

function readStatusLine(line: string): { readonly status: number; readonly minor: string | undefined } {
  const [, minor, code] = STATUS_LINE.exec(line) ?? []
  if (code === undefined) throw new HttpFault(`it begins with ${quote(line)}`)
  return { status: Number(code), minor }
}

function bodyOf(status: number, encoding: string, length: number | undefined): BodyKind {
  if (status < 200 || status === 204 || status === 304) return { kind: 'length', bytes: 0 }
  if (encoding !== '') return { kind: 'chunked' }
  return length === undefined ? { kind: 'rest' } : { kind: 'length', bytes: length }
}

function keepsAliveBy(value: string, before: boolean): boolean {
  const words = value.split(',').map((word) => word.trim())
  return words.includes('close') ? false : before || words.includes('keep-alive')
}

function lengthOf(value: string, before: number | undefined): number {
  const length = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
  if (Number.isNaN(length) || (before !== undefined && before !== length))
    throw new HttpFault(`its Content-Length is ${quote(value)}`)
  return length
}

function sizeOf(line: string): number {
  const [, hex] = CHUNK_SIZE.exec(line) ?? []
  if (hex === undefined) throw new HttpFault(`the size of a chunk is ${quote(line)}`)
  return Number.parseInt(hex, 16)
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 60))
}
