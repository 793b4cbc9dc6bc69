import t from 'tap'
import { openDatabase } from '../../src/db/open.ts'
import { MariaDb } from '../support/mariadb.ts'
import { databaseContract } from './contract.ts'
import { historyContract } from './history-contract.ts'

const server = await MariaDb.start()
t.teardown(() => server.stop())
let count = 0
const freshUrl = async (): Promise<string> => await server.database(`contract_${(count += 1)}`)
databaseContract(t, 'MariaDB', freshUrl)
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
