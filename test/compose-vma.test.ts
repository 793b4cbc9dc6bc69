/** The VMA service as it is put together. */

import t from 'tap'
import { startVma } from '../src/compose-vma.ts'
import { ask, send } from './support/http.ts'

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
