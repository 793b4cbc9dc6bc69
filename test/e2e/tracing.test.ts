/** Traces from end to end: a POST's in answer and log of the VMA, a job's in the polls that the VMA is asked. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { correlationId } from '../../src/actors/correlation.ts'
import { traceIdOf } from '../../src/model/trace.ts'
import { EXPORT } from '../support/documents.ts'
import { emptyDatabase } from '../support/empty-database.ts'
import { addDocumentedJob, connect, DOCUMENTED_JOB } from '../support/inventory.ts'
import { Service, until } from '../support/service.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const GIVEN = `00-${TRACE}-00f067aa0ba902b7-01`

interface Line {
  readonly trace?: { readonly id?: string }
  readonly span?: { readonly id?: string }
  readonly http?: { readonly request?: { readonly id?: string; readonly method?: string } }
  readonly labels?: { readonly job_id?: string }
  readonly sightline?: { readonly path?: string }
}

function linesOf(service: Service): readonly Line[] {
  return service.log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line)
}

async function started(t: Test, name: 'oma' | 'vma', env: Readonly<Record<string, string>>, folder: string) {
  const service = await Service.start(name, { LOG_FORMAT: 'ecs', LOG_LEVEL: 'debug', ...env }, folder)
  t.teardown(() => service.stop())
  return service
}

t.test('[TRACE-1, TRACE-2] a POST’s trace, and the trace of a job’s polls, in the VMA’s log', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-tracing-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const url = `sqlite:${join(folder, 'oma.db')}`
  await emptyDatabase(url)
  const on = connect(url)
  await addDocumentedJob(on)
  await on.close()

  const vma = await started(t, 'vma', {}, folder)
  const answer = await fetch(`${vma.url}/api/v1/progress/${EXPORT}/update`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: GIVEN, 'x-request-id': 'from-migratekit' },
    body: JSON.stringify({ stage: 'Transfer', status: 'in_progress', bytes_transferred: 10, total_bytes: 100 }),
  })
  t.equal(answer.status, 200)
  t.match(answer.headers.get('traceparent'), new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`))
  t.equal(answer.headers.get('x-request-id'), 'from-migratekit')
  const posted = await until('the VMA’s log tells of the POST', async () =>
    linesOf(vma).find((line) => line.http?.request?.method === 'POST'),
  )
  t.match(posted, {
    trace: { id: TRACE },
    span: { id: answer.headers.get('traceparent')?.split('-')[2] },
    http: { request: { id: 'from-migratekit', method: 'POST' }, response: { status_code: 200 } },
    labels: { job_id: EXPORT },
    sightline: { path: '/api/v1/progress/{jobId}/update' },
  })

  const polled = { VMA_PROGRESS_FEED: 'off', VMA_PROGRESS_POLL_INTERVAL: '200ms' }
  const oma = await started(t, 'oma', { ...polled, DATABASE_URL: url, VMA_PROGRESS_CLIENT_URL: vma.url }, folder)
  const jobTrace = traceIdOf(correlationId(DOCUMENTED_JOB))
  const polls = await until('three polls are in the VMA’s log', async () => {
    const found = linesOf(vma).filter((line) => line.http?.request?.method === 'GET' && line.trace?.id === jobTrace)
    return found.length >= 3 ? found : undefined
  })
  t.equal(new Set(polls.map((line) => line.span?.id)).size, polls.length, 'each with a span of its own')
  const own = linesOf(oma).find((line) => line.labels?.job_id === DOCUMENTED_JOB)
  t.equal(own?.trace?.id, jobTrace, 'the OMA’s lines about the job have the same trace')
})
