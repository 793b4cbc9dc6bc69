/** RECOVER-3, the database's part: which jobs silence alone failed, and putting them back to work. */

import type { Test } from 'tap'
import type { JobEnd, Revival } from '../../src/db/ports.ts'
import { addJob, DOCUMENTED_JOB } from '../support/inventory.ts'
import { end, NOW, row } from '../support/rows.ts'
import { CONTEXT, Rig, type Kind } from './rig.ts'

const LATER = NOW + 60_000
const REVIVAL: Revival = { jobId: DOCUMENTED_JOB, vmContextId: CONTEXT, status: 'replicating', at: LATER }

/** As the OMA fails a job for want of contact. */
function lost(jobId = DOCUMENTED_JOB, fields: Partial<JobEnd['row']> = {}): JobEnd {
  const base = end({ status: 'failed' })
  return {
    ...base,
    disks: base.disks.map((disk) => ({ ...disk, percent: 40, bytes: 400, changeId: '' })),
    row: row({
      jobId,
      status: 'failed',
      disks: [],
      errorMessage: 'VMA communication timeout exceeded (5m)',
      errorClassification: 'connection',
      errorDetails: 'timeout: no whole answer',
      ...fields,
    }),
  }
}

export function revivalsContract(t: Test, kind: Kind): void {
  const { name } = kind
  t.test(
    `[RECOVER-3] ${name}: only the latest job of a VM that silence failed is found, and only since then`,
    async (t) => {
      const { database, on } = await Rig.open(t, kind)
      t.same(await database.lostJobs(0), [], 'an active job is not lost')
      await database.endJobs([lost()])
      t.same(await database.lostJobs(NOW - 1), [{ jobId: DOCUMENTED_JOB, status: 'failed' }])
      t.same(await database.lostJobs(NOW + 1), [])
      t.match(await database.targets([DOCUMENTED_JOB]), [
        {
          jobId: DOCUMENTED_JOB,
          vmContextId: CONTEXT,
          disks: [{ diskId: 'disk-2000', exportName: /^migration-vol-/ }],
        },
      ])
      await addJob(on, { id: 'job-later', context: CONTEXT, createdAt: '2025-09-06 09:00:00.000' })
      t.same(await database.lostJobs(NOW - 1), [], 'a later job has taken its place')
      await database.endJobs([lost('job-later', { errorMessage: 'disk full', errorClassification: 'vma' })])
      t.same(await database.lostJobs(NOW - 1), [], 'the VMA told the failure')
    },
  )

  t.test(`[RECOVER-3] ${name}: a lost job goes on, with its disks and its context`, async (t) => {
    const rig = await Rig.open(t, kind)
    const { database } = rig
    await database.endJobs([lost()])
    t.match(await rig.context(), { current_status: 'failed', current_job_id: null, failed_jobs: 1 })
    t.same(await database.reviveJobs([REVIVAL]), [{ jobId: DOCUMENTED_JOB, outcome: 'revived' }])
    t.match(
      await rig.job(),
      rig.standing('replication_jobs', {
        status: 'replicating',
        error_message: '',
        vma_error_classification: '',
        vma_error_details: '',
        completed_at: null,
        updated_at: '2025-09-09 12:13:08.204',
      }),
    )
    t.match(await rig.disk(), { sync_status: 'syncing', bytes_synced: 400 })
    t.match(await rig.context(), {
      current_status: 'replicating',
      current_job_id: DOCUMENTED_JOB,
      total_jobs_run: 1,
      failed_jobs: 0,
      last_status_change: /^2025-09-09 12:13:08/,
    })
    t.match(await database.activeJobs(['replicating']), [{ jobId: DOCUMENTED_JOB }])
    t.same(await database.lostJobs(0), [])

    const before = await rig.everything()
    t.same(await database.reviveJobs([{ ...REVIVAL, at: LATER + 1 }]), [{ jobId: DOCUMENTED_JOB, outcome: 'revived' }])
    t.same(await rig.everything(), before, 'repeating it changes nothing')
  })

  t.test(`[RECOVER-3] ${name}: the end of a revived job fills the record of its loss`, async (t) => {
    const rig = await Rig.open(t, kind)
    await rig.database.endJobs([lost()])
    t.match(await rig.cbt(), [{ sync_success: 0, bytes_transferred: 400 }])
    await rig.database.reviveJobs([REVIVAL])
    t.match(await rig.cbt(), [{ sync_success: 0 }])
    t.match(await rig.database.endJobs([end({ completedAt: LATER + 5_000 })]), [{ outcome: 'ended' }])
    t.equal((await rig.cbt()).length, 1)
    t.match(await rig.cbt(), [{ sync_success: 1, bytes_transferred: 42949672960, change_id: '52 3c/12' }])
    t.match(await rig.disk(), { sync_status: 'completed' })
    t.match(await rig.context(), {
      current_status: 'ready_for_failover',
      successful_jobs: 1,
      failed_jobs: 0,
      last_successful_job_id: DOCUMENTED_JOB,
    })
  })

  t.test(`[RECOVER-3, STAT-3] ${name}: any other end stays, and a VM with a later job is left alone`, async (t) => {
    const rig = await Rig.open(t, kind)
    const { database, on } = rig
    const refusedWhen = async (what: string, reason: RegExp) => {
      const before = await rig.everything()
      t.match(await database.reviveJobs([REVIVAL]), [{ jobId: DOCUMENTED_JOB, outcome: 'refused', reason }], what)
      t.same(await rig.everything(), before, what)
    }
    await database.endJobs([lost()])
    for (const status of ['cancelled', 'completed']) {
      await on.run('update replication_jobs set status = ?', [status])
      await refusedWhen(status, new RegExp(`the job is ${status}`))
    }
    await on.run(`update replication_jobs set status = 'failed', error_message = 'disk full'`)
    await refusedWhen('failed for another reason', /not for want of contact/)
    await on.run(`update replication_jobs set error_message = 'VMA communication timeout exceeded (5m)'`)
    await addJob(on, { id: 'job-later', context: CONTEXT, createdAt: '2025-09-06 09:00:00.000' })
    await refusedWhen('a later job', /a later job of its VM/)
    t.same(await database.reviveJobs([{ ...REVIVAL, jobId: 'job-none' }]), [{ jobId: 'job-none', outcome: 'gone' }])
  })

  t.test(`[RECOVER-3, CTX-1] ${name}: a VM that was failed over meanwhile stays failed over`, async (t) => {
    const rig = await Rig.open(t, kind)
    await rig.database.endJobs([lost()])
    await rig.on.run(`update vm_replication_contexts set current_status = 'failed_over_live'`)
    t.match(await rig.database.reviveJobs([REVIVAL]), [{ outcome: 'revived' }])
    t.match(await rig.context(), { current_status: 'failed_over_live', current_job_id: DOCUMENTED_JOB })
  })

  t.test(`[RECOVER-3] ${name}: a revival is whole or not at all; a refused disk row does not stop it`, async (t) => {
    const rig = await Rig.open(t, kind)
    await rig.database.endJobs([lost()])
    const before = await rig.everything()
    await rig.refuse('vm_replication_contexts', 'update')
    t.match(await rig.database.reviveJobs([REVIVAL]), [{ outcome: 'error', retryable: false, error: /refused/ }])
    t.same(await rig.everything(), before)
    await rig.allow('vm_replication_contexts')
    await rig.refuse('vm_disks', 'update')
    t.match(await rig.database.reviveJobs([REVIVAL]), [{ outcome: 'revived', diskError: /refused/ }])
    t.match(await rig.job(), { status: 'replicating' })
  })

  t.test(`[RECOVER-3] ${name}: without a classification the message tells; without both nothing is lost`, async (t) => {
    const { database, on } = await Rig.open(t, kind)
    await database.endJobs([lost()])
    await on.run('alter table replication_jobs drop column vma_error_classification')
    await database.open()
    t.match(await database.lostJobs(NOW - 1), [{ jobId: DOCUMENTED_JOB }])
    await on.run('alter table replication_jobs drop column error_message')
    await database.open()
    t.same(await database.lostJobs(NOW - 1), [])
    t.match(await database.reviveJobs([REVIVAL]), [{ outcome: 'refused', reason: /do not tell/ }])
  })
}
