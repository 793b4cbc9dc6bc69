/** How a job went (API-3). */

import { ErrorSchema } from '../../model/wire/answers.ts'
import { ProgressHistorySchema } from '../../model/wire/history.ts'
import { errorAnswer } from '../answers.ts'
import type { JobHistories } from '../ports.ts'
import type { Clock, HttpAnswer, Route } from '../route.ts'

export interface HistoryRoutesOptions {
  readonly histories: JobHistories
  readonly clock: Clock
  readonly onFault: (what: string, cause: unknown) => void
}

export function historyRoutes(options: HistoryRoutesOptions): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/progress/{jobId}/history',
      summary: 'How one job went: rate and percent over time, and its stages',
      auth: 'token',
      schemas: { answers: { 200: ProgressHistorySchema, 404: ErrorSchema, 500: ErrorSchema } },
      handler: (request) => oneHistory(options, request.param('jobId')),
    },
  ]
}

async function oneHistory({ histories, clock, onFault }: HistoryRoutesOptions, jobId: string): Promise<HttpAnswer> {
  try {
    const history = await histories.read(jobId)
    if (history === undefined) return errorAnswer(404, 'job not found', clock.now(), { job_id: jobId })
    return { status: 200, body: history }
  } catch (cause) {
    onFault('history of a job', cause)
    return errorAnswer(500, 'Failed to retrieve job history', clock.now(), { job_id: jobId })
  }
}
