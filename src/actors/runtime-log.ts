/** What the supervisor tells, as log lines, counts and JobLog events. Every line about a job carries its correlation id (LOG-1). */

import type { Logger } from '../telemetry/log.ts'
import type { JobLog } from './job-log.ts'
import type { Job } from './job.ts'
import type { JobChange } from './publisher.ts'
import type { RuntimeStats } from './stats.ts'
import type { SupervisorEvents } from './supervisor-options.ts'

function aboutJob(job: Job): { readonly job_id: string; readonly correlation_id: string } {
  return { job_id: job.jobId, correlation_id: job.correlationId }
}

export interface Told {
  readonly stats: RuntimeStats
  readonly jobLog: Pick<JobLog, 'panic'>
  readonly onVmaUp: (vma: string) => void
}

export function supervisorEvents(
  { log }: { readonly log: Logger },
  { stats, jobLog, onVmaUp }: Told,
): SupervisorEvents {
  return {
    onPoll: (job, { lateMs, tookMs }, error) => {
      stats.poll(lateMs, tookMs, error?.code)
      if (error !== undefined) log.debug({ ...aboutJob(job), code: error.code, reason: error.message }, 'poll failed')
    },
    onWrite: (reason) => stats.write(reason),
    onBackward: (job, saw) => {
      stats.backward += 1
      log.debug({ ...aboutJob(job), status: job.status, saw }, 'backward status ignored')
    },
    onUnknownWord: (job, word) => {
      if (stats.unknownWord(word)) log.warn({ ...aboutJob(job), word }, 'unknown status word; the status stays')
    },
    onCrash: (job, cause, { delayMs, suspended }) => {
      stats.restarts += 1
      jobLog.panic(job, cause)
      const about = { ...aboutJob(job), err: cause, delay_ms: delayMs, suspended }
      log.error(about, 'a job actor threw; it is started again')
    },
    onVmaDown: (vma, { code, message }) =>
      log.warn({ vma, code, reason: message }, 'VMA unreachable: its jobs are held until it answers'),
    onVmaUp: (vma, downMs) => {
      log.info({ vma, down_ms: downMs }, 'VMA answers again: its jobs are polled')
      onVmaUp(vma)
    },
  }
}

/** A job's way through its life, in the documents' own words where they have some. */
export function logChange(log: Logger, job: Job, change: JobChange): void {
  const about = { ...aboutJob(job), vm_name: job.target.vmName, status: job.status }
  if (change === 'adopted') log.info(about, 'Starting progress polling for replication job')
  else if (change === 'stage' || change === 'status') log.info({ ...about, operation: job.operation }, 'job moved on')
  else if (change === 'ended') logEnd(log, job, about)
}

function logEnd(log: Logger, job: Job, about: object): void {
  if (job.inferred) log.warn(about, 'Job vanished when it was all but over: taken as completed')
  else log.info({ ...about, error: job.errorMessage || undefined }, 'Job ended, stopping progress polling')
}
