/** Forms that many answers have: every error (API-6), and what was done as it was asked for. */

import { Type } from 'typebox'
import { text } from './schema-words.ts'

export const ErrorSchema = Type.Object({
  error: text('What is wrong, the same sentence for the same fault'),
  details: Type.Optional(text('What of this request is wrong')),
  job_id: Type.Optional(text('The job that was asked for')),
  request_id: Type.Optional(text("Of a failure of ours: the request's name in the log, as in X-Request-Id")),
  timestamp: Type.String({ format: 'date-time', description: 'UTC, RFC 3339' }),
})

export const SuccessSchema = Type.Object({
  status: Type.Literal('success'),
  message: text('What was done'),
  job_id: text('The job'),
})
