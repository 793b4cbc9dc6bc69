/** The tables as other services made them (test/fixtures/deployed.sql): everything that holds for ours holds for them. */

import t, { type Test } from 'tap'
import type { Connection, Row, SqlValue } from '../../src/db/executor.ts'
import { openDatabase } from '../../src/db/open.ts'
import { activeJobs } from '../../src/db/reads.ts'
import { lostJobs } from '../../src/db/revivals.ts'
import { deployed, standingTables } from '../support/deployed.ts'
import { connect } from '../support/inventory.ts'
import { MariaDb } from '../support/mariadb.ts'
import { databaseContract } from './contract.ts'

const server = await MariaDb.start()
t.teardown(() => server.stop())
let count = 0
const freshUrl = async (): Promise<string> => await deployed(server, `deployed_${(count += 1)}`)
databaseContract(t, 'MariaDB as deployed', freshUrl, { deployed: true })

t.test('[DB-6] MariaDB as deployed: nothing is missing, and migrate changes nothing that stands', async (t) => {
  const url = await freshUrl()
  const on = connect(url)
  const database = await openDatabase(url, { zone: 'UTC', poolSize: 1 })
  t.teardown(async () => {
    await on.close()
    await database.close()
  })
  t.same((await database.open()).missing, ['table sightline_job_history'], 'but for the one table of ours')
  const before = await standingTables(on)
  const made = await database.migrate()
  t.same(
    made.filter((name) => before.has(name)),
    [],
  )
  const after = await standingTables(on)
  for (const [name, statement] of before) t.equal(after.get(name), statement, name)
})

/** The documents' installation after some years: many jobs that ended, few that run or were lost. */
async function filled(t: Test): Promise<Connection> {
  const on = connect(await freshUrl())
  t.teardown(() => on.close())
  await on.run(
    `insert into vm_replication_contexts (context_id, vm_name, vmware_vm_id, vm_path, vcenter_host, datacenter) select concat('ctx-', seq), concat('vm-', seq), '', '', '', '' from seq_0_to_99`,
  )
  await on.run(
    `insert into replication_jobs (id, vm_context_id, source_vm_id, source_vm_name, source_vm_path, v_center_host, datacenter, replication_type, status, error_message, vma_error_classification, created_at, updated_at, completed_at)
       select concat('job-', seq), concat('ctx-', seq mod 100), '', '', '', '', '', 'initial',
         case when seq >= 3980 then 'replicating' when seq mod 4 = 0 then 'failed' else 'completed' end,
         if(seq mod 4 = 0, 'VMA communication timeout exceeded (5m)', ''), if(seq mod 4 = 0, 'connection', ''),
         '2025-01-01' + interval seq minute, '2025-01-01' + interval seq minute, '2025-01-01' + interval seq minute
       from seq_0_to_3999`,
  )
  await on.all('analyze table replication_jobs')
  return on
}

/** The plan of the one query that `ask` puts, by the alias of each table. */
async function planOf(on: Connection, ask: (on: Connection) => Promise<unknown>): Promise<ReadonlyMap<string, Row>> {
  const asked: (readonly [string, readonly SqlValue[]])[] = []
  const all = async (sql: string, params: readonly SqlValue[] = []): Promise<readonly Row[]> => {
    asked.push([sql, params])
    return []
  }
  await ask({ all, run: on.run.bind(on), transaction: on.transaction.bind(on), close: on.close.bind(on) })
  const [first, ...more] = asked
  if (first === undefined || more.length > 0) throw new Error(`${asked.length} queries where one was expected`)
  const plan = await on.all(`explain ${first[0]}`, first[1])
  return new Map(plan.map((row) => [String(row['table']), row]))
}

t.test('[POLL-1] MariaDB as deployed: discovery reads an index, not all the jobs that ever were', async (t) => {
  const on = await filled(t)
  const statuses = ['pending', 'queued', 'running', 'replicating', 'initializing', 'preparing', 'snapshotting']
  const plan = (await planOf(on, (on) => activeJobs({ on }, statuses))).get('replication_jobs')
  t.match(plan, { type: 'range', key: /^idx_replication_jobs_status_/ })
  t.ok(Number(plan?.['rows']) < 400, `${String(plan?.['rows'])} of 4 000 rows`)
})

t.test('[RECOVER-3] MariaDB as deployed: lost jobs come by (status, completed_at) and their VM', async (t) => {
  const on = await filled(t)
  const columns = ['vma_error_classification', 'error_message', 'created_at', 'completed_at']
  const known = new Map([['replication_jobs', new Set(columns)]])
  const since = Date.parse('2025-01-03T00:00:00Z')
  const plan = await planOf(on, (on) => lostJobs({ on, known, limits: new Map(), zone: 'UTC' }, since))
  t.match(plan.get('j'), { type: 'range', key: 'idx_replication_jobs_status_completed' })
  t.match(plan.get('n'), { type: 'ref', key: 'idx_replication_jobs_vm_context' })
})
