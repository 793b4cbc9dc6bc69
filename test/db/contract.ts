/** What every database must do, run on each of them: SQLite and a real MariaDB. */

import type { Test } from 'tap'
import type { Connection } from '../../src/db/executor.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { Database } from '../../src/db/ports.ts'
import { fromWallClock } from '../../src/model/time.ts'
import { addDisk, addDocumentedJob, addJob, connect, DOCUMENTED_JOB } from '../support/inventory.ts'
import { end, NOW, row } from '../support/rows.ts'

const ZONE = 'Europe/London'

interface Rig {
  readonly database: Database
  readonly on: Connection
}

/** `freshUrl` gives an empty database each time. */
export function databaseContract(t: Test, name: string, freshUrl: () => Promise<string>): void {
  async function rig(t: Test): Promise<Rig> {
    const url = await freshUrl()
    const database = await openDatabase(url, { zone: ZONE, poolSize: 2 })
    await database.migrate()
    await database.open()
    const on = connect(url)
    t.teardown(async () => {
      await on.close()
      await database.close()
    })
    await addDocumentedJob(on)
    return { database, on }
  }
  const one = async (on: Connection, sql: string) => (await on.all(sql))[0] ?? {}
  const job = (on: Connection) => one(on, `select * from replication_jobs where id = '${DOCUMENTED_JOB}'`)
  const context = (on: Connection) => one(on, `select * from vm_replication_contexts where context_id = 'ctx-pgtest1'`)

  t.test(
    `[DB-6] ${name}: migrate creates what is missing and nothing twice; without tables open() says what to do`,
    async (t) => {
      const database = await openDatabase(await freshUrl(), { zone: ZONE, poolSize: 1 })
      t.teardown(() => database.close())
      await t.rejects(database.open(), /lacks table .*sightline migrate/)
      t.ok((await database.migrate()).includes('replication_jobs'))
      t.same(await database.migrate(), [])
      t.same((await database.open()).missing, [])
    },
  )

  t.test(`[DB-6] ${name}: optional columns that are missing are skipped and reported`, async (t) => {
    const { database, on } = await rig(t)
    await on.run('alter table replication_jobs drop column vma_error_details')
    await on.run('alter table vm_disks rename column vm_dk_path to vmdk_path')
    t.same((await database.open()).missing, ['replication_jobs.vma_error_details'])
    t.equal((await database.writeProgress([row({ errorDetails: 'x' })])).jobs, 1)
    t.equal((await job(on))['progress_percent'], 2.17)
  })

  t.test(`[POLL-1] ${name}: active jobs, whatever the case of their status`, async (t) => {
    const { database, on } = await rig(t)
    await addJob(on, { id: 'job-upper', context: 'ctx-pgtest1', status: 'Running' })
    await addJob(on, { id: 'job-over', context: 'ctx-pgtest1', status: 'completed' })
    const ids = (await database.activeJobs(['replicating', 'running'])).map((j) => j.jobId)
    t.same(ids.toSorted(), [DOCUMENTED_JOB, 'job-upper'])
  })

  t.test(`[POLL-3] ${name}: export names come through vm_disks and ossea_volumes`, async (t) => {
    const { database, on } = await rig(t)
    await addDisk(on, {
      job: DOCUMENTED_JOB,
      context: 'ctx-pgtest1',
      diskId: 'disk-2001',
      volumeId: 161,
      volume: 'second',
    })
    const [target] = await database.targets([DOCUMENTED_JOB, 'job-unknown'])
    t.match(target, {
      jobId: DOCUMENTED_JOB,
      vmName: 'pgtest1',
      vcenterHost: 'vcenter-01',
      status: 'replicating',
      createdAt: fromWallClock('2025-09-05 16:24:27.000', ZONE) ?? 0,
      startedAt: null,
      disks: [
        {
          diskId: 'disk-2000',
          exportName: 'migration-vol-c290646c-41ba-4d50-a31f-f497320ca0bd',
          capacityBytes: 42949672960,
        },
        { diskId: 'disk-2001', exportName: 'migration-vol-second' },
      ],
    })
  })

  t.test(`[DB-2] ${name}: a progress row and its disk, in the database's wall clock`, async (t) => {
    const { database, on } = await rig(t)
    t.same(
      await database.writeProgress([row({ syncType: 'full', replicationType: 'initial', startedAt: NOW - 5_000 })]),
      { jobs: 1, disks: 1 },
    )
    t.match(await job(on), {
      status: 'replicating',
      progress_percent: 2.17,
      bytes_transferred: 933232640,
      total_bytes: 42949672960,
      current_operation: 'Transfer',
      vma_eta_seconds: null,
      vma_sync_type: 'full',
      updated_at: '2025-09-09 12:12:08.204',
      started_at: '2025-09-09 12:12:03.204',
    })
    t.match(await one(on, 'select * from vm_disks'), {
      sync_status: 'syncing',
      sync_progress_percent: 2.17,
      bytes_synced: 933232640,
    })
  })

  t.test(`[DB-2] ${name}: absent fields leave their columns, started_at is set once, '' clears`, async (t) => {
    const { database, on } = await rig(t)
    await database.writeProgress([row({ syncType: 'full', startedAt: NOW, errorMessage: 'was "wrong" 😀' })])
    await database.writeProgress([row({ startedAt: NOW + 60_000 })])
    t.match(await job(on), {
      vma_sync_type: 'full',
      started_at: '2025-09-09 12:12:08.204',
      error_message: 'was "wrong" 😀',
    })
    await database.writeProgress([row({ errorMessage: '' })])
    t.equal((await job(on))['error_message'], '')
  })

  t.test(`[STAT-3] ${name}: what another writer ended is never overwritten`, async (t) => {
    const { database, on } = await rig(t)
    for (const status of ['completed', 'failed', 'cancelled']) {
      await on.run('update replication_jobs set status = ?, progress_percent = 7', [status])
      t.equal((await database.writeProgress([row()])).jobs, 0, status)
      t.match(await database.endJobs([end({ status: 'failed' })]), [{ outcome: 'already' }])
      t.match(await job(on), { status, progress_percent: 7 })
    }
    t.equal((await context(on))['current_status'], 'replicating', 'the context is not touched either')
  })

  t.test(`[DB-1] ${name}: 1 200 rows in one call, each its own`, async (t) => {
    const { database, on } = await rig(t)
    for (let i = 0; i < 1_200; i += 1) await addJob(on, { id: `job-${i}`, context: 'ctx-pgtest1' })
    const rows = Array.from({ length: 1_200 }, (_, i) => row({ jobId: `job-${i}`, bytes: i, disks: [] }))
    t.equal((await database.writeProgress(rows)).jobs, 1_200)
    t.match(
      await one(
        on,
        `select count(*) as n, sum(bytes_transferred) as s from replication_jobs where id like 'job-%' and current_operation = 'Transfer'`,
      ),
      {
        n: 1_200,
      },
    )
    t.equal(
      (await one(on, `select bytes_transferred from replication_jobs where id = 'job-777'`))['bytes_transferred'],
      777,
    )
  })

  t.test(`[DB-3] ${name}: the end of a job over all its tables; repeating it changes nothing`, async (t) => {
    const { database, on } = await rig(t)
    t.same(await database.endJobs([end()]), [{ jobId: DOCUMENTED_JOB, outcome: 'ended' }])
    const seen = async () => [
      await job(on),
      await context(on),
      await on.all('select * from vm_disks'),
      await on.all('select * from cbt_history'),
    ]
    const first = await seen()
    t.match(first[0], { status: 'completed', progress_percent: 100, completed_at: '2025-09-09 12:12:08.204' })
    t.match(await one(on, 'select * from vm_disks'), {
      sync_status: 'completed',
      disk_change_id: '52 3c/12',
      bytes_synced: 42949672960,
    })
    t.match(await on.all('select * from cbt_history'), [
      { change_id: '52 3c/12', sync_type: 'initial', sync_success: 1, sync_duration_seconds: 400 },
    ])
    t.same(await database.endJobs([end()]), [{ jobId: DOCUMENTED_JOB, outcome: 'already' }])
    t.same(await seen(), first)
    t.same(await database.endJobs([end({ row: row({ jobId: 'job-none' }) })]), [{ jobId: 'job-none', outcome: 'gone' }])
  })

  t.test(`[DB-3] ${name}: a CBT row that another writer made at the start is filled, not doubled`, async (t) => {
    const { database, on } = await rig(t)
    await on.run(
      `insert into cbt_history (vm_context_id, job_id, disk_id, change_id, sync_type, sync_success) values ('ctx-pgtest1', '${DOCUMENTED_JOB}', 'disk-2000', '', 'initial', 0)`,
    )
    await database.endJobs([end()])
    t.match(await on.all('select * from cbt_history'), [{ change_id: '52 3c/12', sync_success: 1 }])
    t.equal((await on.all('select * from cbt_history')).length, 1)
  })

  t.test(`[CTX-1] ${name}: the context is rolled up from the jobs' rows`, async (t) => {
    const { database, on } = await rig(t)
    await database.endJobs([end()])
    t.match(await context(on), {
      current_status: 'ready_for_failover',
      current_job_id: null,
      last_successful_job_id: DOCUMENTED_JOB,
      total_jobs_run: 1,
      successful_jobs: 1,
      failed_jobs: 0,
    })
    await addJob(on, { id: 'job-2', context: 'ctx-pgtest1' })
    await addJob(on, { id: 'job-3', context: 'ctx-pgtest1' })
    await database.endJobs([end({ status: 'failed', row: row({ jobId: 'job-2', status: 'failed' }) })])
    t.match(await context(on), {
      current_status: 'replicating',
      current_job_id: 'job-3',
      failed_jobs: 1,
      total_jobs_run: 3,
    })
    await database.endJobs([end({ status: 'failed', row: row({ jobId: 'job-3', status: 'failed' }) })])
    t.match(await context(on), {
      current_status: 'failed',
      current_job_id: null,
      failed_jobs: 2,
      last_successful_job_id: DOCUMENTED_JOB,
    })
  })

  t.test(`[CTX-1] ${name}: a VM that is failed over is never set back`, async (t) => {
    const { database, on } = await rig(t)
    await on.run(`update vm_replication_contexts set current_status = 'failed_over_test'`)
    await database.endJobs([end()])
    t.match(await context(on), { current_status: 'failed_over_test', successful_jobs: 1 })
  })

  t.test(`[DB-4] ${name}: a disk row that is not there does not stop the job's row`, async (t) => {
    const { database, on } = await rig(t)
    await on.run('delete from vm_disks')
    t.same(await database.writeProgress([row()]), { jobs: 1, disks: 0 })
    await on.run('alter table vm_disks rename to vm_disks_gone')
    const report = await database.writeProgress([row({ percent: 3 })])
    t.equal(report.jobs, 1)
    t.ok(report.diskError)
    t.equal((await job(on))['progress_percent'], 3)
  })
}
