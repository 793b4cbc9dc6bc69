/** The VMA service as it is put together. */

import t from 'tap'
import { metricsAuth } from '../src/compose-metrics.ts'
import { startVma } from '../src/compose-vma.ts'
import { VMA_METRICS } from '../src/telemetry/metrics/vma.ts'
import { ask, json, send } from './support/http.ts'
import { Scrape } from './support/metrics.ts'

const tools = { clock: { now: () => Date.now() }, onFault: (error: unknown) => t.fail('a handler failed', { error }) }

t.test('[SEC-1] it refuses to start for everyone without tokens', async (t) => {
  await t.rejects(
    startVma({ host: '0.0.0.0', port: 0, tokens: [] }, tools),
    /refusing to listen on 0.0.0.0 without tokens/,
  )
})

t.test('[SEC-1] with tokens every progress route needs one, and nothing is stored without', async (t) => {
  const vma = await startVma({ host: '127.0.0.1', port: 0, tokens: ['secret'] }, tools)
  t.teardown(() => vma.close())
  const update = '/api/v1/progress/job-1/update'
  t.equal((await send(vma.port, 'POST', update, { percent: 1 })).status, 401)
  t.equal((await ask(vma.port, '/api/v1/progress/job-1')).status, 401)
  t.equal((await ask(vma.port, '/api/v1/progress/job-1', { method: 'PUT' })).status, 401)
  t.equal(vma.store.jobs, 0)
  const headers = { Authorization: 'Bearer secret', 'Content-Type': 'application/json' }
  t.equal((await ask(vma.port, update, { method: 'POST', headers, body: '{"percent":1}' })).status, 200)
  t.equal(vma.store.jobs, 1)
})

t.test('[VMA-9] jobs go by themselves when their time is over', async (t) => {
  const limits = { retentionMs: 1 }
  const vma = await startVma({ host: '127.0.0.1', port: 0, tokens: [], limits }, tools)
  t.teardown(() => vma.close())
  await send(vma.port, 'POST', '/api/v1/progress/job-1/update', { status: 'failed', stage: 'Transfer' })
  const deadline = Date.now() + 10_000
  while (vma.store.jobs > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
  t.equal(vma.store.jobs, 0)
  t.equal((await ask(vma.port, '/api/v1/progress/job-1')).status, 404)
})

t.test('[MET-1] the metrics tell of updates, jobs and followers as they were', async (t) => {
  const vma = await startVma({ host: '127.0.0.1', port: 0, tokens: [], limits: { maxJobs: 2 } }, tools)
  t.teardown(() => vma.close())
  const url = `http://127.0.0.1:${vma.port}`
  const before = await Scrape.of(url)
  t.same(
    Object.keys(VMA_METRICS).filter((name) => !before.names.includes(name)),
    [],
  )
  t.equal(before.sum('sightline_vma_updates_total'), 0)
  const update = (job: string, body: unknown) => send(vma.port, 'POST', `/api/v1/progress/${job}/update`, body)
  for (const percent of [1, 2, 3]) await update('job-1', { stage: 'Transfer', percent, bytes_transferred: percent })
  await update('job-1', { stage: 'Transfer', percent: 2, bytes_transferred: 2 })
  await update(encodeURIComponent('job-"evil'), { percent: 'x' })
  await update('job-1', 'x'.repeat(70_000))
  for (const job of ['job-2', 'job-3']) await update(job, { percent: 1 })
  const waiting = ask(vma.port, `/api/v1/progress/changes?wait=30000&since=${sinceNow(await changes(vma.port))}`)
  while (vma.polls.waiting === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  const after = await Scrape.of(url)
  for (const [result, count] of Object.entries({ accepted: 5, ignored_late: 1, invalid: 1, too_large: 1 }))
    t.equal(after.value(`sightline_vma_updates_total{result="${result}"}`), count, result)
  t.equal(after.value('sightline_vma_known_jobs'), 2)
  t.equal(after.value('sightline_vma_jobs_removed_total{reason="evicted"}'), 1)
  t.equal(after.value('sightline_vma_waiting_polls'), 1)
  t.equal(after.size, before.size, 'no series came with what was sent')
  t.notMatch(after.text, /evil|job-1/)
  await update('job-2', { percent: 2 })
  await waiting
})

async function changes(port: number): Promise<Record<string, unknown>> {
  return json(await ask(port, '/api/v1/progress/changes'))
}

function sinceNow({ revision }: Record<string, unknown>): string {
  return encodeURIComponent(String(revision))
}

t.test('[MET-2] who may read the metrics', async (t) => {
  t.equal(metricsAuth('auto', '127.0.0.1'), 'none')
  t.equal(metricsAuth('auto', '0.0.0.0'), 'token')
  t.equal(metricsAuth('open', '0.0.0.0'), 'none')
  t.equal(metricsAuth('token', '127.0.0.1'), 'token')
  const headers = { Authorization: 'Bearer secret' }
  for (const [tokens, who, stranger] of [
    [['secret'], 'token', 401],
    [['secret'], 'auto', 200],
    [['secret'], 'open', 200],
    [[], 'token', 200],
  ] as const) {
    const vma = await startVma({ host: '127.0.0.1', port: 0, tokens, metricsAuth: who }, tools)
    t.equal((await ask(vma.port, '/metrics')).status, stranger, `${who} with ${tokens.length} tokens`)
    t.equal((await ask(vma.port, '/metrics', { headers })).status, 200)
    await vma.close()
  }
})
