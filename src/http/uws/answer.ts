/** Writes an answer to a uWS response: in the handler's first part, or under `cork`. */

import { STATUS_CODES } from 'node:http'
import type { HttpResponse } from 'uWebSockets.js'
import { isPayload } from '../answers.ts'
import type { HttpAnswer } from '../route.ts'
import type { RequestTrace } from '../tracing.ts'
import { openStream } from './open-stream.ts'

export interface Manner {
  readonly isHead: boolean
  /** The connection ends with the answer. */
  readonly closes: boolean
  /** Besides the answer's own. */
  readonly headers?: Headers | undefined
  /** Told in headers of its own. */
  readonly trace?: RequestTrace | undefined
}

type Headers = Readonly<Record<string, string>>

export function writeAnswer(res: HttpResponse, answer: HttpAnswer, { isHead, closes, headers, trace }: Manner): void {
  if (answer.status !== 200) res.writeStatus(`${answer.status} ${STATUS_CODES[answer.status] ?? ''}`)
  res.writeHeader('Content-Type', answer.contentType ?? 'application/json')
  if (answer.headers !== undefined) writeHeaders(res, answer.headers)
  if (headers !== undefined) writeHeaders(res, headers)
  if (trace !== undefined) writeTrace(res, trace)
  if (answer.stream !== undefined && !isHead) return openStream(res, answer.stream)
  // Not even a length of 0: that would be said of the body which the client holds.
  if (answer.status === 304) return void res.endWithoutBody()
  const body = isPayload(answer.body) ? answer.body : JSON.stringify(answer.body)
  // endWithoutBody with arguments leaves the response open in this version, and uWS aborts the process for it.
  if (isHead) res.writeHeader('Content-Length', String(Buffer.byteLength(body))).endWithoutBody()
  else res.end(body, closes)
}

/** What whoever reports a failure should quote, also where only the body is kept (API-6). */
export function withRequestId(body: object, status: number, trace: RequestTrace | undefined): object {
  if (status < 500 || trace === undefined || !('error' in body)) return body
  return { ...body, request_id: trace.requestId }
}

function writeTrace(res: HttpResponse, trace: RequestTrace): void {
  res.writeHeader('traceparent', trace.traceparent)
  if (trace.state !== '') res.writeHeader('tracestate', trace.state)
  res.writeHeader('X-Request-Id', trace.requestId)
}

function writeHeaders(res: HttpResponse, headers: Headers): void {
  for (const [name, value] of Object.entries(headers)) res.writeHeader(name, value)
}
