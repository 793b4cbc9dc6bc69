/** What every database must do, run on each of them: SQLite and a real MariaDB, with our tables and with deployed ones. */

import type { Test } from 'tap'
import { openDatabase } from '../../src/db/open.ts'
import { fromWallClock } from '../../src/model/time.ts'
import { inFull, listed } from '../support/contexts.ts'
import { addDisk, addJob, addVm, DOCUMENTED_JOB } from '../support/inventory.ts'
import { row } from '../support/rows.ts'
import { disksContract } from './contract-disks.ts'
import { endsContract } from './contract-ends.ts'
import { progressContract } from './contract-progress.ts'
import { revivalsContract } from './contract-revivals.ts'
import { CONTEXT, Rig, ZONE, type Kind } from './rig.ts'

/** `freshUrl` gives a database of its own each time: an empty one, or one whose tables other services made. */
export function databaseContract(
  t: Test,
  name: string,
  freshUrl: () => Promise<string>,
  { deployed = false, asService }: { readonly deployed?: boolean; readonly asService?: Kind['asService'] } = {},
): void {
  const kind: Kind = { name, freshUrl, asService, dialect: name.startsWith('SQLite') ? 'sqlite' : 'mysql' }
  if (!deployed) emptyContract(t, kind)
  readsContract(t, kind)
  progressContract(t, kind)
  endsContract(t, kind)
  disksContract(t, kind)
  revivalsContract(t, kind)
}

function emptyContract(t: Test, { name, freshUrl }: Kind): void {
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
}

function readsContract(t: Test, kind: Kind): void {
  const { name } = kind
  t.test(`[DB-6] ${name}: optional columns that are missing are skipped and reported`, async (t) => {
    const rig = await Rig.open(t, kind)
    const { database, on } = rig
    const before = (await database.open()).missing
    await on.run('alter table replication_jobs drop column vma_sync_type')
    if (rig.has('vm_disks.vm_dk_path')) await on.run('alter table vm_disks rename column vm_dk_path to vmdk_path')
    t.same((await database.open()).missing.toSorted(), [...before, 'replication_jobs.vma_sync_type'].toSorted())
    t.equal((await database.writeProgress([row({ syncType: 'full' })])).jobs, 1)
    t.equal((await rig.job())['progress_percent'], 2.17)
  })

  t.test(`[POLL-1] ${name}: active jobs, whatever the case of their status`, async (t) => {
    const { database, on } = await Rig.open(t, kind)
    await addJob(on, { id: 'job-upper', context: CONTEXT, status: 'Running' })
    await addJob(on, { id: 'job-over', context: CONTEXT, status: 'completed' })
    const ids = (await database.activeJobs(['replicating', 'running'])).map((j) => j.jobId)
    t.same(ids.toSorted(), [DOCUMENTED_JOB, 'job-upper'])
  })

  t.test(`[POLL-3] ${name}: export names come through vm_disks and ossea_volumes`, async (t) => {
    const { database, on } = await Rig.open(t, kind)
    await addDisk(on, { job: DOCUMENTED_JOB, context: CONTEXT, diskId: 'disk-2001', volumeId: 161, volume: 'second' })
    const [target] = await database.targets([DOCUMENTED_JOB, 'job-unknown', 'job 😀'])
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

  t.test(`[API-1] ${name}: the documented answers, field for field`, async (t) => {
    const { database, on } = await Rig.open(t, kind)
    await addVm(on, { context: 'ctx-other', name: 'o\'brien "x"' })
    await database.writeProgress([row()])
    const list = await listed(database)
    t.same(
      list.map((c) => c.vm_name),
      ['o\'brien "x"', 'pgtest1'],
    )
    const [detail] = await inFull(database, 'pgtest1')
    t.match(detail, {
      context: {
        context_id: CONTEXT,
        current_job_id: DOCUMENTED_JOB,
        last_successful_job_id: null,
        os_type: '',
        cpu_count: 0,
      },
      current_job: {
        progress_percent: 2.17,
        vma_throughput_mbps: 11.46,
        error_message: '',
        created_at: '2025-09-05T16:24:27+01:00',
        updated_at: '2025-09-09T12:12:08.204+01:00',
      },
      job_history: [],
      disks: [{ disk_id: 'disk-2000', vmdk_path: `[ds] ${CONTEXT}/disk-2000.vmdk`, sync_status: 'syncing' }],
      cbt_history: [],
    })
    t.same(await inFull(database, 'nobody'), [])
    t.same(await inFull(database, 'no 😀 body'), [], 'also a name that no column can spell')
  })
}
