/** What every database must do with the jobs' logs (LOG-1), run on each of them: SQLite and a real MariaDB. */

import type { Test } from 'tap'
import { correlationId } from '../../src/actors/correlation.ts'
import type { Connection } from '../../src/db/executor.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { Database } from '../../src/db/ports.ts'
import { addDocumentedJob, connect, DOCUMENTED_JOB } from '../support/inventory.ts'
import { batch, event, step, tracking, TRACKING_ID } from '../support/job-log.ts'
import { end, NOW, row } from '../support/rows.ts'

interface Rig {
  readonly database: Database
  readonly on: Connection
}

/** `freshUrl` gives an empty database each time. */
export function jobLogContract(t: Test, name: string, freshUrl: () => Promise<string>): void {
  async function rig(t: Test): Promise<Rig> {
    const url = await freshUrl()
    const database = await openDatabase(url, { zone: 'Europe/London', poolSize: 2 })
    await database.migrate()
    const on = connect(url)
    t.teardown(async () => {
      await on.close()
      await database.close()
    })
    await addDocumentedJob(on)
    return { database, on }
  }
  const count = async (on: Connection, table: string) =>
    Number((await on.all(`select count(*) as n from ${table}`))[0]?.['n'])

  t.test(`[LOG-1] ${name}: a job's row, its step and its events, tied together by the correlation id`, async (t) => {
    const { database, on } = await rig(t)
    const rows = batch({ tracking: [tracking()], steps: [step()], events: [event(), event({ seq: 0, level: 'WARN' })] })
    t.same(await database.writeJobLog(rows), { refused: 0 })
    const [job] = await on.all('select * from job_tracking')
    t.match(job, {
      id: TRACKING_ID,
      job_type: 'migration',
      operation: 'replication',
      job_category: 'replication',
      owner: 'sightline',
      status: 'running',
      external_job_id: DOCUMENTED_JOB,
      context_id: 'ctx-pgtest1',
      percent_complete: 40,
      error_message: null,
      completed_at: null,
    })
    t.match(job?.['started_at'], /^2025-09-09 12:12:08/, "in the database's wall clock")
    const [ofStep] = await on.all('select * from job_steps')
    t.match(ofStep, { job_id: TRACKING_ID, seq: 1, name: 'Transfer', status: 'running' })
    const events = await on.all('select * from log_events order by id')
    t.match(events, [
      { job_id: TRACKING_ID, step_id: ofStep?.['id'], level: 'INFO', external_job_id: DOCUMENTED_JOB },
      { job_id: TRACKING_ID, step_id: null, level: 'WARN' },
    ])
    t.match(events[0]?.['ts'], /^2025-09-09 12:12:08\.204/)
    const attrs = events[0]?.['attrs']
    t.same(typeof attrs === 'string' ? JSON.parse(attrs) : attrs, event().attrs)
  })

  t.test(`[LOG-1] ${name}: a later batch changes the rows that stand; what is set once stays`, async (t) => {
    const { database, on } = await rig(t)
    await database.writeJobLog(batch({ tracking: [tracking({ status: 'pending', startedAt: null, percent: 0 })] }))
    await database.writeJobLog(batch({ tracking: [tracking()], steps: [step()] }))
    const later = NOW + 60_000
    await database.writeJobLog(
      batch({
        tracking: [
          tracking({
            status: 'failed',
            errorMessage: 'it broke 😀',
            startedAt: later,
            completedAt: later,
            percent: 73,
          }),
        ],
        steps: [step({ status: 'failed', startedAt: later, completedAt: later, errorMessage: 'it broke' })],
      }),
    )
    const [job] = await on.all('select * from job_tracking')
    t.match(job, { status: 'failed', error_message: 'it broke 😀', percent_complete: 73 })
    t.match(job?.['started_at'], /12:12:08/)
    t.match(job?.['completed_at'], /12:13:08/)
    const [ofStep] = await on.all('select * from job_steps')
    t.match(ofStep, { status: 'failed', error_message: 'it broke' })
    t.match(ofStep?.['started_at'], /12:12:08/)
    t.equal(await count(on, 'job_tracking'), 1)
    t.equal(await count(on, 'job_steps'), 1)
    await database.writeJobLog(batch({ tracking: [tracking()], steps: [step()] }))
    t.match(await on.all('select * from job_tracking'), [
      { status: 'running', error_message: null, completed_at: null },
    ])
    t.match(await on.all('select * from job_steps'), [{ status: 'running', error_message: null, completed_at: null }])
  })

  t.test(`[LOG-1] ${name}: a batch that is repeated writes nothing twice, and what is missing of it`, async (t) => {
    const { database, on } = await rig(t)
    const events = [10, 20, 30].map((m) => event({ message: `Progress reached ${m} %`, at: NOW + m }))
    const first = batch({ tracking: [tracking()], steps: [step()], events: events.slice(0, 2) })
    await database.writeJobLog(first)
    await database.writeJobLog({ ...first, events, repeat: true })
    t.same(
      (await on.all('select message from log_events order by ts')).map((row) => row['message']),
      events.map((e) => e.message),
    )
    t.equal(await count(on, 'job_tracking'), 1)
    t.equal(await count(on, 'job_steps'), 1)
  })

  t.test(`[LOG-1] ${name}: what stands is read back for many jobs; unknown ones are left out`, async (t) => {
    const { database } = await rig(t)
    const other = { trackingId: correlationId('job-2'), jobId: 'job-2' }
    await database.writeJobLog(
      batch({
        tracking: [tracking(), tracking({ ...other, vmContextId: '', startedAt: null, percent: 0 })],
        steps: [
          step({ seq: 2 }),
          step({ seq: 1, name: 'Snapshot', status: 'completed', startedAt: NOW - 9_000, completedAt: NOW }),
        ],
      }),
    )
    const logs = await database.jobLogs([TRACKING_ID, other.trackingId, correlationId('job-3')])
    t.equal(logs.length, 2)
    t.match(
      logs.find((log) => log.trackingId === TRACKING_ID),
      {
        status: 'replicating',
        percent: 40,
        runs: ['', 'run-1'],
        steps: [
          { seq: 1, name: 'Snapshot', running: false },
          { seq: 2, name: 'Transfer', running: true, startedAt: NOW },
        ],
      },
    )
    t.match(
      logs.find((log) => log.trackingId === other.trackingId),
      { percent: 0, startedAt: null, steps: [] },
    )
    t.same(await database.jobLogs([]), [])
  })

  t.test(`[LOG-1] ${name}: 1 200 jobs in one batch`, async (t) => {
    const { database, on } = await rig(t)
    const ids = Array.from({ length: 1_200 }, (_, i) => ({ jobId: `job-${i}`, trackingId: correlationId(`job-${i}`) }))
    await database.writeJobLog(
      batch({
        tracking: ids.map((id) => tracking(id)),
        steps: ids.map((id) => step(id)),
        events: ids.map((id) => event(id)),
      }),
    )
    for (const table of ['job_tracking', 'job_steps', 'log_events']) t.equal(await count(on, table), 1_200, table)
    const [linked] = await on.all(
      'select count(*) as n from log_events e join job_steps s on s.id = e.step_id and s.job_id = e.job_id',
    )
    t.equal(Number(linked?.['n']), 1_200)
  })

  t.test(
    `[LOG-1] ${name}: a row that the database can't take stops no other; its events keep the job's id`,
    async (t) => {
      const { database, on } = await rig(t)
      const ids = ['job-a', 'job-bad', 'job-c'].map((jobId) => ({ jobId, trackingId: correlationId(jobId) }))
      const report = await database.writeJobLog(
        batch({
          tracking: ids.map((id) => tracking({ ...id, ...(id.jobId === 'job-bad' ? { status: 'odd' as never } : {}) })),
          steps: ids.map((id) => step(id)),
          events: ids.map((id) => event(id)),
        }),
      )
      t.equal(report.refused, 2, 'the row and the step that refers to it')
      t.ok(report.fault)
      t.equal(await count(on, 'job_tracking'), 2)
      t.equal(await count(on, 'job_steps'), 2)
      t.match(await on.all('select job_id, step_id, external_job_id from log_events order by external_job_id'), [
        { external_job_id: 'job-a', job_id: correlationId('job-a') },
        { external_job_id: 'job-bad', job_id: null, step_id: null },
        { external_job_id: 'job-c', job_id: correlationId('job-c') },
      ])
    },
  )

  t.test(`[LOG-1] ${name}: a job that another writer ended is logged as its own row says`, async (t) => {
    const { database, on } = await rig(t)
    const rows = () =>
      batch({
        tracking: [tracking({ status: 'released', completedAt: NOW })],
        steps: [step({ status: 'released', completedAt: NOW })],
      })
    await database.writeJobLog(batch({ tracking: [tracking()], steps: [step()] }))
    await database.writeJobLog(rows())
    t.match(await on.all('select * from job_tracking'), [{ status: 'running', completed_at: null }], 'still at work')
    await on.run("update replication_jobs set status = 'failed', error_message = 'by hand'")
    await database.writeJobLog(rows())
    t.match(await on.all('select * from job_tracking'), [{ status: 'failed', error_message: 'by hand' }])
    t.match(await on.all('select * from job_steps'), [{ status: 'failed' }])
    await on.run("update replication_jobs set status = 'Completed', error_message = null")
    await database.writeJobLog(rows())
    t.match(await on.all('select * from job_tracking'), [{ status: 'completed', percent_complete: 100 }])
    await on.run('delete from replication_jobs')
    await database.writeJobLog(rows())
    t.match(await on.all('select * from job_tracking'), [{ status: 'cancelled' }])
    t.match(await on.all('select * from job_steps'), [{ status: 'skipped' }])
  })

  t.test(`[DB-3, LOG-1] ${name}: the log's rows end with the job, in its transaction`, async (t) => {
    const { database, on } = await rig(t)
    await database.writeJobLog(
      batch({
        tracking: [tracking()],
        steps: [step(), step({ seq: 2, name: 'Snapshot', status: 'completed', completedAt: NOW - 5_000 })],
      }),
    )
    const failed = row({ status: 'failed', errorMessage: 'it broke', disks: [] })
    await database.endJobs([end({ status: 'failed', trackingId: TRACKING_ID, completedAt: NOW, row: failed })])
    t.match(await on.all('select * from job_tracking'), [
      { status: 'failed', percent_complete: 40, error_message: 'it broke', completed_at: /12:12:08/ },
    ])
    t.match(await on.all('select * from job_steps order by seq'), [
      { status: 'failed', error_message: 'it broke' },
      { status: 'completed', completed_at: /12:12:03/ },
    ])
  })

  t.test(`[DB-3, LOG-1] ${name}: a log that can't be written does not stop the end of the job`, async (t) => {
    const { database, on } = await rig(t)
    await database.writeJobLog(batch({ tracking: [tracking()] }))
    await on.run('alter table job_tracking drop column percent_complete')
    t.match(await database.endJobs([end({ trackingId: TRACKING_ID })]), [{ outcome: 'ended' }])
    t.match(await on.all('select status from replication_jobs'), [{ status: 'completed' }])
    t.match(await on.all('select current_status from vm_replication_contexts'), [
      { current_status: 'ready_for_failover' },
    ])
  })

  t.test(`[LOG-1, DB-6] ${name}: missing columns and tables are left out`, async (t) => {
    const { database, on } = await rig(t)
    await on.run('alter table log_events drop column attrs')
    await on.run('alter table job_tracking drop column metadata')
    t.same((await database.open()).missing, ['job_tracking.metadata', 'log_events.attrs'])
    const rows = batch({ tracking: [tracking()], steps: [step()], events: [event()] })
    t.same(await database.writeJobLog(rows), { refused: 0 })
    t.equal(await count(on, 'log_events'), 1)
    t.match(await database.jobLogs([TRACKING_ID]), [{ percent: 40, runs: [] }])
    for (const table of ['log_events', 'job_steps', 'job_tracking']) {
      await on.run(`drop table ${table}`)
      await database.open()
      t.same(await database.writeJobLog(rows), { refused: 0 }, `without ${table}`)
    }
    t.same(await database.jobLogs([TRACKING_ID]), [])
  })
}
