/**
 * One VMA over HTTP, whatever the way to it (vma-transport.ts): GET by key, at most `maxConcurrent` in flight (POLL-9), a deadline over the whole answer and a body
 * limit (POLL-4). Requests beyond the limit wait their turn, first come first served; their deadline starts when they
 * are sent, so that a full queue is lateness and not a failure of the VMA.
 *
 * undici's `dispatch` costs 19 µs CPU a request where `request` costs 33 and `fetch` 147.
 */

import type { Dispatcher } from 'undici'
import { putsVmaInDoubt, type PollError } from '../model/errors.ts'
import type { VmaTarget } from './protocol.ts'
import { VmaTransport } from './vma-transport.ts'

const MAX_BODY_BYTES = 1_048_576
/** How often overdue requests are looked for; a request may overrun its deadline by this much. */
const SWEEP_MS = 100
/** Connections beside the limit, so that a VMA whose requests all hang can be probed. */
const PROBES = 1
/** A VMA that takes longer for a sign of life can't serve polls either. */
const PROBE_TIMEOUT_MS = 5_000

export type VmaAnswer =
  | { readonly ok: true; readonly body: unknown; readonly date: number | undefined }
  | { readonly ok: false; readonly error: PollError }

type Done = (answer: VmaAnswer) => void

export interface VmaClientOptions {
  readonly maxConcurrent: number
  readonly timeoutMs: number
  readonly now: () => number
}

export class VmaClient {
  readonly #transport: VmaTransport
  readonly #options: VmaClientOptions
  readonly #inFlight = new Set<Get>()
  #waiting: Get[] = []
  #waitingFrom = 0
  #sweep: NodeJS.Timeout | undefined

  constructor(vma: VmaTarget, options: VmaClientOptions) {
    this.#options = options
    const { maxConcurrent, timeoutMs } = options
    this.#transport = new VmaTransport(vma, { connections: maxConcurrent + PROBES, timeoutMs })
  }

  get(key: string, done: Done): void {
    const get = new Get(
      {
        path: `/api/v1/progress/${encodeURIComponent(key)}`,
        timeoutMs: this.#options.timeoutMs,
        transport: this.#transport,
      },
      done,
      (finished) => this.#finished(finished),
    )
    if (this.#inFlight.size < this.#options.maxConcurrent) this.#send(get)
    else this.#waiting.push(get)
  }

  /** Out of turn and beside the limit: whether anything answers at all (POLL-8). */
  probe(done: (error: PollError | undefined) => void): void {
    const heard = (answer: VmaAnswer): void =>
      done(answer.ok || !putsVmaInDoubt(answer.error) ? undefined : answer.error)
    const timeoutMs = Math.min(PROBE_TIMEOUT_MS, this.#options.timeoutMs)
    const request = { path: '/api/v1/health', timeoutMs, transport: this.#transport }
    this.#send(new Get(request, heard, (finished) => this.#finished(finished)))
  }

  get inFlight(): number {
    return this.#inFlight.size
  }

  get waiting(): number {
    return this.#waiting.length - this.#waitingFrom
  }

  /** Ends what is in flight; its callers hear `unreachable`. */
  async close(): Promise<void> {
    clearInterval(this.#sweep)
    await this.#transport.close()
  }

  #send(get: Get): void {
    get.deadline = this.#options.now() + get.timeoutMs
    this.#inFlight.add(get)
    this.#sweep ??= setInterval(() => this.#abortOverdue(), SWEEP_MS)
    this.#transport.get(get.path, get)
  }

  /** A connection that the VMA had closed while it was idle is no failure of the VMA: asked once more. */
  #finished(get: Get): void {
    this.#inFlight.delete(get)
    if (get.retry) this.#send(get)
    else this.#next()
  }

  #next(): void {
    const get = this.#waiting[this.#waitingFrom]
    if (get !== undefined) {
      this.#waitingFrom += 1
      if (this.#waitingFrom > 1_024 && this.#waitingFrom * 2 > this.#waiting.length) {
        this.#waiting = this.#waiting.slice(this.#waitingFrom)
        this.#waitingFrom = 0
      }
      this.#send(get)
    } else if (this.#inFlight.size === 0) {
      clearInterval(this.#sweep)
      this.#sweep = undefined
    }
  }

  #abortOverdue(): void {
    const now = this.#options.now()
    for (const get of this.#inFlight) {
      if (get.deadline > now) continue
      get.abort({ code: 'timeout', message: `no whole answer within ${get.timeoutMs} ms` })
    }
  }
}

interface Request {
  readonly path: string
  readonly timeoutMs: number
  readonly transport: VmaTransport
}

/** One request as undici's handler: its answer is handed over once, whatever happens. */
class Get implements Dispatcher.DispatchHandler {
  readonly path: string
  readonly timeoutMs: number
  readonly #transport: VmaTransport
  readonly #done: Done
  readonly #settled: (get: Get) => void
  #controller: Dispatcher.DispatchController | undefined
  #chunks: Buffer[] = []
  #size = 0
  #status = 0
  #date: string | undefined
  #aborted: PollError | undefined
  #isSettled = false
  deadline = 0
  /** Set while settling: to be sent once more. */
  retry = false
  #retried = false

  constructor({ path, timeoutMs, transport }: Request, done: Done, settled: (get: Get) => void) {
    this.path = path
    this.timeoutMs = timeoutMs
    this.#transport = transport
    this.#done = done
    this.#settled = settled
  }

  abort(error: PollError): void {
    this.#aborted ??= error
    this.#controller?.abort(new Error(error.message))
    this.#settle({ ok: false, error: this.#aborted })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#aborted !== undefined) controller.abort(new Error(this.#aborted.message))
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status
    const date = headers['date']
    this.#date = typeof date === 'string' ? date : undefined
    if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) this.#tooLarge()
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size > MAX_BODY_BYTES) this.#tooLarge()
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    const [first] = this.#chunks
    const text =
      this.#chunks.length === 1 && first ? first.toString('utf8') : Buffer.concat(this.#chunks).toString('utf8')
    this.#settle(readAnswer(this.#status, text, this.#date, this.#transport))
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, cause: Error & { code?: string }): void {
    const idleClosed = cause.code === 'UND_ERR_SOCKET' || cause.code === 'ECONNRESET' || cause.code === 'EPIPE'
    if (idleClosed && this.#status === 0 && !this.#retried && this.#aborted === undefined && !this.#isSettled) {
      this.#retried = true
      this.retry = true
      this.#settled(this)
      this.retry = false
      return
    }
    this.#settle({ ok: false, error: this.#aborted ?? this.#transport.describe(cause) })
  }

  #tooLarge(): void {
    this.abort({ code: 'too_large', message: `the answer is larger than ${MAX_BODY_BYTES} bytes` })
  }

  #settle(answer: VmaAnswer): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#chunks = []
    this.#settled(this)
    this.#done(answer)
  }
}

function readAnswer(status: number, text: string, date: string | undefined, from: VmaTransport): VmaAnswer {
  if (status === 200) return { ok: true, body: parse(text), date: date === undefined ? undefined : Date.parse(date) }
  const refusal = from.refusal(status)
  if (refusal !== undefined) return { ok: false, error: { ...refusal, status } }
  const message = `HTTP ${status}: ${from.quote(text)}`
  if (status === 404) return { ok: false, error: { code: 'not_found', message, status } }
  if (status >= 500) return { ok: false, error: { code: 'http_5xx', message, status } }
  return { ok: false, error: { code: status >= 400 ? 'http_4xx' : 'invalid_body', message, status } }
}

/** The parsed body; the text itself where it is no JSON (NORM-5 reads it). */
function parse(text: string): unknown {
  return tryParse(text) ?? tryParse(text.replaceAll(NO_JSON_NUMBER, '$1"not a number"')) ?? text
}

/** What Python and others write for 0/0: a fault of that field, not of the answer (NORM-1). */
const NO_JSON_NUMBER = /([:[,]\s*)-?(?:NaN|Infinity)(?=\s*[,}\]])/g

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
