/** Writes an answer to a uWS response: in the handler's first part, or under `cork`. */

import { STATUS_CODES } from 'node:http'
import type { HttpResponse } from 'uWebSockets.js'
import { isPayload } from '../answers.ts'
import type { HttpAnswer } from '../route.ts'
import { openStream } from './open-stream.ts'

export function writeAnswer(res: HttpResponse, answer: HttpAnswer, isHead: boolean, closes: boolean): void {
  if (answer.status !== 200) res.writeStatus(`${answer.status} ${STATUS_CODES[answer.status] ?? ''}`)
  res.writeHeader('Content-Type', answer.contentType ?? 'application/json')
  if (answer.headers !== undefined) {
    for (const [name, value] of Object.entries(answer.headers)) res.writeHeader(name, value)
  }
  if (answer.stream !== undefined && !isHead) return openStream(res, answer.stream)
  const body = isPayload(answer.body) ? answer.body : JSON.stringify(answer.body)
  // endWithoutBody with arguments leaves the response open in this version, and uWS aborts the process for it.
  if (isHead) res.writeHeader('Content-Length', String(Buffer.byteLength(body))).endWithoutBody()
  else res.end(body, closes)
}
