import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { MariaDb } from '../support/mariadb.ts'
import { omaContract } from './oma-contract.ts'
import { omaLists } from './oma-lists.ts'

const folder = mkdtempSync(join(tmpdir(), 'sightline-rest-'))
const server = await MariaDb.start()
t.teardown(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})
let count = 0
const sqlite = async (): Promise<string> => `sqlite:${join(folder, `${(count += 1)}.db`)}`
const mariadb = async (): Promise<string> => await server.database(`rest_${(count += 1)}`)
for (const suite of [omaContract, omaLists]) {
  suite(t, 'SQLite', sqlite)
  suite(t, 'MariaDB', mariadb)
}
