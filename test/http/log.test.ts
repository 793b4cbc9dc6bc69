/** The log route of the OMA, over HTTP and on a database. */

import { join } from 'node:path'
import t from 'tap'
import { addDocumentedJob, DOCUMENTED_JOB } from '../support/inventory.ts'
import { batch, event, tracking } from '../support/job-log.ts'
import { NOW, startRest } from '../support/rest.ts'

const LOG = `/api/v1/progress/${DOCUMENTED_JOB}/log`

t.test('[API-8] the lines of a job, bounded and by their level, and 404 for one that nobody knows', async (t) => {
  const { get, database, on } = await startRest(t, `sqlite:${join(t.testdir(), 'log.db')}`)
  await addDocumentedJob(on)
  t.match(await get(LOG), { status: 200, body: { job_id: DOCUMENTED_JOB, count: 0, events: [] } })
  const events = Array.from({ length: 250 }, (_, i) => event({ message: `line ${i}`, at: NOW + i }))
  const loud = event({ level: 'ERROR', message: 'cannot reach mysql://root:hunter2@db', at: NOW + 1_000 })
  await database.writeJobLog(batch({ tracking: [tracking()], events: [...events, loud] }))
  const usual = await get(LOG)
  t.match(usual.body, { count: 200, events: [{ message: 'line 51' }] })
  t.notMatch(usual.reply.text, /hunter2/)
  t.match((await get(`${LOG}?limit=1&level=WARN&_=1757`)).body, {
    count: 1,
    events: [{ ts: '2025-09-09T13:15:31+01:00', level: 'ERROR', attrs: event().attrs }],
  })
  t.match((await get(`${LOG}?level=ERROR`)).body, { count: 1 })
  t.match((await get(`${LOG}?limit=1000`)).body, { count: 251 })
  t.match(await get('/api/v1/progress/job-none/log'), {
    status: 404,
    body: { error: 'job not found', job_id: 'job-none' },
  })
  t.equal((await get(LOG, { token: '' })).status, 401)
})

t.test('[API-2] what is faulty is told, all of it', async (t) => {
  const { get } = await startRest(t, `sqlite:${join(t.testdir(), 'log.db')}`)
  const { status, body } = await get(`${LOG}?limit=0&level=warn&x=1`)
  t.equal(status, 400)
  t.match(
    body['details'],
    /"x" is no parameter.*limit must be.*level does not know "warn" \(DEBUG, INFO, WARN, ERROR\)/,
  )
  t.equal((await get(`${LOG}?limit=1001`)).status, 400)
})

t.test('[API-8] a database without the table says so, one that does not answer is a 500', async (t) => {
  const { get, database, on, faults } = await startRest(t, `sqlite:${join(t.testdir(), 'log.db')}`)
  await addDocumentedJob(on)
  await on.run('drop table log_events')
  await database.open()
  t.match((await get(LOG)).body, { count: 0, events: [], details: /no table log_events/ })
  await database.close()
  t.match(await get(LOG), { status: 500, body: { error: 'Failed to retrieve job log' } })
  t.same(faults, ['log of a job'])
})
