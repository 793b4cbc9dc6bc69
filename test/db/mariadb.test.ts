import t from 'tap'
import { openDatabase } from '../../src/db/open.ts'
import { addDocumentedJob, connect } from '../support/inventory.ts'
import { batch, tracking } from '../support/job-log.ts'
import { MariaDb } from '../support/mariadb.ts'
import { databaseContract } from './contract.ts'
import { historyContract } from './history-contract.ts'
import { jobEventsContract } from './job-events-contract.ts'
import { jobLogContract } from './job-log-contract.ts'

const server = await MariaDb.start()
t.teardown(() => server.stop())
let count = 0
const freshUrl = async (): Promise<string> => await server.database(`contract_${(count += 1)}`)
databaseContract(t, 'MariaDB', freshUrl)
jobLogContract(t, 'MariaDB', freshUrl)
jobEventsContract(t, 'MariaDB', freshUrl)
historyContract(t, 'MariaDB', freshUrl)

t.test('[DB-5] a dead server is told in a sentence with its address and without the password', async (t) => {
  const database = await openDatabase('mysql://root:s3cret@127.0.0.1:1/none', { zone: 'UTC', poolSize: 1 })
  t.teardown(() => database.close())
  await t.rejects(database.ping(), { message: /no answer from the database at 127\.0\.0\.1:1: .*ECONNREFUSED/ })
  const said = await database
    .ping()
    .catch((cause: unknown) => (cause instanceof Error ? `${cause.message} ${String(cause.cause)}` : ''))
  t.notMatch(said, /s3cret/)
})

t.test(
  '[LOG-1, DB-6] words that a deployed enum does not have are left to its default, or their nearest',
  async (t) => {
    const url = await server.database('other_enums')
    const database = await openDatabase(url, { zone: 'UTC', poolSize: 1 })
    const on = connect(url)
    t.teardown(async () => {
      await on.close()
      await database.close()
    })
    await database.migrate()
    await addDocumentedJob(on)
    await on.run("alter table job_tracking modify job_type enum('failover','sync') not null default 'sync'")
    await on.run("alter table job_tracking modify job_category enum('system') default 'system'")
    await on.run("alter table job_tracking modify status enum('RUNNING','completed','failed') not null")
    t.same(await database.writeJobLog(batch({ tracking: [tracking({ status: 'pending' })] })), { refused: 0 })
    t.match(await on.all('select * from job_tracking'), [
      { job_type: 'sync', job_category: 'system', status: 'RUNNING', operation: 'replication' },
    ])
    await database.writeJobLog(batch({ tracking: [tracking({ status: 'cancelled' })] }))
    t.match(await on.all('select * from job_tracking'), [{ status: 'failed' }])
  },
)
