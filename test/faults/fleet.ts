/** The database's side of a fault test: the jobs before it, and how they ended against the truth after it. */

import { marks, number, text, type Connection, type Executor, type Row, type SqlValue } from '../../src/db/executor.ts'
import { outcomeOf, type TruthJob } from '../fakes/truth.ts'

const contextOf = ({ jobId }: TruthJob): string => `ctx-${jobId}`

/** A transfer that failed while its VMA was lost stays failed for want of contact (RECOVER-3). */
const KNOWN_REASON = /: read error$|^VMA communication timeout exceeded/

/** All rows in one transaction: whoever looks sees every job with all its disks, or none. */
export async function addFleet(on: Connection, jobs: readonly TruthJob[], createdAt: number): Promise<void> {
  const created = new Date(createdAt).toISOString().slice(0, 23).replace('T', ' ')
  const disks = jobs.flatMap((job) => job.disks.map((disk) => ({ job, disk })))
  const volumeIds = new Map(disks.map(({ disk }, i) => [disk, i + 1]))
  await on.transaction(async (inside) => {
    await insert(
      inside,
      'vm_replication_contexts (context_id, vm_name, vmware_vm_id, vm_path, vcenter_host, datacenter, current_status, current_job_id)',
      jobs.map((job) => [contextOf(job), job.vmName, 'uuid', '/dc/vm', 'vcenter-01', 'dc', 'replicating', job.jobId]),
    )
    await insert(
      inside,
      'replication_jobs (id, vm_context_id, source_vm_id, source_vm_name, source_vm_path, v_center_host, datacenter, replication_type, status, created_at)',
      jobs.map((job) => [
        job.jobId,
        contextOf(job),
        'uuid',
        job.vmName,
        '/dc/vm',
        'vcenter-01',
        'dc',
        'initial',
        'pending',
        created,
      ]),
    )
    await insert(
      inside,
      'ossea_volumes (id, vm_context_id, volume_id)',
      disks.map(({ job, disk }) => [volumeIds.get(disk) ?? 0, contextOf(job), disk.volumeId]),
    )
    await insert(
      inside,
      'vm_disks (vm_context_id, job_id, disk_id, capacity_bytes, ossea_volume_id)',
      disks.map(({ job, disk }) => [contextOf(job), job.jobId, disk.diskId, disk.bytes, volumeIds.get(disk) ?? 0]),
    )
  })
}

async function insert(on: Executor, into: string, rows: readonly (readonly SqlValue[])[]): Promise<void> {
  const values = rows.map((row) => `(${marks(row.length)})`).join(', ')
  await on.run(`insert into ${into} values ${values}`, rows.flat())
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

/** Jobs whose JobLog has no row yet, or none that is over: it is written beside the end, a little later. */
export async function unloggedJobs(on: Connection): Promise<number> {
  const [row] = await on.all(
    "select count(*) as n from replication_jobs j left join job_tracking l on l.external_job_id = j.id and l.status in ('completed', 'failed') where l.id is null",
  )
  return number(row ?? {}, 'n')
}
