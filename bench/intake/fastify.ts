/**
 * The rival: the same API on Fastify 5 as its documentation builds it. The same schema through its own validator, the same
 * limits, the same answers; JSON of the answers by its own serializer.
 */

import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import type { TSchema } from 'typebox'
import { ErrorSchema, SuccessSchema } from '../../src/model/wire/answers.ts'
import { utcSeconds } from '../../src/model/wire/time.ts'
import { ProgressUpdateSchema, type ProgressUpdate } from '../../src/model/wire/update.ts'

/** What both stores behind it can do. */
export interface JobStore {
  update(key: string, update: ProgressUpdate, now: number): string
  /** Text is JSON already; undefined: unknown job. */
  read(key: string, now: number): string | object | undefined
}

interface KeyParams {
  readonly jobId: string
}

const MAX_UPDATE_BYTES = 65_536
const MAX_PARAM_LENGTH = 255

/** `document`: the schema that its serializer follows where the store gives objects. */
export function fastifyApp(store: JobStore, document?: TSchema): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: MAX_UPDATE_BYTES,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // As ours: numbers in strings are refused, unknown fields stay, every fault is named.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: true } },
  })
  app.setErrorHandler<FastifyError, { Params: KeyParams }>((error, request, reply) => {
    const { jobId } = request.params
    const timestamp = utcSeconds(Date.now())
    const body = { error: 'invalid progress data', details: error.message, job_id: jobId, timestamp }
    return reply.code(error.statusCode ?? 500).send(body)
  })
  app.post<{ Params: KeyParams; Body: ProgressUpdate }>(
    '/api/v1/progress/:jobId/update',
    { schema: { body: ProgressUpdateSchema, response: { 200: SuccessSchema, 400: ErrorSchema } } },
    (request, reply) => {
      const { jobId } = request.params
      if (!saysSomething(request.body)) return reply.code(400).send(nothingSaid(jobId))
      store.update(jobId, request.body, Date.now())
      return reply.send({ status: 'success', message: 'Progress updated successfully', job_id: jobId })
    },
  )
  app.get<{ Params: KeyParams }>(
    '/api/v1/progress/:jobId',
    document === undefined ? {} : { schema: { response: { 200: document, 404: ErrorSchema } } },
    (request, reply) => {
      const { jobId } = request.params
      const body = store.read(jobId, Date.now())
      if (typeof body === 'string') return reply.type('application/json').send(body)
      if (body !== undefined) return reply.send(body)
      return reply.code(404).send({ error: 'job not found', job_id: jobId, timestamp: utcSeconds(Date.now()) })
    },
  )
  return app
}

function saysSomething(update: ProgressUpdate): boolean {
  const { stage, status, bytes_transferred, percent } = update
  return bytes_transferred !== undefined || percent !== undefined || Boolean(stage) || Boolean(status)
}

function nothingSaid(jobId: string): object {
  const details = 'one of stage, status, bytes_transferred, percent is required'
  return { error: 'invalid progress data', details, job_id: jobId, timestamp: utcSeconds(Date.now()) }
}
