/** Orders to the poller and looks into it (API-4), as the documents' own tests and troubleshooting use them. */

import type { JobStore, JobTarget } from '../../db/ports.ts'
import { ErrorSchema, SuccessSchema } from '../../model/wire/answers.ts'
import { ExportNamesSchema, PollingStatusSchema } from '../../model/wire/service.ts'
import { errorAnswer } from '../answers.ts'
import type { PollingControl, PollingOrder } from '../ports.ts'
import type { Clock, HttpAnswer, HttpRequest, Route } from '../route.ts'

export interface PollingRoutesOptions {
  readonly polling: PollingControl
  readonly store: Pick<JobStore, 'targets'>
  readonly clock: Clock
  readonly onFault: (what: string, cause: unknown) => void
}

export function pollingRoutes(options: PollingRoutesOptions): readonly Route[] {
  const { polling } = options
  const orderAnswers = { 200: SuccessSchema, 404: ErrorSchema, 500: ErrorSchema }
  return [
    {
      method: 'POST',
      path: '/api/test/start-polling/{jobId}',
      summary: 'Poll a job at once, following it first if need be; ends a stop',
      auth: 'token',
      scope: 'operate',
      schemas: { answers: orderAnswers },
      handler: (request) => order(options, request, STARTED, (jobId) => polling.start(jobId)),
    },
    {
      method: 'POST',
      path: '/api/test/stop-polling/{jobId}',
      summary: 'Leave a job alone until start-polling or a restart',
      auth: 'token',
      scope: 'operate',
      schemas: { answers: orderAnswers },
      handler: (request) => order(options, request, STOPPED, (jobId) => polling.stop(jobId)),
    },
    {
      method: 'GET',
      path: '/api/debug/nbd-export-names/{jobId}',
      summary: 'The NBD export names of a job, as the database has them',
      auth: 'token',
      schemas: { answers: { 200: ExportNamesSchema, 404: ErrorSchema, 500: ErrorSchema } },
      handler: (request) => exportNames(options, request),
    },
    {
      method: 'GET',
      path: '/api/v1/vma-polling/status',
      summary: 'How polling goes',
      auth: 'token',
      schemas: { answers: { 200: PollingStatusSchema } },
      handler: () => ({ status: 200, body: polling.status() }),
    },
  ]
}

type Sentence = (state: string) => string

const STARTED: Sentence = (state) => {
  if (state === 'held') return 'Polling goes on as soon as the VMA can be reached'
  return 'Polling started'
}
const STOPPED: Sentence = () => 'Polling stopped until it is started again'

async function order(
  { clock, onFault }: PollingRoutesOptions,
  request: HttpRequest,
  sentence: Sentence,
  give: (jobId: string) => Promise<PollingOrder>,
): Promise<HttpAnswer> {
  const jobId = request.param('jobId')
  try {
    const given = await give(jobId)
    if (given.outcome === 'done')
      return { status: 200, body: { status: 'success', message: sentence(given.state), job_id: jobId } }
    const why = given.outcome === 'inactive' ? { details: `it is ${given.status}: there is nothing to poll` } : {}
    return errorAnswer(404, given.outcome === 'unknown' ? 'job not found' : 'job is not active', clock.now(), {
      ...why,
      job_id: jobId,
    })
  } catch (cause) {
    onFault('job', cause)
    return errorAnswer(500, 'Failed to look the job up', clock.now(), { job_id: jobId })
  }
}

async function exportNames({ store, clock, onFault }: PollingRoutesOptions, request: HttpRequest): Promise<HttpAnswer> {
  const jobId = request.param('jobId')
  try {
    const [target] = await store.targets([jobId])
    if (target === undefined) return errorAnswer(404, 'job not found', clock.now(), { job_id: jobId })
    return { status: 200, body: namesOf(target) }
  } catch (cause) {
    onFault('export names', cause)
    return errorAnswer(500, 'Failed to look the job up', clock.now(), { job_id: jobId })
  }
}

function namesOf({ jobId, disks }: JobTarget): object {
  return {
    job_id: jobId,
    nbd_export_names: disks.flatMap(({ exportName }) => exportName ?? []),
    disks: disks.map(({ rowId, diskId, exportName, capacityBytes, syncStatus, bytesSynced }) => ({
      id: rowId,
      disk_id: diskId,
      nbd_export_name: exportName,
      capacity_bytes: capacityBytes,
      sync_status: syncStatus,
      bytes_synced: bytesSynced,
    })),
  }
}
