/** Live progress from memory (API-3). */

import { ErrorSchema } from '../../model/wire/answers.ts'
import { LiveJobListSchema, LiveJobSchema } from '../../model/wire/live-job.ts'
import { errorAnswer } from '../answers.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import type { LiveJobs } from '../ports.ts'
import type { Clock, HttpAnswer, Route } from '../route.ts'
import { slicedJson } from '../sliced.ts'

export interface ProgressRoutesOptions {
  readonly live: LiveJobs
  readonly clock: Clock
}

export function progressRoutes({ live, clock }: ProgressRoutesOptions): readonly Route[] {
  // Ten thousand jobs take a quarter of a second and 14 MB: screens that ask together are answered together.
  const all = oneAtATime(() => allJobs(live))
  return [
    {
      method: 'GET',
      path: '/api/v1/progress',
      summary: 'Live state of all jobs',
      auth: 'token',
      schemas: { answers: { 200: LiveJobListSchema } },
      handler: all,
    },
    {
      method: 'GET',
      path: '/api/v1/progress/{jobId}',
      summary: 'Live state of one job',
      auth: 'token',
      schemas: { answers: { 200: LiveJobSchema, 404: ErrorSchema } },
      handler: (request) => oneJob(live, request.param('jobId'), clock.now()),
    },
  ]
}

/** `seq` is read first: changes after it may be in the answer already, none before it is missing. */
async function allJobs(live: LiveJobs): Promise<HttpAnswer> {
  const { epoch, seq } = live
  const { count, chunks } = await slicedJson(live.list())
  const head = `{"count":${count},"epoch":${JSON.stringify(epoch)},"seq":${seq},"jobs":[`
  return { status: 200, body: Buffer.concat([Buffer.from(head), ...chunks, Buffer.from(']}')]) }
}

function oneJob(live: LiveJobs, jobId: string, now: number): HttpAnswer {
  const job = live.get(jobId)
  return job === undefined ? errorAnswer(404, 'job not found', now, { job_id: jobId }) : { status: 200, body: job }
}
