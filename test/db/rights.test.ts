/** The rights that docs/operations.md asks for: with them the whole work is done, and without any one of them it is not. */

import t, { type Test } from 'tap'
import { openDatabase } from '../../src/db/open.ts'
import type { Database } from '../../src/db/ports.ts'
import { deployed } from '../support/deployed.ts'
import { addDocumentedJob, connect, DOCUMENTED_JOB } from '../support/inventory.ts'
import { batch, event, step, tracking, TRACKING_ID } from '../support/job-log.ts'
import { MariaDb } from '../support/mariadb.ts'
import { DatabaseUser, documentedRights } from '../support/rights.ts'
import { end, NOW, row } from '../support/rows.ts'
import { databaseContract } from './contract.ts'

const server = await MariaDb.start()
const rights = documentedRights()
const users: DatabaseUser[] = []
t.teardown(async () => {
  for (const user of users) await user.close()
  await server.stop()
})
let count = 0
const freshUrl = async (): Promise<string> => await deployed(server, `rights_${(count += 1)}`)

async function userOf(url: string, ...statements: readonly (readonly string[])[]): Promise<DatabaseUser> {
  const user = new DatabaseUser(url)
  users.push(user)
  await user.run(statements.flat())
  return user
}

/** As an installation by the document ends. */
async function asService(url: string): Promise<string> {
  const user = await userOf(url, rights.service, rights.ownTable)
  const database = await openDatabase(user.url, { zone: 'UTC', poolSize: 1 })
  await database.migrate()
  await database.close()
  await user.run(rights.afterwards)
  return user.url
}

databaseContract(t, 'MariaDB as deployed, with the documented rights', freshUrl, { deployed: true, asService })

/** A life of one job, everything that the service asks of a database in it; what came of it. Throws what it is refused. */
async function wholeWork(database: Database): Promise<readonly unknown[]> {
  const done: unknown[] = [(await database.open()).missing]
  done.push((await database.activeJobs(['replicating'])).length)
  done.push((await database.targets([DOCUMENTED_JOB]))[0]?.disks.map(({ exportName }) => exportName))
  done.push(await database.writeProgress([row()]))
  const rows = { tracking: [tracking()], steps: [step()], events: [event()] }
  done.push(await database.writeJobLog(batch(rows)), await database.writeJobLog(batch({ ...rows, repeat: true })))
  done.push((await database.jobLogs([TRACKING_ID])).length)
  const lost = { errorMessage: 'VMA communication timeout exceeded (5m)', errorClassification: 'connection' }
  const failed = end({ status: 'failed', trackingId: TRACKING_ID })
  done.push(await database.endJobs([{ ...failed, row: { ...failed.row, ...lost } }]))
  done.push(await database.lostJobs(NOW - 1_000))
  const revival = { jobId: DOCUMENTED_JOB, vmContextId: 'ctx-pgtest1', status: 'replicating', at: NOW } as const
  done.push(await database.reviveJobs([revival]), await database.endJobs([end({ trackingId: TRACKING_ID })]))
  await database.writeHistories([{ jobId: DOCUMENTED_JOB, data: '{}' }], NOW)
  await database.writeHistories([{ jobId: DOCUMENTED_JOB, data: '{"v":1}' }], NOW)
  done.push(await database.readHistories([DOCUMENTED_JOB]), await database.pruneHistories(NOW + 1_000, 10))
  return done
}

/** `GRANT SELECT, UPDATE ON db.table TO user` → `REVOKE SELECT ON db.table FROM user` and the other. */
function revocations(grants: readonly string[]): readonly { readonly revoke: string; readonly grant: string }[] {
  return grants.flatMap((statement) => {
    const [, what = '', where = '', whom = ''] = /^GRANT (.*) ON (\S+) TO (.*)$/.exec(statement.trim()) ?? []
    return what
      .split(', ')
      .filter((right) => right !== '' && right !== 'CREATE')
      .map((right) => ({
        revoke: `REVOKE ${right} ON ${where} FROM ${whom}`,
        grant: `GRANT ${right} ON ${where} TO ${whom}`,
      }))
  })
}

async function worked(url: string, user: DatabaseUser): Promise<string> {
  const on = connect(url)
  try {
    for (const table of ['log_events', 'job_steps', 'job_tracking', 'cbt_history', 'vm_disks'])
      await on.run(`delete from ${table}`)
    for (const table of ['replication_jobs', 'ossea_volumes', 'vm_replication_contexts'])
      await on.run(`delete from ${table}`)
    await addDocumentedJob(on)
    const database = await openDatabase(user.url, { zone: 'UTC', poolSize: 1 })
    try {
      return JSON.stringify(await wholeWork(database))
    } finally {
      await database.close()
    }
  } finally {
    await on.close()
  }
}

t.test('[DB-6] each documented right is needed, and all of them together are enough', async (t: Test) => {
  const url = await freshUrl()
  await asService(url)
  const user = users.at(-1)
  if (user === undefined) throw new Error('no user')
  const whole = await worked(url, user)
  t.match(whole, /^\[\[\],1,\[/, 'nothing is missing, the job is found')
  t.notMatch(whole, /denied|error/i)
  const all = revocations([...rights.service, ...rights.ownTable])
  t.equal(all.length, 22)
  for (const { revoke, grant } of all) {
    await user.run([revoke])
    const less = await worked(url, user).catch((cause: unknown) => String(cause))
    t.not(less, whole, `${revoke}: ${less.slice(0, 100)}`)
    await user.run([grant])
  }
  t.equal(await worked(url, user), whole, 'and with all of them again')
})

t.test(
  '[DB-6] migrate creates the table of ours with one right more, and all tables with the rights on the schema',
  async (t) => {
    const standing = await freshUrl()
    const user = await userOf(standing, rights.service)
    const database = await openDatabase(user.url, { zone: 'UTC', poolSize: 1 })
    t.teardown(() => database.close())
    await t.rejects(database.migrate(), /denied/)
    await user.run(rights.ownTable)
    t.same(await database.migrate(), ['sightline_job_history'])

    const empty = await server.database('rights_empty')
    const [makeUser = ''] = rights.service
    const owner = await userOf(empty, [makeUser], rights.everything)
    const fresh = await openDatabase(owner.url, { zone: 'UTC', poolSize: 1 })
    t.teardown(() => fresh.close())
    t.ok((await fresh.migrate()).includes('replication_jobs'))
    t.same((await fresh.open()).missing, [])
  },
)
