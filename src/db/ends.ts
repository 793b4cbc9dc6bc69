/**
 * The end of a job: one transaction over its row, its disks, their CBT history and the VM's context (DB-3, CTX-1).
 * The order is always the same, so that two ends never wait for each other crosswise; repeating an end changes nothing.
 * A disk's rows that can't be written are rolled back to where they began and told; the job ends all the same (DB-4).
 */

import { wallClock } from '../model/time.ts'
import { Aside } from './aside.ts'
import { marks, number, text, type Executor, type SqlValue } from './executor.ts'
import { canWrite, STEPS, TRACKING } from './job-log-rows.ts'
import type { DiskEnd, EndResult, JobEnd } from './ports.ts'
import { lockContext, rollUp, type WriteContext } from './roll-up.ts'
import { jobAssignments, NOT_TERMINAL, setList, setValues } from './updates.ts'
import { Values } from './values.ts'

export async function endJob(on: Executor, end: JobEnd, ctx: WriteContext): Promise<Omit<EndResult, 'jobId'>> {
  const { vmContextId, status, completedAt } = end
  const { jobId } = end.row
  const context = await lockContext(on, vmContextId, ctx)
  if (status === 'completed' && (await hasOtherDisks(on, end, ctx))) return { outcome: 'unplanned' }
  const outcome = await endRow(on, end, ctx)
  if (outcome !== 'ended') return { outcome }
  const aside = new Aside(on, ctx)
  for (const disk of end.disks) {
    await aside.try(() => endDisk(on, end, disk, ctx))
    await aside.try(() => recordCbt(on, end, disk, ctx))
  }
  await aside.try(() => endLog(on, end, ctx))
  if (context !== undefined) await rollUp(on, context, { vmContextId, jobId, became: status, at: completedAt }, ctx)
  return { outcome, ...aside.report }
}

/**
 * Rows of a job's disks may be made after the job was taken on: completed is what all of them are. Disks that can't be
 * read hold no job back (DB-4).
 */
async function hasOtherDisks(on: Executor, { row, disks }: JobEnd, ctx: WriteContext): Promise<boolean> {
  const known = new Set(disks.map((disk) => disk.diskId))
  try {
    const rows = await on.all('select disk_id from vm_disks where job_id = ?', [row.jobId])
    return rows.some((disk) => !known.has(text(disk, 'disk_id')))
  } catch (cause) {
    if (ctx.isRetryable(cause)) throw cause
    return false
  }
}

/** Nobody comes back to the log of a job that is over: a crash before the log's own writing would leave it running for ever. */
async function endLog(on: Executor, end: JobEnd, ctx: WriteContext): Promise<void> {
  const { trackingId, status, completedAt } = end
  if (trackingId === undefined) return
  const own = { status, completed_at: wallClock(completedAt, ctx.zone), error_message: end.row.errorMessage || null }
  const job = new Values(ctx, 'job_tracking', {
    ...own,
    percent_complete: status === 'completed' ? 100 : undefined,
    updated_at: own.completed_at,
  })
  const step = new Values(ctx, 'job_steps', own)
  if (canWrite(ctx.known, TRACKING))
    await on.run(`update job_tracking set ${job.assignments} where id = ?`, [...job.values, trackingId])
  if (canWrite(ctx.known, STEPS))
    await on.run(`update job_steps set ${step.assignments} where job_id = ? and status = 'running'`, [
      ...step.values,
      trackingId,
    ])
}

async function endRow(on: Executor, { row, completedAt }: JobEnd, ctx: WriteContext): Promise<EndResult['outcome']> {
  const assignments = jobAssignments(ctx)
  const extra = new Values(ctx, 'replication_jobs', { completed_at: wallClock(completedAt, ctx.zone) })
  const list = [setList(assignments), extra.assignments].filter((part) => part !== '').join(', ')
  const values = [...setValues(assignments, row, ctx.zone), ...extra.values]
  const matched = await on.run(`update replication_jobs set ${list} where id = ? and ${NOT_TERMINAL}`, [
    ...values,
    row.jobId,
  ])
  if (matched > 0) return 'ended'
  const [stands] = await on.all('select status from replication_jobs where id = ?', [row.jobId])
  return stands === undefined ? 'gone' : 'already'
}

/** A VM has one row per disk, moved from job to job: a row that a later job has taken over is not ours any more. */
async function endDisk(on: Executor, { row, completedAt }: JobEnd, disk: DiskEnd, ctx: WriteContext): Promise<void> {
  const set = new Values(ctx, 'vm_disks', {
    sync_status: disk.status,
    sync_progress_percent: disk.percent,
    bytes_synced: disk.bytes,
    disk_change_id: disk.success && disk.changeId !== '' ? disk.changeId : undefined,
    updated_at: wallClock(completedAt, ctx.zone),
  })
  await on.run(`update vm_disks set ${set.assignments} where job_id = ? and disk_id = ?`, [
    ...set.values,
    row.jobId,
    disk.diskId,
  ])
}

/**
 * There is no unique key over job and disk. Another writer may have made the row when the job started, or we when the
 * job was lost before it was revived: it is filled. Change ids that we do not know leave those that stand.
 */
async function recordCbt(
  on: Executor,
  { row, vmContextId, completedAt }: JobEnd,
  disk: DiskEnd,
  ctx: WriteContext,
): Promise<void> {
  const result = {
    sync_type: disk.syncType,
    bytes_transferred: disk.bytes,
    sync_duration_seconds: disk.durationSeconds,
    sync_success: disk.success ? 1 : 0,
  }
  const key: readonly SqlValue[] = [row.jobId, disk.diskId]
  const [stands] = await on.all('select id from cbt_history where job_id = ? and disk_id = ? order by id limit 1', key)
  if (stands !== undefined) {
    const set = new Values(ctx, 'cbt_history', {
      change_id: disk.changeId || undefined,
      previous_change_id: disk.previousChangeId || undefined,
      ...result,
    })
    await on.run(`update cbt_history set ${set.assignments} where id = ?`, [...set.values, number(stands, 'id')])
    return
  }
  const made = new Values(ctx, 'cbt_history', {
    vm_context_id: vmContextId || null,
    job_id: row.jobId,
    disk_id: disk.diskId,
    change_id: disk.changeId,
    previous_change_id: disk.previousChangeId,
    ...result,
    created_at: wallClock(completedAt, ctx.zone),
  })
  await on.run(`insert into cbt_history (${made.names.join(', ')}) values (${marks(made.names.length)})`, made.values)
}
