/** Ends and revivals beside other writers, on locks and connections that break, in the deployed tables. */

import t, { type Test } from 'tap'
import { number, type Executor } from '../../src/db/executor.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { Database, EndResult } from '../../src/db/ports.ts'
import { deployed } from '../support/deployed.ts'
import { addJob, DOCUMENTED_JOB } from '../support/inventory.ts'
import { MariaDb } from '../support/mariadb.ts'
import { Relay } from '../support/relay.ts'
import { end, NOW, row } from '../support/rows.ts'
import { until } from '../support/service.ts'
import { CONTEXT, Rig, ZONE } from './rig.ts'

const server = await MariaDb.start()
t.teardown(() => server.stop())
let count = 0
const open = async (t: Test): Promise<Rig> =>
  await Rig.open(t, {
    name: 'MariaDB as deployed',
    dialect: 'mysql',
    freshUrl: async () => await deployed(server, `writers_${(count += 1)}`),
  })

/** InnoDB's list of transactions is made anew only when nobody has read it for 100 ms. */
const LIST_MS = 150

/** Thread ids of the transactions that wait for a lock, once there are so many. */
async function waiting(on: Executor, many: number): Promise<readonly number[]> {
  const ask = async (): Promise<readonly number[] | undefined> => {
    const rows = await on.all(
      `select trx_mysql_thread_id as id from information_schema.innodb_trx where trx_state = 'LOCK WAIT'`,
    )
    return rows.length === many ? rows.map((row) => number(row, 'id')) : undefined
  }
  return await until(`${many} transactions wait for a lock`, ask, 15_000, LIST_MS)
}

/** The same database through a relay. */
async function relayed(t: Test, rig: Rig): Promise<{ readonly relay: Relay; readonly database: Database }> {
  const relay = await Relay.start(server.port)
  const url = new URL(rig.url)
  url.port = String(relay.port)
  const database = await openDatabase(url.href, { zone: ZONE, poolSize: 2 })
  t.teardown(async () => {
    await database.close()
    await relay.stop()
  })
  await database.open()
  return { relay, database }
}

const BREAK = { outcome: 'error', retryable: true } as const

t.test('[DB-3, CTX-1] two jobs of one VM that end at the same time: neither is taken for running', async (t) => {
  const rig = await open(t)
  await addJob(rig.on, { id: 'job-2', context: CONTEXT })
  const other = await rig.another(t)
  let ends: Promise<readonly (readonly EndResult[])[]> | undefined
  await rig.on.transaction(async (inside) => {
    await inside.all('select * from vm_replication_contexts for update')
    const second = end({ status: 'failed', row: row({ jobId: 'job-2', status: 'failed' }) })
    ends = Promise.all([rig.database.endJobs([end()]), other.endJobs([second])])
    await waiting(inside, 2)
  })
  t.match(await ends, [[{ outcome: 'ended' }], [{ outcome: 'ended' }]])
  t.match(await rig.context(), { current_job_id: null, total_jobs_run: 2, successful_jobs: 1, failed_jobs: 1 })
  t.not((await rig.context())['current_status'], 'replicating')
})

t.test('[STAT-3] an end that another writer sets while ours waits for the row is not overwritten', async (t) => {
  for (const status of ['cancelled', 'completed']) {
    const rig = await open(t)
    const before = await rig.context()
    let ours: Promise<readonly EndResult[]> | undefined
    await rig.on.transaction(async (inside) => {
      await inside.run('update replication_jobs set status = ?, progress_percent = 41', [status])
      ours = rig.database.endJobs([end({ status: 'failed', row: row({ status: 'failed' }) })])
      await waiting(inside, 1)
    })
    t.same(await ours, [{ jobId: DOCUMENTED_JOB, outcome: 'already' }], status)
    t.match(await rig.job(), { status, progress_percent: 41 })
    t.same(await rig.context(), before, "its context is the other writer's")
    t.same(await rig.cbt(), [])
  }
})

t.test(
  '[DB-3] the connection breaks between commit and answer: the end stands, repeating it adds nothing',
  async (t) => {
    const rig = await open(t)
    const { relay, database } = await relayed(t, rig)
    relay.swallowAnswerTo('COMMIT')
    t.match(await database.endJobs([end()]), [BREAK])
    await until('the server has committed', async () =>
      (await rig.job())['status'] === 'completed' ? true : undefined,
    )
    const stands = await rig.everything()
    t.same(await database.endJobs([end({ completedAt: NOW + 9_000 })]), [{ jobId: DOCUMENTED_JOB, outcome: 'already' }])
    t.same(await rig.everything(), stands)
    t.equal((await rig.cbt()).length, 1)
    t.match(await rig.context(), { total_jobs_run: 1, successful_jobs: 1, failed_jobs: 0 })
  },
)

t.test('[RECOVER-3] the connection breaks between commit and answer: the job is revived once', async (t) => {
  const rig = await open(t)
  const { relay, database } = await relayed(t, rig)
  const errorMessage = 'VMA communication timeout exceeded (5m)'
  const lost = row({ status: 'failed', errorMessage, errorClassification: 'connection' })
  await database.endJobs([end({ status: 'failed', row: lost })])
  const revival = { jobId: DOCUMENTED_JOB, vmContextId: CONTEXT, status: 'streaming', at: NOW + 60_000 } as const
  relay.swallowAnswerTo('COMMIT')
  t.match(await database.reviveJobs([revival]), [BREAK])
  await until('the server has committed', async () => ((await rig.job())['status'] === 'streaming' ? true : undefined))
  const stands = await rig.everything()
  t.same(await database.reviveJobs([revival]), [{ jobId: DOCUMENTED_JOB, outcome: 'revived' }])
  t.same(await rig.everything(), stands)
})

t.test('[DB-3] a connection that is killed in the middle of an end leaves nothing of it', async (t) => {
  const rig = await open(t)
  const before = await rig.everything()
  let ours: Promise<readonly EndResult[]> | undefined
  await rig.on.transaction(async (inside) => {
    await inside.all('select * from vm_disks for update')
    ours = rig.database.endJobs([end()])
    for (const id of await waiting(inside, 1)) await inside.run(`kill ${id}`)
    t.match(await ours, [BREAK])
  })
  t.same(await rig.everything(), before)
  t.match(await rig.database.endJobs([end()]), [{ outcome: 'ended' }])
  t.equal((await rig.cbt()).length, 1)
})

t.test('[DB-3] a lock that is not given up in time takes the whole end back, not only its statement', async (t) => {
  const rig = await open(t)
  await rig.on.run('set global innodb_lock_wait_timeout = 1')
  t.teardown(() => rig.on.run('set global innodb_lock_wait_timeout = 50'))
  const hasty = await rig.another(t)
  await hasty.open()
  const before = await rig.everything()
  await rig.on.transaction(async (inside) => {
    await inside.all('select * from vm_disks for update')
    t.match(await hasty.endJobs([end()]), [{ ...BREAK, error: /Lock wait timeout/ }])
    t.same(await rig.everything(), before)
  })
  t.match(await hasty.endJobs([end()]), [{ outcome: 'ended' }])
})

t.test('[DB-3] a job that is deleted while its end waits is gone, without a trace', async (t) => {
  const rig = await open(t)
  let ours: Promise<readonly EndResult[]> | undefined
  await rig.on.transaction(async (inside) => {
    await inside.run('delete from vm_replication_contexts')
    ours = rig.database.endJobs([end()])
    await waiting(inside, 1)
  })
  t.same(await ours, [{ jobId: DOCUMENTED_JOB, outcome: 'gone' }])
  t.same(await rig.everything(), [[], [], [], []])
})
