/**
 * The end of a job: one transaction over its row, its disks, their CBT history and the VM's context (DB-3, CTX-1).
 * The order is always the same, so that two ends never wait for each other; repeating an end changes nothing.
 */

import { wallClock } from '../model/time.ts'
import { JOB_STATUSES, isTerminal } from '../model/words.ts'
import { marks, number, text, type Executor, type KnownColumns, type SqlValue } from './executor.ts'
import { canWrite, STEPS, TRACKING } from './job-log-rows.ts'
import type { DiskEnd, EndResult, JobEnd } from './ports.ts'
import { jobAssignments, NOT_TERMINAL, setList, setValues } from './updates.ts'

export interface EndContext {
  readonly known: KnownColumns
  readonly zone: string
  readonly isRetryable: (cause: unknown) => boolean
}

/** A set of columns and values, without the columns that this database does not have. */
class Values {
  readonly names: string[] = []
  readonly values: SqlValue[] = []

  constructor(known: ReadonlySet<string> | undefined, all: Readonly<Record<string, SqlValue | undefined>>) {
    for (const [name, value] of Object.entries(all)) {
      if (value === undefined || !known?.has(name)) continue
      this.names.push(name)
      this.values.push(value)
    }
  }

  get assignments(): string {
    return this.names.map((name) => `${name} = ?`).join(', ')
  }
}

export async function endJob(on: Executor, end: JobEnd, ctx: EndContext): Promise<EndResult['outcome']> {
  const outcome = await endRow(on, end, ctx)
  if (outcome !== 'ended') return outcome
  for (const disk of end.disks) {
    await endDisk(on, end, disk, ctx)
    await recordCbt(on, end, disk, ctx)
  }
  await endLog(on, end, ctx)
  await rollUpContext(on, end, ctx)
  return outcome
}

/**
 * Nobody comes back to the log of a job that is over: a crash before the log's own writing would leave it running for ever.
 * A log that can't be written does not stop the job's end, unless the fault (a deadlock) has undone the transaction.
 */
async function endLog(on: Executor, end: JobEnd, { known, zone, isRetryable }: EndContext): Promise<void> {
  const { trackingId, status, completedAt } = end
  if (trackingId === undefined) return
  const own = { status, completed_at: wallClock(completedAt, zone), error_message: end.row.errorMessage || null }
  const job = new Values(known.get('job_tracking'), {
    ...own,
    percent_complete: status === 'completed' ? 100 : undefined,
    updated_at: own.completed_at,
  })
  const step = new Values(known.get('job_steps'), own)
  try {
    if (canWrite(known, TRACKING))
      await on.run(`update job_tracking set ${job.assignments} where id = ?`, [...job.values, trackingId])
    if (canWrite(known, STEPS))
      await on.run(`update job_steps set ${step.assignments} where job_id = ? and status = 'running'`, [
        ...step.values,
        trackingId,
      ])
  } catch (cause) {
    if (isRetryable(cause)) throw cause
  }
}

async function endRow(
  on: Executor,
  { row, completedAt }: JobEnd,
  { known, zone }: EndContext,
): Promise<EndResult['outcome']> {
  const assignments = jobAssignments(known)
  const extra = new Values(known.get('replication_jobs'), { completed_at: wallClock(completedAt, zone) })
  const list = [setList(assignments), extra.assignments].filter((part) => part !== '').join(', ')
  const values = [...setValues(assignments, row, zone), ...extra.values]
  const matched = await on.run(`update replication_jobs set ${list} where id = ? and ${NOT_TERMINAL}`, [
    ...values,
    row.jobId,
  ])
  if (matched > 0) return 'ended'
  const [stands] = await on.all('select status from replication_jobs where id = ?', [row.jobId])
  return stands === undefined ? 'gone' : 'already'
}

async function endDisk(
  on: Executor,
  { row, completedAt }: JobEnd,
  disk: DiskEnd,
  { known, zone }: EndContext,
): Promise<void> {
  const set = new Values(known.get('vm_disks'), {
    sync_status: disk.status,
    sync_progress_percent: disk.percent,
    bytes_synced: disk.bytes,
    disk_change_id: disk.success && disk.changeId !== '' ? disk.changeId : undefined,
    updated_at: wallClock(completedAt, zone),
  })
  await on.run(`update vm_disks set ${set.assignments} where job_id = ? and disk_id = ?`, [
    ...set.values,
    row.jobId,
    disk.diskId,
  ])
}

/** There is no unique key over job and disk: another writer may have made the row when the job started. */
async function recordCbt(
  on: Executor,
  { row, vmContextId, completedAt }: JobEnd,
  disk: DiskEnd,
  { known, zone }: EndContext,
): Promise<void> {
  const set = new Values(known.get('cbt_history'), {
    change_id: disk.changeId,
    previous_change_id: disk.previousChangeId,
    sync_type: disk.syncType,
    bytes_transferred: disk.bytes,
    sync_duration_seconds: disk.durationSeconds,
    sync_success: disk.success ? 1 : 0,
  })
  const key: readonly SqlValue[] = [row.jobId, disk.diskId]
  const [stands] = await on.all('select id from cbt_history where job_id = ? and disk_id = ? order by id limit 1', key)
  if (stands !== undefined) {
    await on.run(`update cbt_history set ${set.assignments} where id = ?`, [...set.values, number(stands, 'id')])
    return
  }
  const made = new Values(known.get('cbt_history'), {
    vm_context_id: vmContextId,
    job_id: row.jobId,
    disk_id: disk.diskId,
    created_at: wallClock(completedAt, zone),
  })
  const names = [...made.names, ...set.names]
  await on.run(`insert into cbt_history (${names.join(', ')}) values (${marks(names.length)})`, [
    ...made.values,
    ...set.values,
  ])
}

const ACTIVE = JOB_STATUSES.filter((status) => !isTerminal(status))
/** Never set back by a replication's end. */
const FAILED_OVER = ['failed_over_test', 'failed_over_live']

/** CTX-1: counted from the jobs' rows, so that a crash or a repetition heals instead of adding up. */
async function rollUpContext(on: Executor, end: JobEnd, { known, zone }: EndContext): Promise<void> {
  const [context] = await on.all('select current_status from vm_replication_contexts where context_id = ?', [
    end.vmContextId,
  ])
  if (context === undefined) return
  const [counts] = await on.all(
    `select count(*) as total, sum(status = 'completed') as good, sum(status = 'failed') as bad from replication_jobs where vm_context_id = ?`,
    [end.vmContextId],
  )
  const [other] = await on.all(
    `select id from replication_jobs where vm_context_id = ? and id <> ? and status in (${marks(ACTIVE.length)}) order by created_at desc, id desc limit 1`,
    [end.vmContextId, end.row.jobId, ...ACTIVE],
  )
  const before = text(context, 'current_status')
  const after = FAILED_OVER.includes(before)
    ? before
    : other !== undefined
      ? 'replicating'
      : end.status === 'completed'
        ? 'ready_for_failover'
        : 'failed'
  const now = wallClock(end.completedAt, zone)
  const set = new Values(known.get('vm_replication_contexts'), {
    current_status: after,
    current_job_id: other === undefined ? null : text(other, 'id'),
    last_successful_job_id: end.status === 'completed' ? end.row.jobId : undefined,
    total_jobs_run: number(counts ?? {}, 'total'),
    successful_jobs: number(counts ?? {}, 'good'),
    failed_jobs: number(counts ?? {}, 'bad'),
    last_status_change: after === before ? undefined : now,
    updated_at: now,
  })
  await on.run(`update vm_replication_contexts set ${set.assignments} where context_id = ?`, [
    ...set.values,
    end.vmContextId,
  ])
}
