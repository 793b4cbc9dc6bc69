import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openDatabase } from '../../src/db/open.ts'
import { databaseContract } from './contract.ts'
import { historyContract } from './history-contract.ts'
import { jobEventsContract } from './job-events-contract.ts'
import { jobLogContract } from './job-log-contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'sightline-sqlite-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
let count = 0
const freshUrl = async (): Promise<string> => `sqlite:${join(folder, `${(count += 1)}.db`)}`
databaseContract(t, 'SQLite', freshUrl)
jobLogContract(t, 'SQLite', freshUrl)
jobEventsContract(t, 'SQLite', freshUrl)
historyContract(t, 'SQLite', freshUrl)

t.test('a kind of database that is not known is refused by name, without its password', async (t) => {
  await t.rejects(openDatabase('postgres://u:secret@h/db', { zone: 'UTC', poolSize: 1 }), {
    message: /no such kind of database: postgres;/,
  })
})
