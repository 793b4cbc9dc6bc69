/** The OMA's REST: health, live progress (API-3) and the VM contexts (API-1). Paths and fields are contracts. */

import type { ContextStore, CurrentJobJson, VmContextDetailJson } from '../db/ports.ts'
import type { LiveJobJson } from '../model/live.ts'
import { errorAnswer } from './answers.ts'
import type { JobHistories, LiveJobs, ReadinessJson } from './ports.ts'
import type { Clock, HttpAnswer, HttpRequest, Route } from './route.ts'

export interface OmaRoutesOptions {
  readonly live: LiveJobs
  readonly histories: JobHistories
  readonly contexts: ContextStore
  readonly ready: () => ReadinessJson
  readonly clock: Clock
  /** Told of a database that did not answer; the client gets a 500 as documented. */
  readonly onFault: (what: string, cause: unknown) => void
}

export function omaRoutes(options: OmaRoutesOptions): readonly Route[] {
  const { live, clock } = options
  return [
    {
      method: 'GET',
      path: '/healthz',
      summary: 'Alive',
      auth: 'none',
      handler: () => ({ status: 200, body: { status: 'ok', service: 'oma', active_jobs: live.count } }),
    },
    {
      method: 'GET',
      path: '/readyz',
      summary: 'Able to work: database, VMAs, workers',
      auth: 'none',
      handler: () => readyAnswer(options.ready()),
    },
    {
      method: 'GET',
      path: '/api/v1/progress',
      summary: 'Live state of all jobs',
      auth: 'token',
      handler: () => {
        const jobs = [...live.list()]
        return { status: 200, body: { count: jobs.length, epoch: live.epoch, seq: live.seq, jobs } }
      },
    },
    {
      method: 'GET',
      path: '/api/v1/progress/{jobId}',
      summary: 'Live state of one job',
      auth: 'token',
      handler: (request) => oneJob(live, request.param('jobId'), clock.now()),
    },
    {
      method: 'GET',
      path: '/api/v1/progress/{jobId}/history',
      summary: 'How one job went: rate and percent over time, and its stages',
      auth: 'token',
      handler: (request) => oneHistory(options, request.param('jobId')),
    },
    {
      method: 'GET',
      path: '/api/v1/vm-contexts',
      summary: 'All VM contexts',
      auth: 'token',
      handler: () => listContexts(options),
    },
    {
      method: 'GET',
      path: '/api/v1/vm-contexts/{vm_name}',
      summary: 'One VM context with its jobs, disks and CBT history',
      auth: 'token',
      handler: (request) => oneContext(options, request),
    },
  ]
}

function readyAnswer(body: ReadinessJson): HttpAnswer {
  return { status: body.status === 'ready' ? 200 : 503, body }
}

function oneJob(live: LiveJobs, jobId: string, now: number): HttpAnswer {
  const job = live.get(jobId)
  return job === undefined ? errorAnswer(404, 'job not found', now, { job_id: jobId }) : { status: 200, body: job }
}

async function oneHistory({ histories, clock, onFault }: OmaRoutesOptions, jobId: string): Promise<HttpAnswer> {
  try {
    const history = await histories.read(jobId)
    if (history === undefined) return errorAnswer(404, 'job not found', clock.now(), { job_id: jobId })
    return { status: 200, body: history }
  } catch (cause) {
    onFault('history of a job', cause)
    return errorAnswer(500, 'Failed to retrieve job history', clock.now(), { job_id: jobId })
  }
}

async function listContexts({ contexts, clock, onFault }: OmaRoutesOptions): Promise<HttpAnswer> {
  try {
    const all = await contexts.contexts()
    return { status: 200, body: { count: all.length, vm_contexts: all } }
  } catch (cause) {
    onFault('list of VM contexts', cause)
    return errorAnswer(500, 'Failed to retrieve VM contexts', clock.now())
  }
}

async function oneContext(
  { contexts, live, clock, onFault }: OmaRoutesOptions,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const name = request.param('vm_name')
  try {
    const detail = await contexts.context(name)
    if (detail === null) return errorAnswer(404, `VM context not found for: ${name}`, clock.now())
    return { status: 200, body: withLiveProgress(detail, live) }
  } catch (cause) {
    onFault('VM context', cause)
    return errorAnswer(500, 'Failed to retrieve VM context', clock.now())
  }
}

/** The row is up to 2 s old and rounded; a running job's numbers come from memory (API-1). */
function withLiveProgress(detail: VmContextDetailJson, live: Pick<LiveJobs, 'get'>): VmContextDetailJson {
  const current = detail.current_job
  const job = current === null ? undefined : live.get(current.id)
  if (current === null || job === undefined || job.poller.last_contact_at === null) return detail
  return { ...detail, current_job: mergeLive(current, job) }
}

function mergeLive(row: CurrentJobJson, live: LiveJobJson): CurrentJobJson {
  return {
    ...row,
    status: live.status,
    progress_percent: live.progress_percent,
    current_operation: live.current_operation,
    bytes_transferred: live.bytes_transferred,
    total_bytes: live.total_bytes,
    transfer_speed_bps: live.transfer_speed_bps,
    error_message: live.error_message,
    vma_sync_type: live.vma_sync_type,
    vma_current_phase: live.vma_current_phase,
    vma_throughput_mbps: Math.round(live.vma_throughput_mbps * 100) / 100,
    vma_eta_seconds: live.vma_eta_seconds,
    vma_last_poll_at: live.vma_last_poll_at,
  }
}
