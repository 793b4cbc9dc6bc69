/** Writes an answer to a uWS response: in the handler's first part, or under `cork`. */

import { STATUS_CODES } from 'node:http'
import type { HttpResponse } from 'uWebSockets.js'
import { isPayload } from '../answers.ts'
import type { HttpAnswer } from '../route.ts'
import { openStream } from './open-stream.ts'

export interface Manner {
  readonly isHead: boolean
  /** The connection ends with the answer. */
  readonly closes: boolean
  /** Besides the answer's own. */
  readonly headers?: Headers | undefined
}

type Headers = Readonly<Record<string, string>>

export function writeAnswer(res: HttpResponse, answer: HttpAnswer, { isHead, closes, headers }: Manner): void {
  if (answer.status !== 200) res.writeStatus(`${answer.status} ${STATUS_CODES[answer.status] ?? ''}`)
  res.writeHeader('Content-Type', answer.contentType ?? 'application/json')
  if (answer.headers !== undefined) writeHeaders(res, answer.headers)
  if (headers !== undefined) writeHeaders(res, headers)
  if (answer.stream !== undefined && !isHead) return openStream(res, answer.stream)
  // Not even a length of 0: that would be said of the body which the client holds.
  if (answer.status === 304) return void res.endWithoutBody()
  const body = isPayload(answer.body) ? answer.body : JSON.stringify(answer.body)
  // endWithoutBody with arguments leaves the response open in this version, and uWS aborts the process for it.
  if (isHead) res.writeHeader('Content-Length', String(Buffer.byteLength(body))).endWithoutBody()
  else res.end(body, closes)
}

function writeHeaders(res: HttpResponse, headers: Headers): void {
  for (const [name, value] of Object.entries(headers)) res.writeHeader(name, value)
}
