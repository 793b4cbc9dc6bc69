/**
 * RECOVER-3: jobs that were failed for want of contact and nothing else, found again and put back to work. That the cause
 * was silence stands in the row itself, so that a restarted OMA knows it too.
 */

import { CONTACT_LOST } from '../model/errors.ts'
import { wallClock } from '../model/time.ts'
import { Aside } from './aside.ts'
import { text, type Executor, type KnownColumns, type SqlValue } from './executor.ts'
import type { ActiveJob, Revival, ReviveResult } from './ports.ts'
import type { ReadContext } from './reads.ts'
import { lockContext, rollUp, type WriteContext } from './roll-up.ts'
import { NOT_TERMINAL } from './updates.ts'
import { Values } from './values.ts'

/** A job of the same VM that was made later; of two at the same time the one with the greater id. */
const FOLLOWED =
  'exists (select 1 from replication_jobs n where n.vm_context_id = j.vm_context_id and (n.created_at > j.created_at or (n.created_at = j.created_at and n.id > j.id)))'

interface Signs {
  /** Of a job `j` that POLL-7 failed. The message is ours alone; builds without a classification have no other sign. */
  readonly lost: string
  readonly values: readonly SqlValue[]
  /** The column that tells when a job ended: by it an index finds the lost ones. */
  readonly ended: string
}

/** Undefined where a column is missing without which they can't be told. */
function signsIn(known: KnownColumns): Signs | undefined {
  const columns = known.get('replication_jobs')
  const ended = ['completed_at', 'updated_at'].find((name) => columns?.has(name))
  if (ended === undefined || !columns?.has('error_message') || !columns.has('created_at')) return undefined
  const lost = "j.status = 'failed' and j.error_message like ?"
  const message = `${CONTACT_LOST.message}%`
  return columns.has('vma_error_classification')
    ? { lost: `${lost} and j.vma_error_classification = ?`, values: [message, CONTACT_LOST.classification], ended }
    : { lost, values: [message], ended }
}

export async function lostJobs({ on, known, zone }: ReadContext, since: number): Promise<readonly ActiveJob[]> {
  const signs = signsIn(known)
  if (signs === undefined) return []
  const rows = await on.all(
    `select j.id, j.status from replication_jobs j where ${signs.lost} and j.${signs.ended} > ? and not ${FOLLOWED}`,
    [...signs.values, wallClock(since, zone)],
  )
  return rows.map((row) => ({ jobId: text(row, 'id'), status: text(row, 'status') }))
}

export async function reviveJob(
  on: Executor,
  revival: Revival,
  ctx: WriteContext,
): Promise<Omit<ReviveResult, 'jobId'>> {
  const { jobId, vmContextId, at } = revival
  const signs = signsIn(ctx.known)
  if (signs === undefined) return refused('the tables do not tell why a job failed')
  const context = await lockContext(on, vmContextId, ctx)
  const refusal = await refusalOf(on, jobId, signs, ctx)
  if (refusal !== undefined) return refusal
  await reviveRow(on, revival, ctx)
  const aside = new Aside(on, ctx)
  await aside.try(() => reviveDisks(on, revival, ctx))
  if (context !== undefined) await rollUp(on, context, { vmContextId, jobId, became: 'running', at }, ctx)
  return { outcome: 'revived', ...aside.report }
}

function refused(reason: string): Omit<ReviveResult, 'jobId'> {
  return { outcome: 'refused', reason }
}

/** Undefined when the job may be revived. One that is active already was revived before, and needs nothing. */
async function refusalOf(
  on: Executor,
  jobId: string,
  { lost, values }: Signs,
  { forUpdate }: WriteContext,
): Promise<Omit<ReviveResult, 'jobId'> | undefined> {
  const [stands] = await on.all(`select status from replication_jobs where id = ?${forUpdate}`, [jobId])
  if (stands === undefined) return { outcome: 'gone' }
  const [judged] = await on.all(
    `select (${NOT_TERMINAL}) as active, (${lost}) as lost, (${FOLLOWED}) as followed from replication_jobs j where j.id = ?`,
    [...values, jobId],
  )
  if (judged?.['active'] === 1) return { outcome: 'revived' }
  if (judged?.['lost'] !== 1) return refused(`the job is ${text(stands, 'status')}, and not for want of contact`)
  return judged['followed'] === 1 ? refused('a later job of its VM exists') : undefined
}

/** STAT-3: said once more in the statement that writes. */
async function reviveRow(on: Executor, { jobId, status, at }: Revival, ctx: WriteContext): Promise<void> {
  const nullable = ctx.limits.get('replication_jobs.completed_at')?.nullable ?? true
  const set = new Values(ctx, 'replication_jobs', {
    status,
    error_message: '',
    vma_error_classification: '',
    vma_error_details: '',
    completed_at: nullable ? null : undefined,
    updated_at: wallClock(at, ctx.zone),
  })
  await on.run(`update replication_jobs set ${set.assignments} where id = ? and status = 'failed'`, [
    ...set.values,
    jobId,
  ])
}

async function reviveDisks(on: Executor, { jobId, at }: Revival, ctx: WriteContext): Promise<void> {
  const set = new Values(ctx, 'vm_disks', { sync_status: 'syncing', updated_at: wallClock(at, ctx.zone) })
  await on.run(`update vm_disks set ${set.assignments} where job_id = ? and sync_status = 'failed'`, [
    ...set.values,
    jobId,
  ])
}
