/** What the supervisor tells, as log lines, counts and JobLog events. Every line about a job carries its correlation id (LOG-1). */

import { tell } from '../telemetry/events.ts'
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
      if (error !== undefined) tell(log, 'poll.failed', { ...aboutJob(job), code: error.code, reason: error.message })
    },
    onWrite: (reason) => stats.write(reason),
    onEnd: (status, how) => stats.ended(status, how),
    onBackward: (job, saw) => {
      stats.backward += 1
      tell(log, 'job.backward', { ...aboutJob(job), status: job.status, saw })
    },
    onUnknownWord: (job, word) => {
      if (stats.unknownWord(word)) tell(log, 'job.unknown_word', { ...aboutJob(job), word })
    },
    onCrash: (job, cause, { delayMs, suspended }) => {
      stats.restarts += 1
      jobLog.panic(job, cause)
      tell(log, 'job.crashed', { ...aboutJob(job), err: cause, delay_ms: delayMs, suspended })
    },
    onVmaDown: (vma, { code, message }) => {
      stats.vmaDown(vma)
      tell(log, 'vma.down', { vma, code, reason: message })
    },
    onVmaUp: (vma, downMs) => {
      tell(log, 'vma.up', { vma, down_ms: downMs })
      onVmaUp(vma)
    },
  }
}

type About = ReturnType<typeof aboutJob> & { readonly vm_name: string; readonly status: string }

/** A job's way through its life, in the documents' own words where they have some. */
export function logChange(log: Logger, job: Job, change: JobChange): void {
  const about: About = { ...aboutJob(job), vm_name: job.target.vmName, status: job.status }
  if (change === 'adopted') tell(log, 'job.adopted', about)
  else if (change === 'stage' || change === 'status') tell(log, 'job.moved', { ...about, operation: job.operation })
  else if (change === 'ended') logEnd(log, job, about)
}

function logEnd(log: Logger, job: Job, about: About): void {
  if (job.inferred) tell(log, 'job.inferred', about)
  else tell(log, 'job.ended', { ...about, error: job.errorMessage || undefined })
}
