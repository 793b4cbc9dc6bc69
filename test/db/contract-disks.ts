/** Disk rows: one per VM, moved from job to job; and rows that can't be written (DB-4). */

import type { Test } from 'tap'
import type { DiskRow } from '../../src/db/ports.ts'
import { addDisk, addJob, DOCUMENTED_JOB } from '../support/inventory.ts'
import { end, NOW, row } from '../support/rows.ts'
import { CONTEXT, Rig, type Kind } from './rig.ts'

const NEXT_JOB = 'job-20250906-090000'

/** The next job of the VM takes the disk rows over, as the GUI does it. */
async function moveOn({ on }: Rig): Promise<void> {
  await addJob(on, { id: NEXT_JOB, context: CONTEXT, createdAt: '2025-09-06 09:00:00.000' })
  await on.run(`update vm_disks set job_id = ?, sync_status = 'pending', sync_progress_percent = 0, bytes_synced = 0`, [
    NEXT_JOB,
  ])
}

export function disksContract(t: Test, kind: Kind): void {
  const { name } = kind
  t.test(`[DB-2] ${name}: a disk row that a later job took over is not touched by the earlier one`, async (t) => {
    const rig = await Rig.open(t, kind)
    const { database } = rig
    await database.writeProgress([row()])
    await moveOn(rig)
    const moved = await rig.disk()
    t.same(await database.writeProgress([row({ percent: 50 })]), { jobs: 1, disks: 0 })
    t.match(await database.endJobs([end()]), [{ jobId: DOCUMENTED_JOB, outcome: 'ended' }])
    t.same(await rig.disk(), moved, 'neither by progress nor by its end')
    t.match(await rig.cbt(), [{ job_id: DOCUMENTED_JOB, disk_id: 'disk-2000', sync_success: 1 }], 'its record is made')
    t.match(await rig.context(), { current_status: 'replicating', current_job_id: NEXT_JOB })

    t.same(await database.writeProgress([row({ jobId: NEXT_JOB })]), { jobs: 1, disks: 1 })
    t.equal((await rig.disk())['bytes_synced'], 933232640)
    await database.endJobs([end({ row: row({ jobId: NEXT_JOB, status: 'completed' }) })])
    t.match(await rig.disk(), { job_id: NEXT_JOB, sync_status: 'completed' })
    t.match(await rig.cbt(), [{ job_id: DOCUMENTED_JOB }, { job_id: NEXT_JOB, sync_success: 1 }])
  })

  t.test(`[DB-4] ${name}: a disk row that is not there does not stop the job's row`, async (t) => {
    const rig = await Rig.open(t, kind)
    const { database, on } = rig
    await on.run('delete from vm_disks')
    t.same(await database.writeProgress([row()]), { jobs: 1, disks: 0 })
    await on.run('alter table vm_disks rename to vm_disks_gone')
    const report = await database.writeProgress([row({ percent: 3 })])
    t.equal(report.jobs, 1)
    t.ok(report.diskError)
    t.equal((await rig.job())['progress_percent'], 3)
    t.match(await database.endJobs([end()]), [{ outcome: 'ended', diskError: /vm_disks/ }])
    t.match(await rig.job(), { status: 'completed' })
    t.match(await rig.cbt(), [{ sync_success: 1 }])
  })

  t.test(`[DB-4] ${name}: of many disk rows only those that are refused are left out`, async (t) => {
    const rig = await Rig.open(t, kind)
    const { database, on } = rig
    const disks: DiskRow[] = []
    for (let i = 0; i < 60; i += 1) {
      await addDisk(on, {
        job: DOCUMENTED_JOB,
        context: CONTEXT,
        diskId: `d-${i}`,
        volumeId: 1_000 + i,
        volume: `v${i}`,
      })
      disks.push({ diskId: `d-${i}`, status: 'syncing', percent: 1, bytes: i + 1 })
    }
    await rig.refuse('vm_disks', 'update', `new.disk_id in ('d-7', 'd-41')`)
    const report = await database.writeProgress([row({ disks })])
    t.match(report, { jobs: 1, disks: 58, diskError: /refused by a trigger/ })
    t.equal((await rig.one('select count(*) as n from vm_disks where bytes_synced > 0'))['n'], 58)
  })

  t.test(`[DB-4] ${name}: an end whose disk rows are refused still ends the job, and says so`, async (t) => {
    const rig = await Rig.open(t, kind)
    await rig.refuse('vm_disks', 'update')
    t.match(await rig.database.endJobs([end()]), [{ outcome: 'ended', diskError: /^refused by a trigger$/ }])
    t.match(await rig.job(), { status: 'completed', completed_at: '2025-09-09 12:12:08.204' })
    t.match(await rig.disk(), { sync_status: 'pending' })
    t.match(await rig.cbt(), [{ sync_success: 1 }], 'one table does not stop the other')
    t.match(await rig.context(), { current_status: 'ready_for_failover', current_job_id: null, successful_jobs: 1 })
  })

  t.test(`[DB-4] ${name}: an end whose CBT history is refused still ends the job and its disks`, async (t) => {
    const rig = await Rig.open(t, kind)
    await rig.refuse('cbt_history', 'insert')
    t.match(await rig.database.endJobs([end()]), [{ outcome: 'ended', diskError: /refused/ }])
    t.match(await rig.disk(), { sync_status: 'completed' })
    t.same(await rig.cbt(), [])
    t.match(await rig.context(), { current_status: 'ready_for_failover' })
    t.match(await rig.database.endJobs([end({ completedAt: NOW + 1 })]), [{ outcome: 'already' }])
  })

  t.test(`[DB-4] ${name}: a job whose VM context is not there ends all the same`, async (t) => {
    const rig = await Rig.open(t, kind)
    await rig.on.run('update replication_jobs set vm_context_id = null')
    t.same(await rig.database.endJobs([end({ vmContextId: '' })]), [{ jobId: DOCUMENTED_JOB, outcome: 'ended' }])
    t.match(await rig.cbt(), [{ vm_context_id: null, sync_success: 1 }])
    await addJob(rig.on, { id: NEXT_JOB, context: CONTEXT })
    const unknown = end({ vmContextId: 'ctx-unknown', row: row({ jobId: NEXT_JOB, status: 'completed' }) })
    t.match(await rig.database.endJobs([unknown]), [{ outcome: 'ended', diskError: /foreign key/i }])
    t.match(await rig.job(NEXT_JOB), { status: 'completed' })
  })

  t.test(`[DB-3] ${name}: a job that is deleted in mid-run is gone: nothing is made anew for it`, async (t) => {
    const rig = await Rig.open(t, kind)
    await rig.database.writeProgress([row()])
    await rig.on.run('delete from replication_jobs')
    t.same(await rig.database.writeProgress([row()]), { jobs: 0, disks: 0 })
    t.same(await rig.database.endJobs([end()]), [{ jobId: DOCUMENTED_JOB, outcome: 'gone' }])
    const [jobs, disks, cbt] = await rig.everything()
    t.same([jobs, disks, cbt], [[], [], []])
  })
}
