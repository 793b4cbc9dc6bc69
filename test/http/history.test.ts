/** The history route of the OMA, over HTTP. */

import t, { type Test } from 'tap'
import { Compile } from 'typebox/compile'
import { admitting } from '../../src/http/admission.ts'
import { authenticator } from '../../src/http/authenticate.ts'
import { omaRoutes } from '../../src/http/oma-routes.ts'
import type { JobHistories } from '../../src/http/ports.ts'
import { listen } from '../../src/http/uws/server.ts'
import { JobHistory } from '../../src/model/history.ts'
import { historyJson } from '../../src/model/history-json.ts'
import { rfc3339 } from '../../src/model/time.ts'
import { ProgressHistorySchema } from '../../src/model/wire/history.ts'
import { ask, json, type Ask } from '../support/http.ts'
import { NO_TELEMETRY } from '../support/no-telemetry.ts'

const NOW = Date.parse('2025-09-05T15:26:15Z')
const authorized: Ask = { headers: { Authorization: 'Bearer secret' } }

/** What these routes do not ask. */
const NOTHING: never = new Proxy({}, { get: () => () => t.fail('asked for what it should not') }) as never

async function portOf(t: Test, histories: JobHistories): Promise<{ port: number; faults: string[] }> {
  const faults: string[] = []
  const clock = { now: () => NOW }
  const server = await listen({
    host: '127.0.0.1',
    port: 0,
    clock,
    routes: omaRoutes({
      ...NO_TELEMETRY,
      histories,
      logs: NOTHING,
      live: { count: 0, epoch: 'e', seq: 0, list: () => [], get: () => undefined },
      store: NOTHING,
      polling: NOTHING,
      ready: () => {
        throw new Error('not asked here')
      },
      clock,
      onFault: (what) => faults.push(what),
    }),
    authorize: admitting(authenticator({ tokens: ['secret'] }), clock),
    onFault: (error) => t.fail('a handler failed', { error }),
  })
  t.teardown(() => server.close(0))
  return { port: server.port, faults }
}

t.test('[API-3] the history of a job, and 404 for one that nobody knows', async (t) => {
  const asked: string[] = []
  const history = new JobHistory()
  history.sample({ at: NOW, bytes: 933232640, percent: 2.1728515625, stage: 'Transfer', status: 'replicating' })
  const known = ['job-1', 'jöb 1/2', 'migration-vol-1;drop table']
  const { port } = await portOf(t, {
    read: async (jobId) => {
      asked.push(jobId)
      return known.includes(jobId) ? historyJson(jobId, history, (at) => rfc3339(at, 'Europe/London')) : undefined
    },
  })
  for (const jobId of known) {
    const reply = await ask(port, `/api/v1/progress/${encodeURIComponent(jobId)}/history`, authorized)
    t.equal(reply.status, 200)
    t.same([...Compile(ProgressHistorySchema).Errors(json(reply))], [])
    t.same(json(reply), {
      job_id: jobId,
      resolution_ms: 2_000,
      points: [{ at: '2025-09-05T16:26:15+01:00', percent: 2.17, bytes_transferred: 933232640, rate_bps: null }],
      stages: [{ stage: 'Transfer', status: 'replicating', started_at: '2025-09-05T16:26:15+01:00', ended_at: null }],
      stages_dropped: 0,
    })
  }
  const unknown = await ask(port, '/api/v1/progress/nobody/history', authorized)
  t.equal(unknown.status, 404)
  t.same(json(unknown), { error: 'job not found', job_id: 'nobody', timestamp: '2025-09-05T15:26:15Z' })
  t.same(asked, [...known, 'nobody'])
})

t.test('[API-3, SEC-1] bad ids, wrong methods and a missing token are refused before anything is read', async (t) => {
  const { port } = await portOf(t, { read: async () => t.fail('it was read') as never })
  for (const id of ['%00', '%zz', '%ff', 'a%0Ab', 'x'.repeat(256), '%7F']) {
    const reply = await ask(port, `/api/v1/progress/${id}/history`, authorized)
    t.equal(reply.status, 400, id)
    t.match(json(reply), { error: 'bad path', timestamp: '2025-09-05T15:26:15Z' })
  }
  t.equal((await ask(port, '/api/v1/progress//history', authorized)).status >= 400, true)
  t.equal((await ask(port, '/api/v1/progress/job-1/history')).status, 401)
  const post = await ask(port, '/api/v1/progress/job-1/history', { ...authorized, method: 'POST' })
  t.equal(post.status, 405)
  t.equal(post.headers['allow'], 'GET, HEAD')
})

t.test('[API-3, API-6] a database that does not answer is a 500 that tells no secret', async (t) => {
  const { port, faults } = await portOf(t, {
    read: async () => {
      throw new Error('mysql://root:s3cret@db is away')
    },
  })
  const reply = await ask(port, '/api/v1/progress/job-1/history', authorized)
  t.equal(reply.status, 500)
  t.same(json(reply), {
    error: 'Failed to retrieve job history',
    job_id: 'job-1',
    request_id: reply.headers['x-request-id'],
    timestamp: '2025-09-05T15:26:15Z',
  })
  t.same(faults, ['history of a job'])
})
