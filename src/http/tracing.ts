/**
 * Which trace a request belongs to (TRACE-1): the caller's, or one of its own. Every request is a span of ours, and has a
 * name that its answer and its log lines carry. 1 µs a request.
 */

import { parseTraceparent, safeRequestId, safeTracestate, traceparent } from '../model/trace.ts'

/** What is needed of a web server's request. */
interface Asked {
  getHeader(lowerCaseName: string): string
}

/** Lower-case hex digits, twice as many as `bytes`. */
export type RandomHex = (bytes: number) => string

/** Not sampled: spans are told in log lines alone, so no tracer between us has a reason to keep one for each poll. */
const OWN_FLAGS = '00'

export class RequestTrace {
  readonly traceId: string
  /** Ours, for this request. */
  readonly spanId: string
  /** The caller's span; undefined where the trace begins here. */
  readonly parentId: string | undefined
  readonly requestId: string
  /** The vendors' own words that came with the trace, '' for none. */
  readonly state: string
  readonly #flags: string

  constructor(asked: Asked, randomHex: RandomHex) {
    const given = asked.getHeader('traceparent')
    const caller = given === '' ? undefined : parseTraceparent(given)
    const requestId = asked.getHeader('x-request-id')
    this.spanId = randomHex(8)
    this.traceId = caller?.traceId ?? randomHex(16)
    this.parentId = caller?.spanId
    this.state = caller === undefined ? '' : safeTracestate(asked.getHeader('tracestate'))
    this.requestId = (requestId !== '' && safeRequestId(requestId)) || this.spanId
    this.#flags = caller?.flags ?? OWN_FLAGS
  }

  get traceparent(): string {
    return traceparent({ traceId: this.traceId, spanId: this.spanId, flags: this.#flags })
  }

  /** As a log line tells them. */
  get fields(): TraceFields {
    return {
      trace_id: this.traceId,
      span_id: this.spanId,
      ...(this.parentId !== undefined && { parent_id: this.parentId }),
      request_id: this.requestId,
    }
  }
}

export interface TraceFields {
  readonly trace_id: string
  readonly span_id: string
  readonly parent_id?: string
  readonly request_id: string
}

const POOL_BYTES = 4_096

/** Random digits out of a supply that is filled 4 KiB at a time: a call for 8 bytes alone costs ten times as much. */
export function randomHexFrom(fill: (buffer: Buffer) => void): RandomHex {
  const pool = Buffer.alloc(POOL_BYTES)
  let at = POOL_BYTES
  return (bytes) => {
    if (at + bytes > POOL_BYTES) {
      fill(pool)
      at = 0
    }
    at += bytes
    return pool.toString('hex', at - bytes, at)
  }
}
