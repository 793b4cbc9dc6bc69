import type { JSX } from 'preact'
import type { VmContextDetail } from '../../../src/client/index.ts'
import type { JobHistoryJson } from '../../../src/model/wire/vm-contexts.ts'
import type { Live } from '../connection/live.ts'
import { formatMoved, formatPercent } from '../format/amounts.ts'
import { formatMoment, formatSpan, timeOf } from '../format/times.ts'
import { vmHash } from '../session/route.ts'
import { Panel } from './panel.tsx'

interface Props {
  readonly live: Live
  readonly detail: VmContextDetail
  /** The one that is looked at. */
  readonly jobId: string
}

type Job = Omit<JobHistoryJson, 'completed_at'> & { readonly completed_at: string | null }

/** The VM's jobs, newest first; each can be looked at. */
export function JobTable({ live, detail, jobId }: Props): JSX.Element {
  const { current_job: current, job_history: before, context } = detail
  const jobs: readonly Job[] = current === null ? before : [{ ...current, completed_at: null }, ...before]
  return (
    <Panel title="Jobs" note={`${context.successful_jobs} completed, ${context.failed_jobs} failed`}>
      {jobs.length === 0 ? (
        <p class="nothing">No job has run yet.</p>
      ) : (
        <div class="scroll" role="region" aria-label="Jobs" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Began</th>
                <th scope="col">Type</th>
                <th scope="col">Status</th>
                <th scope="col" class="right">
                  Moved
                </th>
                <th scope="col" class="right">
                  Done
                </th>
                <th scope="col" class="right">
                  Took
                </th>
                <th scope="col">Job</th>
              </tr>
            </thead>
            <tbody>
              {jobs.map((job) => (
                <JobLine key={job.id} job={job} context={context} now={live.shownAt} isChosen={job.id === jobId} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  )
}

interface LineProps {
  readonly job: Job
  readonly context: VmContextDetail['context']
  readonly now: number
  readonly isChosen: boolean
}

function JobLine({ job, context, now, isChosen }: LineProps): JSX.Element {
  const began = timeOf(job.created_at)
  const ended = timeOf(job.completed_at)
  const isOver = ['completed', 'failed', 'cancelled'].includes(job.status)
  const until = ended ?? (isOver ? undefined : now)
  const took = began === undefined || until === undefined ? '' : formatSpan((until - began) / 1_000)
  return (
    <tr class={isChosen ? 'is-chosen' : ''} data-job={job.id}>
      <th scope="row" class="nums">
        <a href={vmHash(context.vm_name, context.vcenter_host, job.id)} aria-current={isChosen ? 'true' : undefined}>
          {began === undefined ? job.id : formatMoment(began, now)}
        </a>
      </th>
      <td>{job.replication_type}</td>
      <td>{job.status}</td>
      <td class="right nums">{formatMoved(job.bytes_transferred, job.total_bytes)}</td>
      <td class="right nums">{formatPercent(job.progress_percent)}</td>
      <td class="right nums">{took}</td>
      <td>
        <code>{job.id}</code>
      </td>
    </tr>
  )
}
