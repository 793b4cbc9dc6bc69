/** The database's side of a fault test: the jobs before it, and how they ended against the truth after it. */

import type { Connection, Row } from '../../src/db/executor.ts'
import { number, text } from '../../src/db/executor.ts'
import { addDisk, addJob, addVm } from '../support/inventory.ts'
import { outcomeOf, type TruthJob } from '../fakes/truth.ts'

const contextOf = ({ jobId }: TruthJob): string => `ctx-${jobId}`

/** A transfer that failed while its VMA was lost stays failed for want of contact (RECOVER-3). */
const KNOWN_REASON = /: read error$|^VMA communication timeout exceeded/

export async function addFleet(on: Connection, jobs: readonly TruthJob[], createdAt: number): Promise<void> {
  const created = new Date(createdAt).toISOString().slice(0, 23).replace('T', ' ')
  let volumeId = 1
  for (const job of jobs) {
    const { jobId, disks } = job
    const contextId = contextOf(job)
    await addVm(on, { context: contextId, name: `vm-${jobId}` })
    await addJob(on, { id: jobId, context: contextId, status: 'pending', createdAt: created })
    for (const { diskId, volumeId: volume, bytes } of disks) {
      await addDisk(on, { job: jobId, context: contextId, diskId, volumeId, volume, capacity: bytes })
      volumeId += 1
    }
  }
}

/** How the jobs stand, one line each where they are not what the truth says. */
export interface Verdict {
  readonly open: number
  readonly falseFailures: number
  readonly falseCompletions: number
  /** Anything else that is not right: bytes, history, counts. */
  readonly wrong: readonly string[]
}

export async function judge(on: Connection, jobs: readonly TruthJob[]): Promise<Verdict> {
  const rows = byId(await on.all('select * from replication_jobs'), 'id')
  const contexts = byId(await on.all('select * from vm_replication_contexts'), 'context_id')
  const history = await on.all(
    'select job_id, disk_id, count(*) as n, max(sync_success) as good from cbt_history group by job_id, disk_id',
  )
  const logs = await on.all(
    'select external_job_id, count(*) as n, max(status) as status from job_tracking group by external_job_id',
  )
  const tracking = byId(logs, 'external_job_id')
  const records = new Map(history.map((row) => [`${text(row, 'job_id')} ${text(row, 'disk_id')}`, row]))
  const wrong: string[] = []
  let open = 0
  let falseFailures = 0
  let falseCompletions = 0
  for (const job of jobs) {
    const status = text(rows.get(job.jobId) ?? {}, 'status')
    if (status !== 'completed' && status !== 'failed') open += 1
    else if (status === 'failed' && outcomeOf(job) === 'completed') falseFailures += 1
    else if (status === 'completed' && outcomeOf(job) === 'failed') falseCompletions += 1
    else {
      wrong.push(...faultsOf(job, rows.get(job.jobId) ?? {}, contexts.get(contextOf(job)) ?? {}, records))
      const log = tracking.get(job.jobId) ?? {}
      if (number(log, 'n') !== 1 || text(log, 'status') !== status)
        wrong.push(`${job.jobId}: ${number(log, 'n')} rows of JobLog, ${text(log, 'status')}`)
    }
  }
  return { open, falseFailures, falseCompletions, wrong }
}

function faultsOf(job: TruthJob, row: Row, context: Row, records: ReadonlyMap<string, Row>): string[] {
  const good = outcomeOf(job) === 'completed'
  const wrong: string[] = []
  const expect = (what: string, is: unknown, should: unknown): void => {
    if (is !== should) wrong.push(`${job.jobId}: ${what} is ${String(is)} and not ${String(should)}`)
  }
  for (const { diskId } of job.disks) {
    const record = records.get(`${job.jobId} ${diskId}`) ?? {}
    expect(`CBT rows of ${diskId}`, number(record, 'n'), 1)
    if (good) expect(`success of ${diskId}`, number(record, 'good'), 1)
  }
  if (good) {
    expect(
      'bytes',
      number(row, 'bytes_transferred'),
      job.disks.reduce((sum, disk) => sum + disk.bytes, 0),
    )
    expect('percent', number(row, 'progress_percent'), 100)
  } else expect('error', KNOWN_REASON.test(text(row, 'error_message')), true)
  expect('context', text(context, 'current_status'), good ? 'ready_for_failover' : 'failed')
  expect('total jobs', number(context, 'total_jobs_run'), 1)
  expect('successful jobs', number(context, 'successful_jobs'), good ? 1 : 0)
  expect('failed jobs', number(context, 'failed_jobs'), good ? 0 : 1)
  expect('current job', context['current_job_id'] ?? null, null)
  return wrong
}

function byId(rows: readonly Row[], key: string): ReadonlyMap<string, Row> {
  return new Map(rows.map((row) => [text(row, key), row]))
}

/** Jobs that stand failed by the contact timeout, though their transfer goes on or has completed. */
export async function lostJobs(on: Connection, jobs: readonly TruthJob[]): Promise<number> {
  const rows = await on.all(
    "select id from replication_jobs where status = 'failed' and error_message like 'VMA communication timeout exceeded%'",
  )
  const lost = new Set(rows.map((row) => text(row, 'id')))
  return jobs.filter((job) => lost.has(job.jobId) && outcomeOf(job) === 'completed').length
}

export async function openJobs(on: Connection): Promise<number> {
  const [row] = await on.all("select count(*) as n from replication_jobs where status not in ('completed', 'failed')")
  return number(row ?? {}, 'n')
}
