/**
 * One VMA over HTTP, whatever the way to it (vma-transport.ts): GET by key, at most `maxConcurrent` in flight (POLL-9), a deadline over the whole answer and a body
 * limit (POLL-4). Requests beyond the limit wait their turn, first come first served; their deadline starts when they
 * are sent, so that a full queue is lateness and not a failure of the VMA.
 *
 * A request has a connection of its own while it is out (connections.ts): none waits for another.
 */

import { putsVmaInDoubt, type PollError } from '../model/errors.ts'
import type { Exchange } from './connections.ts'
import type { HttpAnswer } from './http-answer.ts'
import type { VmaTarget } from './protocol.ts'
import { VmaTransport } from './vma-transport.ts'

const MAX_BODY_BYTES = 1_048_576
/** How often overdue requests are looked for; a request may overrun its deadline by this much. */
const SWEEP_MS = 100
/** A VMA that takes longer for a sign of life can't serve polls either. */
const PROBE_TIMEOUT_MS = 5_000

export type VmaAnswer =
  /** `receivedAt`: for one that is held since then (POLL-10). */
  | { readonly ok: true; readonly body: unknown; readonly date: number | undefined; readonly receivedAt?: number }
  | { readonly ok: false; readonly error: PollError }

type Done = (answer: VmaAnswer) => void

export interface VmaClientOptions {
  readonly maxConcurrent: number
  readonly timeoutMs: number
  readonly now: () => number
  /** Of an answer; 1 MiB by default (POLL-4). */
  readonly maxBytes?: number
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
    const { timeoutMs, now, maxBytes = MAX_BODY_BYTES } = options
    this.#transport = new VmaTransport(vma, { timeoutMs, maxBytes, now })
  }

  /** `trace`: see `tracePrefix`. */
  get(key: string, done: Done, trace?: string): void {
    const get = new Get(
      {
        path: `/api/v1/progress/${encodeURIComponent(key)}`,
        timeoutMs: this.#options.timeoutMs,
        trace,
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
    this.ask('/api/v1/health', Math.min(PROBE_TIMEOUT_MS, this.#options.timeoutMs), heard)
  }

  /** Beside the limit. `path` starts with a slash. */
  ask(path: string, timeoutMs: number, done: Done): void {
    this.#send(new Get({ path, timeoutMs, transport: this.#transport }, done, (finished) => this.#finished(finished)))
  }

  get inFlight(): number {
    return this.#inFlight.size
  }

  get waiting(): number {
    return this.#waiting.length - this.#waitingFrom
  }

  /** Ends what is in flight; its callers hear `unreachable`. */
  close(): void {
    clearInterval(this.#sweep)
    this.#transport.close()
  }

  #send(get: Get): void {
    get.deadline = this.#options.now() + get.timeoutMs
    this.#inFlight.add(get)
    this.#sweep ??= setInterval(() => this.#abortOverdue(), SWEEP_MS)
    get.send()
  }

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
  readonly trace?: string | undefined
}

/** One request: its answer is handed over once, whatever happens. */
class Get implements Exchange {
  readonly path: string
  readonly timeoutMs: number
  deadline = 0
  /** Set while settling: to be sent once more. */
  retry = false
  readonly #transport: VmaTransport
  readonly #trace: string | undefined
  readonly #done: Done
  readonly #settled: (get: Get) => void
  #giveUp: () => void = () => undefined
  #retried = false
  #isSettled = false

  constructor({ path, timeoutMs, transport, trace }: Request, done: Done, settled: (get: Get) => void) {
    this.path = path
    this.timeoutMs = timeoutMs
    this.#transport = transport
    this.#trace = trace
    this.#done = done
    this.#settled = settled
  }

  send(): void {
    this.#giveUp = this.#transport.get(this.path, this, { fresh: this.#retried, trace: this.#trace })
  }

  abort(error: PollError): void {
    if (this.#isSettled) return
    this.#giveUp()
    this.#settle({ ok: false, error })
  }

  answered({ status, body, date }: HttpAnswer): void {
    this.#settle(readAnswer(status, body, date, this.#transport))
  }

  /** A connection that the VMA had closed while it was idle is no failure of the VMA: asked once more. */
  failed(cause: Error & { readonly code?: string }): void {
    const idleClosed = cause.code === 'CLOSED' || cause.code === 'ECONNRESET' || cause.code === 'EPIPE'
    if (idleClosed && !this.#retried && !this.#isSettled) {
      this.#retried = true
      this.retry = true
      this.#settled(this)
      this.retry = false
      return
    }
    this.#settle({ ok: false, error: this.#transport.describe(cause) })
  }

  #settle(answer: VmaAnswer): void {
    if (this.#isSettled) return
    this.#isSettled = true
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
