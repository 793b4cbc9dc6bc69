/** What was logged about a job (API-8). */

import { Type } from 'typebox'
import { LOG_LEVELS, type LogLevel } from '../../model/job-log-rows.ts'
import { ErrorSchema } from '../../model/wire/answers.ts'
import { JobLogSchema } from '../../model/wire/job-log.ts'
import { errorAnswer, invalidQuery } from '../answers.ts'
import type { JobLogQuery, JobLogs } from '../ports.ts'
import type { Clock, HttpAnswer, HttpRequest, Route } from '../route.ts'
import { quoted, StrictQuery } from '../strict-query.ts'

export interface LogRoutesOptions {
  readonly logs: JobLogs
  readonly clock: Clock
  readonly onFault: (what: string, cause: unknown) => void
}

const USUAL_LIMIT = 200
const MAX_LIMIT = 1_000

const LOG_QUERY = Type.Object({
  limit: Type.Optional(Type.String({ description: `Lines, 1 to ${MAX_LIMIT}; ${USUAL_LIMIT} unless said otherwise` })),
  level: Type.Optional(Type.Enum([...LOG_LEVELS], { description: 'Lines of this level and more serious ones' })),
})

export function logRoutes(options: LogRoutesOptions): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/progress/{jobId}/log',
      summary: 'What was logged about one job',
      auth: 'token',
      query: true,
      schemas: { query: LOG_QUERY, answers: { 200: JobLogSchema, 404: ErrorSchema, 500: ErrorSchema } },
      handler: (request) => oneLog(options, request),
    },
  ]
}

async function oneLog({ logs, clock, onFault }: LogRoutesOptions, request: HttpRequest): Promise<HttpAnswer> {
  const jobId = request.param('jobId')
  const strict = new StrictQuery(request.query, ['limit', 'level'])
  const query = { limit: strict.whole('limit', 1, MAX_LIMIT) ?? USUAL_LIMIT, level: levelOf(strict) }
  if (strict.faults.length > 0) return invalidQuery(strict.faults, clock.now())
  return await answer({ logs, clock, onFault }, jobId, query)
}

async function answer(
  { logs, clock, onFault }: LogRoutesOptions,
  jobId: string,
  query: JobLogQuery,
): Promise<HttpAnswer> {
  try {
    const log = await logs.read(jobId, query)
    if (log === undefined) return errorAnswer(404, 'job not found', clock.now(), { job_id: jobId })
    return { status: 200, body: log }
  } catch (cause) {
    onFault('log of a job', cause)
    return errorAnswer(500, 'Failed to retrieve job log', clock.now(), { job_id: jobId })
  }
}

function levelOf(strict: StrictQuery): LogLevel | undefined {
  if (!strict.has('level')) return undefined
  const value = strict.raw('level')
  const level = LOG_LEVELS.find((known) => known === value)
  if (level === undefined) strict.fault(`level does not know ${quoted(value)} (${LOG_LEVELS.join(', ')})`)
  return level
}
