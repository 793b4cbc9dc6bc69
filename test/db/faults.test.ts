import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { codeOf, isConnectionLost, isRetryable } from '../../src/db/faults.ts'

const coded = (code: string): Error => Object.assign(new Error(code), { code })

t.test('[DB-5] what passes with time is worth another try, what stays wrong is not', async (t) => {
  for (const code of [
    'ECONNREFUSED',
    'PROTOCOL_CONNECTION_LOST',
    'ER_LOCK_DEADLOCK',
    'ER_LOCK_WAIT_TIMEOUT',
    'ER_DISK_FULL',
  ])
    t.ok(isRetryable(coded(code)), code)
  for (const code of [
    'ER_SIGNAL_EXCEPTION',
    'ER_BAD_FIELD_ERROR',
    'ER_DATA_TOO_LONG',
    'ER_NO_SUCH_TABLE',
    'ER_PARSE_ERROR',
  ])
    t.notOk(isRetryable(coded(code)), code)
  t.ok(isRetryable(Object.assign(new Error('Connection was killed'), { errno: 1927 })))
  t.notOk(isRetryable('no error at all'))
})

t.test('[DB-5] a cause tells through the sentence that was made of it', async (t) => {
  const told = new Error('no answer from the database', { cause: coded('ECONNRESET') })
  t.equal(codeOf(told), 'ECONNRESET')
  t.ok(isConnectionLost(told))
  t.ok(isRetryable(told))
  t.ok(isConnectionLost(new Error("Can't add new command when connection is in closed state")))
})

t.test('[DB-5] a SQLite file that another process holds is busy, a constraint is not', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-faults-'))
  const ours = new DatabaseSync(join(folder, 'a.db'))
  const other = new DatabaseSync(join(folder, 'a.db'))
  t.teardown(() => {
    ours.close()
    other.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const faultOf = (sql: string): unknown => {
    try {
      ours.exec(sql)
    } catch (cause) {
      return cause
    }
    return undefined
  }
  other.exec('create table t (a integer primary key); begin immediate')
  t.ok(isRetryable(faultOf('insert into t values (1)')))
  other.exec('insert into t values (1); commit')
  const taken = faultOf('insert into t values (1)')
  t.match(taken, { code: 'ERR_SQLITE_ERROR' })
  t.notOk(isRetryable(taken))
})
