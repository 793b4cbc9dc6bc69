/** The end of a job (DB-3) and what it makes of the VM's context (CTX-1), also with two writers at once. */

import type { Test } from 'tap'
import type { JobEnd } from '../../src/db/ports.ts'
import { addDisk, addJob, DOCUMENTED_JOB } from '../support/inventory.ts'
import { end, NOW, row } from '../support/rows.ts'
import { CONTEXT, Rig, type Kind } from './rig.ts'

function endOf(jobId: string, status: JobEnd['status'] = 'completed'): JobEnd {
  return end({ status, row: row({ jobId, status, disks: [] }) })
}

export function endsContract(t: Test, kind: Kind): void {
  const { name } = kind
  t.test(`[DB-3] ${name}: the end of a job over all its tables; repeating it changes nothing`, async (t) => {
    const rig = await Rig.open(t, kind)
    const { database } = rig
    t.same(await database.endJobs([end()]), [{ jobId: DOCUMENTED_JOB, outcome: 'ended' }])
    const first = await rig.everything()
    t.match(await rig.job(), { status: 'completed', progress_percent: 100, completed_at: '2025-09-09 12:12:08.204' })
    t.match(await rig.disk(), { sync_status: 'completed', disk_change_id: '52 3c/12', bytes_synced: 42949672960 })
    t.match(await rig.cbt(), [
      { change_id: '52 3c/12', sync_type: 'initial', sync_success: 1, sync_duration_seconds: 400 },
    ])
    t.same(await database.endJobs([end({ completedAt: NOW + 5_000 })]), [{ jobId: DOCUMENTED_JOB, outcome: 'already' }])
    t.same(await rig.everything(), first)
    t.same(await database.endJobs([endOf('job-none')]), [{ jobId: 'job-none', outcome: 'gone' }])
  })

  t.test(`[DB-3] ${name}: a CBT row that another writer made at the start is filled, not doubled`, async (t) => {
    const rig = await Rig.open(t, kind)
    await rig.on.run(
      `insert into cbt_history (vm_context_id, job_id, disk_id, change_id, previous_change_id, sync_type, sync_success) values ('${CONTEXT}', '${DOCUMENTED_JOB}', 'disk-2000', '', '52 3c/11', 'initial', 0)`,
    )
    await rig.database.endJobs([end()])
    t.match(await rig.cbt(), [{ change_id: '52 3c/12', previous_change_id: '52 3c/11', sync_success: 1 }])
    t.equal((await rig.cbt()).length, 1)
  })

  t.test(`[AGG-3, DB-3] ${name}: a disk that nobody asked for keeps its job from being completed`, async (t) => {
    const rig = await Rig.open(t, kind)
    const late = { job: DOCUMENTED_JOB, context: CONTEXT, diskId: 'disk-2001', volumeId: 161, volume: 'late' }
    await addDisk(rig.on, late)
    const before = await rig.everything()
    t.same(await rig.database.endJobs([end()]), [{ jobId: DOCUMENTED_JOB, outcome: 'unplanned' }])
    t.same(await rig.everything(), before)
    t.match(await rig.database.endJobs([end({ status: 'failed' })]), [{ outcome: 'ended' }], 'one is enough to fail')
  })

  t.test(`[STAT-3] ${name}: another writer's end stays, and its context is left to it`, async (t) => {
    const rig = await Rig.open(t, kind)
    for (const status of ['completed', 'failed', 'cancelled']) {
      await rig.on.run('update replication_jobs set status = ?, progress_percent = 7', [status])
      const before = await rig.everything()
      t.match(await rig.database.endJobs([end({ status: 'failed' })]), [{ outcome: 'already' }], status)
      t.same(await rig.everything(), before)
    }
  })

  t.test(`[DB-3] ${name}: an end that breaks off in the middle leaves nothing, and lands later`, async (t) => {
    const rig = await Rig.open(t, kind)
    const before = await rig.everything()
    await rig.refuse('vm_replication_contexts', 'update')
    t.match(await rig.database.endJobs([end()]), [
      { outcome: 'error', error: /refused by a trigger/, retryable: false },
    ])
    t.same(await rig.everything(), before)
    await rig.allow('vm_replication_contexts')
    t.match(await rig.database.endJobs([end()]), [{ outcome: 'ended' }])
    t.equal((await rig.cbt()).length, 1)
  })

  t.test(`[CTX-1] ${name}: the context is rolled up after the job's row is final, never before`, async (t) => {
    const rig = await Rig.open(t, kind)
    await rig.on.run('create table seen (status varchar(50))')
    const note = `insert into seen select status from replication_jobs where id = '${DOCUMENTED_JOB}'`
    await rig.on.run(
      `create trigger note_order before update on vm_replication_contexts for each row ${rig.dialect === 'mysql' ? note : `begin ${note}; end`}`,
    )
    await rig.database.endJobs([end()])
    t.same(await rig.on.all('select * from seen'), [{ status: 'completed' }])
  })

  t.test(`[CTX-1] ${name}: the context is rolled up from the jobs' rows`, async (t) => {
    const rig = await Rig.open(t, kind)
    const { database, on } = rig
    await database.endJobs([end()])
    t.match(await rig.context(), {
      current_status: 'ready_for_failover',
      current_job_id: null,
      last_successful_job_id: DOCUMENTED_JOB,
      total_jobs_run: 1,
      successful_jobs: 1,
      failed_jobs: 0,
      last_job_at: null,
    })
    await addJob(on, { id: 'job-2', context: CONTEXT })
    await addJob(on, { id: 'job-3', context: CONTEXT })
    await database.endJobs([endOf('job-2', 'failed')])
    t.match(await rig.context(), {
      current_status: 'replicating',
      current_job_id: 'job-3',
      failed_jobs: 1,
      total_jobs_run: 3,
    })
    await database.endJobs([endOf('job-3', 'failed')])
    t.match(await rig.context(), {
      current_status: 'failed',
      current_job_id: null,
      failed_jobs: 2,
      last_successful_job_id: DOCUMENTED_JOB,
    })
  })

  t.test(`[CTX-1] ${name}: a job that ends after a later one does not speak for the VM`, async (t) => {
    const rig = await Rig.open(t, kind)
    await addJob(rig.on, { id: 'job-later', context: CONTEXT, createdAt: '2025-09-06 09:00:00.000' })
    await rig.database.endJobs([endOf('job-later')])
    t.match(await rig.context(), { current_status: 'replicating', current_job_id: DOCUMENTED_JOB })
    await rig.database.endJobs([end({ status: 'failed', row: row({ status: 'failed' }) })])
    t.match(await rig.context(), {
      current_status: 'ready_for_failover',
      current_job_id: null,
      last_successful_job_id: 'job-later',
      successful_jobs: 1,
      failed_jobs: 1,
    })
  })

  t.test(`[CTX-1] ${name}: a VM that is failed over is never set back`, async (t) => {
    const rig = await Rig.open(t, kind)
    for (const status of ['failed_over_test', 'failed_over_live']) {
      await rig.on.run('update vm_replication_contexts set current_status = ?', [status])
      await addJob(rig.on, { id: `job-${status}`, context: CONTEXT })
      await rig.database.endJobs([endOf(`job-${status}`, 'failed')])
      t.equal((await rig.context())['current_status'], status)
    }
    await rig.database.endJobs([end()])
    t.match(await rig.context(), { current_status: 'failed_over_live', successful_jobs: 1, failed_jobs: 2 })
  })

  t.test(`[DB-3, CTX-1] ${name}: many ends of one VM over two connections, each twice: counted once`, async (t) => {
    const rig = await Rig.open(t, kind)
    const ids = [DOCUMENTED_JOB, 'job-1', 'job-2', 'job-3', 'job-4', 'job-5']
    for (const id of ids.slice(1)) await addJob(rig.on, { id, context: CONTEXT })
    const other = await rig.another(t)
    const ends = ids.map((id, i) => endOf(id, i % 2 === 0 ? 'completed' : 'failed'))
    // SQLite's second connection would wait for the first one with the thread that both need.
    const first = rig.database.endJobs(ends)
    if (rig.dialect === 'sqlite') await first
    const results = await Promise.all([first, other.endJobs(ends.toReversed())])
    const outcomes = results.flat().map(({ outcome }) => outcome)
    t.same([outcomes.filter((o) => o === 'ended').length, outcomes.filter((o) => o === 'already').length], [6, 6])
    t.match(await rig.context(), { current_job_id: null, total_jobs_run: 6, successful_jobs: 3, failed_jobs: 3 })
    t.same((await rig.cbt()).map((r) => r['job_id']).toSorted(), ids.toSorted())
  })
}
