/** Did every job end exactly once? Asked of the database alone, when all is over. */

import { number, text, type Connection, type Row } from '../../src/db/executor.ts'
import type { Fate, SoakJob } from './plan.ts'

export interface Ends {
  readonly jobs: number
  readonly byStatus: Readonly<Record<string, number>>
  /** Transfers that went well, of jobs that are failed for want of contact: their VMA forgot them in a crash. */
  readonly lostWithVma: number
  /** One line each, the first of them. */
  readonly wrong: readonly string[]
  readonly wrongCount: number
}

const LOST = /^VMA communication timeout exceeded/
const EXPECTED: Readonly<Record<Fate, string>> = {
  completes: 'completed',
  unchanged: 'completed',
  fails: 'failed',
  silent: 'failed',
  cancelled: 'cancelled',
}
const MOST_LINES = 40

/** When a VMA was killed, and when it was back, knowing of no job; epoch ms. */
export interface Crash {
  readonly vma: number
  readonly at: number
  until: number
}

export async function judgeEnds(on: Connection, jobs: readonly SoakJob[], crashes: readonly Crash[]): Promise<Ends> {
  const rows = await on.all('select id, vm_context_id, status, completed_at, error_message from replication_jobs')
  const byId = new Map(rows.map((row) => [text(row, 'id'), row]))
  const records = await counts(
    on,
    "select concat(job_id, ' ', disk_id) as k, count(*) as n from cbt_history group by k",
  )
  const logs = await counts(on, 'select external_job_id as k, count(*) as n from job_tracking group by k')
  const wrong: string[] = []
  const byStatus: Record<string, number> = {}
  let lostWithVma = 0
  for (const job of jobs) {
    const row = byId.get(job.id) ?? {}
    const status = text(row, 'status')
    byStatus[status] = (byStatus[status] ?? 0) + 1
    const lost =
      status === 'failed' && LOST.test(text(row, 'error_message')) && crashes.some((crash) => hit(crash, job, row))
    if (lost && EXPECTED[job.fate] === 'completed') lostWithVma += 1
    else if (status !== EXPECTED[job.fate]) wrong.push(...wrongStatus(job, row))
    if (row['completed_at'] === null || row['completed_at'] === undefined) wrong.push(`${job.id}: no completed_at`)
    const wanted = status === 'cancelled' ? 0 : 1
    for (const { diskId } of job.vm.disks) {
      const n = records.get(`${job.id} ${diskId}`) ?? 0
      if (n !== wanted) wrong.push(`${job.id} (${job.fate}, ${status}): ${n} rows of cbt_history for ${diskId}`)
    }
    if (status !== 'cancelled' && logs.get(job.id) !== 1)
      wrong.push(`${job.id} (${job.fate}, ${status}): ${logs.get(job.id) ?? 0} rows of job_tracking`)
  }
  wrong.push(...(await wrongContexts(on, rows)))
  return { jobs: rows.length, byStatus, lostWithVma, wrong: wrong.slice(0, MOST_LINES), wrongCount: wrong.length }
}

/** In the job's life, as its row tells it: what was posted then was not heard, what was posted before is forgotten. */
function hit({ vma, at, until }: Crash, job: SoakJob, row: Row): boolean {
  const endedAt = Date.parse(`${text(row, 'completed_at').replace(' ', 'T')}Z`)
  return vma === job.vm.vma && until >= job.startAt && at <= endedAt
}

/** A cancellation may come after the VMA's last word, and the other way round: both are one end. */
function wrongStatus({ id, fate }: SoakJob, row: Row): readonly string[] {
  const status = text(row, 'status')
  if (fate === 'cancelled' && status === 'failed') return []
  return [`${id}: ${status || 'no row'} where it ${fate}: ${text(row, 'error_message')}`]
}

async function counts(on: Connection, sql: string): Promise<ReadonlyMap<string, number>> {
  return new Map((await on.all(sql)).map((row) => [text(row, 'k'), number(row, 'n')]))
}

/** CTX-1. Who cancels a job rolls nothing up: contexts with such a job are made up at the next end of one of ours. */
async function wrongContexts(on: Connection, jobs: readonly Row[]): Promise<readonly string[]> {
  const sums = new Map<string, { total: number; completed: number; failed: number; cancelled: number }>()
  for (const row of jobs) {
    const sum = sums.get(text(row, 'vm_context_id')) ?? { total: 0, completed: 0, failed: 0, cancelled: 0 }
    sum.total += 1
    const status = text(row, 'status')
    if (status === 'completed' || status === 'failed' || status === 'cancelled') sum[status] += 1
    sums.set(text(row, 'vm_context_id'), sum)
  }
  const contexts = await on.all(
    'select context_id, total_jobs_run, successful_jobs, failed_jobs, current_job_id from vm_replication_contexts',
  )
  return contexts.flatMap((row) => {
    const id = text(row, 'context_id')
    const sum = sums.get(id)
    if (sum === undefined || sum.cancelled > 0) return []
    const is = [number(row, 'total_jobs_run'), number(row, 'successful_jobs'), number(row, 'failed_jobs')].join(' ')
    const should = [sum.total, sum.completed, sum.failed].join(' ')
    if (is !== should) return [`${id}: total, good and bad jobs are ${is} and not ${should}`]
    return row['current_job_id'] === null ? [] : [`${id}: its current job is ${text(row, 'current_job_id')}`]
  })
}
