/**
 * A response that goes on (SSE). uWS does not say how much of one it buffers, only whether a write left something
 * behind; so all that was written since then counts as buffered, until a probe goes through whole. A socket that takes
 * nothing for some 10 s after a failed write is cut off by uWS.
 */

import type { HttpResponse } from 'uWebSockets.js'
import type { ByteSink, StreamHandlers } from '../route.ts'

/** Goes to the client, so it has to mean nothing in the format: a comment line of an event stream. */
const PROBE = Buffer.from(':\n')

class ResponseSink implements ByteSink {
  readonly #res: HttpResponse
  #buffered = 0
  #isOver = false

  constructor(res: HttpResponse) {
    this.#res = res
  }

  write(chunk: Uint8Array): number {
    if (this.#isOver) return 0
    this.#res.cork(() => {
      const isThrough = this.#res.write(chunk)
      this.#buffered = isThrough ? 0 : this.#buffered + chunk.byteLength
    })
    return this.#buffered
  }

  bufferedAmount(): number {
    return this.#buffered
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#res.cork(() => this.#res.end('', true))
  }

  /** The socket takes more. Returns true once nothing waits. */
  probe(): boolean {
    if (!this.#isOver) this.write(PROBE)
    return this.#buffered === 0
  }

  abort(): void {
    this.#isOver = true
    this.#buffered = 0
  }
}

export function openStream(res: HttpResponse, open: (sink: ByteSink) => StreamHandlers): void {
  const sink = new ResponseSink(res)
  const stream: { handlers?: StreamHandlers } = {}
  res.onAborted(() => {
    sink.abort()
    stream.handlers?.closed()
  })
  res.onWritable(() => {
    if (sink.probe()) stream.handlers?.drained()
    return true
  })
  stream.handlers = open(sink)
}
