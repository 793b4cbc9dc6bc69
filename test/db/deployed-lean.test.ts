/** An older build's tables: latin1, other types, columns that take no null, no JobLog; and tables with the least there is. */

import t from 'tap'
import { text } from '../../src/db/executor.ts'
import { openDatabase } from '../../src/db/open.ts'
import { TABLES } from '../../src/db/schema.ts'
import { deployed, deployedLean, standingTables } from '../support/deployed.ts'
import { inFull, listed } from '../support/contexts.ts'
import { addDocumentedJob, connect, DOCUMENTED_JOB } from '../support/inventory.ts'
import { MariaDb } from '../support/mariadb.ts'
import { end, row } from '../support/rows.ts'
import { databaseContract } from './contract.ts'
import { ZONE } from './rig.ts'

const server = await MariaDb.start()
t.teardown(() => server.stop())
let count = 0
const freshUrl = async (): Promise<string> => await deployedLean(server, `lean_${(count += 1)}`)
databaseContract(t, 'MariaDB as deployed, lean', freshUrl, { deployed: true })

t.test('[DB-6] MariaDB as deployed, lean: what is missing is told; migrate makes tables and alters none', async (t) => {
  const url = await freshUrl()
  const on = connect(url)
  const database = await openDatabase(url, { zone: 'UTC', poolSize: 1 })
  t.teardown(async () => {
    await on.close()
    await database.close()
  })
  const { missing } = await database.open()
  for (const path of ['table job_tracking', 'replication_jobs.started_at', 'replication_jobs.vma_error_details'])
    t.ok(missing.includes(path), path)
  t.notOk(missing.includes('vm_disks.vm_dk_path'), 'vmdk_path is its other name')
  const before = await standingTables(on)
  t.ok((await database.migrate()).includes('job_tracking'))
  const after = await standingTables(on)
  for (const [name, statement] of before) t.equal(after.get(name), statement, name)
})

t.test('[DB-6] MariaDB: with the needed columns alone everything still works', async (t) => {
  const url = await deployed(server, 'needed_only')
  const on = connect(url)
  const database = await openDatabase(url, { zone: ZONE, poolSize: 2 })
  t.teardown(async () => {
    await on.close()
    await database.close()
  })
  await addDocumentedJob(on)
  const keys = await on.all(
    `select table_name as t, constraint_name as c from information_schema.referential_constraints where constraint_schema = database()`,
  )
  for (const key of keys) await on.run(`alter table ${text(key, 't')} drop foreign key ${text(key, 'c')}`)
  const uniques = await on.all(
    `select distinct table_name as t, index_name as i from information_schema.statistics where table_schema = database() and non_unique = 0 and index_name <> 'PRIMARY'`,
  )
  for (const unique of uniques) await on.run(`alter table ${text(unique, 't')} drop index ${text(unique, 'i')}`)
  for (const { name, needed, columns } of TABLES) {
    if (!needed) await on.run(`drop table if exists ${name} cascade`)
    const drops = columns.filter((column) => !column.needed).map((column) => `drop column ${column.name}`)
    if (needed) await on.run(`alter table ${name} ${drops.join(', ')}`)
  }
  t.ok((await database.open()).missing.length > 50)
  t.match(await database.activeJobs(['replicating']), [{ jobId: DOCUMENTED_JOB }])
  t.match(await database.targets([DOCUMENTED_JOB]), [{ disks: [{ exportName: /^migration-vol-/ }] }])
  t.same(await database.writeProgress([row({ syncType: 'full', errorMessage: 'x' })]), { jobs: 1, disks: 1 })
  t.match(await listed(database), [{ vm_name: 'pgtest1' }])
  t.match(await inFull(database, 'pgtest1'), [
    { current_job: { progress_percent: 2.17 }, disks: [{ sync_status: 'syncing' }] },
  ])
  t.same(await database.endJobs([end()]), [{ jobId: DOCUMENTED_JOB, outcome: 'ended' }])
  t.match(await inFull(database, 'pgtest1'), [
    { context: { current_status: 'ready_for_failover', current_job_id: null } },
  ])
  t.match(await on.all('select * from cbt_history'), [{ change_id: '52 3c/12', sync_type: 'initial' }])
  t.same(await database.lostJobs(0), [])
})
