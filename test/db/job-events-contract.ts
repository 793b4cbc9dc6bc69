/** What every database must do with the lines of jobs' logs (API-8), run on each of them. */

import type { Test } from 'tap'
import type { Connection } from '../../src/db/executor.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { Database } from '../../src/db/ports.ts'
import { insert } from '../support/documented-vm.ts'
import { addDocumentedJob, connect, DOCUMENTED_JOB } from '../support/inventory.ts'
import { batch, event, tracking, TRACKING_ID } from '../support/job-log.ts'
import { NOW } from '../support/rows.ts'

const OF_THE_JOB = { trackingId: TRACKING_ID, jobId: DOCUMENTED_JOB, limit: 10 }

interface Rig {
  readonly database: Database
  readonly on: Connection
  readonly messages: (query?: Partial<Parameters<Database['jobEvents']>[0]>) => Promise<readonly string[] | undefined>
}

/** `freshUrl` gives an empty database each time. */
export function jobEventsContract(t: Test, name: string, freshUrl: () => Promise<string>): void {
  async function rig(t: Test): Promise<Rig> {
    const url = await freshUrl()
    const database = await openDatabase(url, { zone: 'Europe/London', poolSize: 2 })
    await database.migrate()
    await database.open()
    const on = connect(url)
    t.teardown(async () => {
      await on.close()
      await database.close()
    })
    await addDocumentedJob(on)
    const messages: Rig['messages'] = async (query) =>
      (await database.jobEvents({ ...OF_THE_JOB, ...query }))?.map(({ message }) => message)
    return { database, on, messages }
  }
  const lines = (count: number) => Array.from({ length: count }, (_, i) => event({ message: `${i}`, at: NOW + i }))

  t.test(`[API-8] ${name}: the newest lines, the newest one last, with level and what belongs to them`, async (t) => {
    const { database, messages } = await rig(t)
    const same = ['a', 'b', 'c'].map((message) => event({ message, at: NOW + 100, level: 'WARN' }))
    const debug = event({ message: 'quiet', at: NOW + 99, level: 'DEBUG' })
    await database.writeJobLog(batch({ tracking: [tracking()], events: [...lines(5), debug, ...same] }))
    t.same(await messages({ limit: 6 }), ['3', '4', 'quiet', 'a', 'b', 'c'], 'those of one moment as they were written')
    t.same(await messages({ limit: 2, levels: ['INFO', 'WARN', 'ERROR'] }), ['b', 'c'])
    t.same(await messages({ levels: ['ERROR'] }), [])
    const [first] = (await database.jobEvents({ ...OF_THE_JOB, limit: 1_000 })) ?? []
    t.same(first, { at: NOW, level: 'INFO', message: '0', attrs: event().attrs })
    t.same(await messages({ trackingId: 'nobody', jobId: 'job-none' }), [])
  })

  t.test(`[API-8] ${name}: lines of other services about the job, and of those that lost their row`, async (t) => {
    const { database, on, messages } = await rig(t)
    await database.writeJobLog(batch({ events: [event({ message: 'without a row' })] }))
    t.same(await messages(), ['without a row'])
    await database.writeJobLog(batch({ tracking: [tracking()], events: lines(1) }))
    const theirs = { id: 'theirs', job_type: 'migration', operation: 'replication', status: 'running' }
    await insert(on, 'job_tracking', { ...theirs, external_job_id: DOCUMENTED_JOB })
    await insert(on, 'job_tracking', { ...theirs, id: 'other', external_job_id: 'job-other' })
    const ts = '2025-09-09 12:12:09.000000'
    for (const [job_id, attrs] of [
      ['theirs', '{"by":"gui"}'],
      ['other', null],
      ['theirs', null],
      ['theirs', '[1]'],
    ])
      await insert(on, 'log_events', { job_id, level: 'WARN', message: `by ${job_id}`, ts, attrs })
    const found = await database.jobEvents(OF_THE_JOB)
    t.same(
      found?.map(({ message }) => message),
      ['0', 'by theirs', 'by theirs', 'by theirs'],
    )
    t.same(
      found?.slice(1).map(({ attrs }) => attrs),
      [{ by: 'gui' }, {}, { value: [1] }],
    )
  })

  t.test(`[API-8, DB-6] ${name}: without a table of lines it is said that there is none`, async (t) => {
    const { database, on, messages } = await rig(t)
    await on.run('drop table log_events')
    await database.open()
    t.equal(await messages(), undefined)
  })
}
