/**
 * CTX-1: a VM's context, made up from its jobs' rows inside the transaction that changes one of them. Counted anew each
 * time, so that a crash or a repetition heals instead of adding up.
 */

import { wallClock } from '../model/time.ts'
import { JOB_STATUSES, isTerminal } from '../model/words.ts'
import { marks, number, text, type Executor, type Row } from './executor.ts'
import type { Columns } from './limits.ts'
import { Values } from './values.ts'

/** All that a transaction over a job needs to know beside the job. */
export interface WriteContext extends Columns {
  readonly zone: string
  /** ` for update`, or nothing where transactions never run side by side. */
  readonly forUpdate: string
  isRetryable(cause: unknown): boolean
}

export interface JobChange {
  readonly vmContextId: string
  readonly jobId: string
  readonly became: 'completed' | 'failed' | 'running'
  readonly at: number
}

const ACTIVE = JOB_STATUSES.filter((status) => !isTerminal(status))
/** Never set back by a replication. */
const FAILED_OVER = ['failed_over_test', 'failed_over_live']

/**
 * The first statement of such a transaction: jobs of one VM take turns from here on, so that each sees what the other
 * made of the jobs (without it two ends at the same time both find the other one running, and the VM stays
 * "replicating" for ever). Undefined when there is no such context.
 */
export async function lockContext(on: Executor, vmContextId: string, ctx: WriteContext): Promise<Row | undefined> {
  const [context] = await on.all(
    `select current_status from vm_replication_contexts where context_id = ?${ctx.forUpdate}`,
    [vmContextId],
  )
  return context
}

/** After the job's own row is written, never before: the context tells what the rows say. */
export async function rollUp(on: Executor, context: Row, change: JobChange, ctx: WriteContext): Promise<void> {
  const { vmContextId, jobId, became } = change
  const [counts] = await on.all(
    `select count(*) as total, sum(lower(status) = 'completed') as good, sum(lower(status) = 'failed') as bad from replication_jobs where vm_context_id = ?`,
    [vmContextId],
  )
  const running = became === 'running' ? jobId : await otherRunning(on, change, ctx)
  const later = became === 'running' ? undefined : await laterEnd(on, change, ctx)
  const before = text(context, 'current_status')
  const ended = (later ?? became) === 'completed' ? 'ready_for_failover' : 'failed'
  const after = FAILED_OVER.includes(before) ? before : running === undefined ? ended : 'replicating'
  const now = wallClock(change.at, ctx.zone)
  const set = new Values(ctx, 'vm_replication_contexts', {
    current_status: after,
    current_job_id: running ?? null,
    last_successful_job_id: became === 'completed' && later !== 'completed' ? jobId : undefined,
    total_jobs_run: number(counts ?? {}, 'total'),
    successful_jobs: number(counts ?? {}, 'good'),
    failed_jobs: number(counts ?? {}, 'bad'),
    last_status_change: after === before ? undefined : now,
    updated_at: now,
  })
  await on.run(`update vm_replication_contexts set ${set.assignments} where context_id = ?`, [
    ...set.values,
    vmContextId,
  ])
}

async function otherRunning(
  on: Executor,
  { vmContextId, jobId }: JobChange,
  { known }: WriteContext,
): Promise<string | undefined> {
  const [other] = await on.all(
    `select id from replication_jobs where vm_context_id = ? and id <> ? and lower(status) in (${marks(ACTIVE.length)}) order by ${newestFirst(known, 'replication_jobs')} limit 1`,
    [vmContextId, jobId, ...ACTIVE],
  )
  return other === undefined ? undefined : text(other, 'id')
}

/** How a job that was started after this one ended: it speaks for the VM, however late this one's end comes. */
async function laterEnd(
  on: Executor,
  { vmContextId, jobId }: JobChange,
  { known }: WriteContext,
): Promise<string | undefined> {
  if (!known.get('replication_jobs')?.has('created_at')) return undefined
  const [later] = await on.all(
    `select lower(n.status) as status from replication_jobs n join replication_jobs j on j.id = ? where n.vm_context_id = ? and n.created_at > j.created_at and lower(n.status) in ('completed', 'failed') order by n.created_at desc, n.id desc limit 1`,
    [jobId, vmContextId],
  )
  return later === undefined ? undefined : text(later, 'status')
}

/** `created_at desc, id desc`, without the time where a table has none. */
export function newestFirst(known: WriteContext['known'], table: string): string {
  return known.get(table)?.has('created_at') ? 'created_at desc, id desc' : 'id desc'
}
