/** The VMA's change feed through real HTTP. */

import { request } from 'node:http'
import { Unpackr } from 'msgpackr'
import t, { type Test } from 'tap'
import { Compile } from 'typebox/compile'
import { startVma, type Vma, type VmaSettings } from '../../src/compose-vma.ts'
import { ChangesSchema, type ChangesAnswer } from '../../src/model/wire/changes.ts'
import { ask, json, send, type Reply } from '../support/http.ts'
import { until } from '../support/service.ts'

const PATH = '/api/v1/progress/changes'
const AT = '2025-09-05T15:26:15.000Z'
const schema = Compile(ChangesSchema)

async function started(t: Test, settings: Partial<VmaSettings> = {}): Promise<Vma> {
  const clock = { now: () => Date.parse(AT) }
  const onFault = (error: unknown): void => void t.fail('a handler failed', { error })
  const vma = await startVma({ host: '127.0.0.1', port: 0, tokens: [], ...settings }, { clock, onFault })
  t.teardown(() => vma.close(0))
  return vma
}

function transfer({ store }: Vma, key: string, bytes: number): void {
  store.update(key, { stage: 'Transfer', status: 'Running', bytes_transferred: bytes }, Date.parse(AT))
}

function changesOf(reply: Reply): ChangesAnswer {
  const body = json(reply)
  if (!schema.Check(body)) throw new Error(`${reply.status} ${reply.text}`)
  return body
}

/** Resolves once so many requests wait for a change. */
async function waiting({ polls }: Vma, count: number): Promise<void> {
  await until(`${count} requests wait`, async () => (polls.waiting === count ? true : undefined))
}

t.test('[VMA-11] as JSON, and the same as MessagePack where Accept asks for it', async (t) => {
  const vma = await started(t)
  for (const key of ['job-1', 'migration-vol-Ü']) transfer(vma, key, 9_007_199_254_740_991)
  const reply = await ask(vma.port, PATH)
  t.equal(reply.status, 200)
  t.match(reply.headers, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  const answer = changesOf(reply)
  t.match(answer, { full: true, more: false, server_time: AT, removed: [] })
  t.same(
    answer.jobs.map(({ key }) => key),
    ['job-1', 'migration-vol-Ü'],
  )
  const accepts = [
    'application/msgpack',
    'application/x-msgpack;q=0.9, application/json;q=0.5',
    'text/html, Application/MsgPack',
  ]
  for (const accept of accepts) {
    const response = await fetch(`http://127.0.0.1:${vma.port}${PATH}`, { headers: { accept } })
    t.equal(response.headers.get('content-type'), 'application/msgpack', accept)
    const bytes = Buffer.from(await response.arrayBuffer())
    t.same(new Unpackr({ useRecords: false, int64AsType: 'number' }).unpack(bytes), answer, 'plain maps')
  }
  for (const accept of ['', '*/*', 'text/html', 'application/json, application/msgpack', 'application/msgpack;q=0']) {
    t.equal((await ask(vma.port, PATH, { headers: { accept } })).headers['content-type'], 'application/json', accept)
  }
})

t.test('[VMA-11] a waiting request is answered when something changes, with all that comes at once', async (t) => {
  const vma = await started(t)
  transfer(vma, 'quiet', 1)
  const { revision } = changesOf(await ask(vma.port, PATH))
  const reply = ask(vma.port, `${PATH}?since=${revision}&wait=30000`)
  await waiting(vma, 1)
  for (const key of ['one', 'two', 'one']) transfer(vma, key, vma.store.revision)
  const answer = changesOf(await reply)
  t.same(
    answer.jobs.map(({ key }) => key),
    ['two', 'one'],
  )
  t.notOk(answer.full)
  t.equal(vma.polls.waiting, 0)
  const removed = ask(vma.port, `${PATH}?since=${answer.revision}&wait=30000`)
  await waiting(vma, 1)
  vma.store.sweep(Date.parse(AT) + 2 * 86_400_000)
  t.same([...changesOf(await removed).removed].toSorted(), ['one', 'quiet', 'two'], 'what goes is a change too')
})

t.test('[VMA-11] when nothing changes the answer says so at the end of the wait', async (t) => {
  const vma = await started(t)
  transfer(vma, 'quiet', 1)
  const { revision } = changesOf(await ask(vma.port, PATH))
  const answer = changesOf(await ask(vma.port, `${PATH}?since=${revision}&wait=20`))
  t.match(answer, { revision, more: false, full: false, jobs: [], removed: [], server_time: AT })
})

t.test('[VMA-11] who is a page or more behind, or of another epoch, does not wait', async (t) => {
  const vma = await started(t)
  for (const key of ['a', 'b', 'c']) transfer(vma, key, 1)
  const never = '&wait=30000'
  const first = changesOf(await ask(vma.port, `${PATH}?since=other.7&limit=2${never}`))
  t.match(first, { full: true, more: true })
  transfer(vma, 'd', 1)
  const second = changesOf(await ask(vma.port, `${PATH}?since=${first.revision}&limit=2${never}`))
  t.match(second, { full: false, jobs: [{ key: 'c' }, { key: 'd' }] })
})

t.test('[VMA-11] bad values are refused, all of them named', async (t) => {
  const vma = await started(t)
  for (const query of ['wait=-1', 'wait=30001', 'wait=1.5', 'wait=', 'limit=0', 'limit=10001', 'limit=all']) {
    const reply = await ask(vma.port, `${PATH}?${query}`)
    t.equal(reply.status, 400, query)
    t.match(json(reply), { error: 'invalid query', details: query.slice(0, query.indexOf('=')) })
  }
  const reply = await ask(vma.port, `${PATH}?since=${'x'.repeat(256)}&wait=x&limit=y&since=z&page=2`)
  for (const name of ['since must be given once', 'since must have at most', 'wait', 'limit', '"page" is no parameter'])
    t.match(json(reply)['details'], name)
})

t.test('[VMA-11, SEC-1] a token is asked for before anybody waits', async (t) => {
  const vma = await started(t, { tokens: ['secret'] })
  t.equal((await ask(vma.port, `${PATH}?wait=30000`)).status, 401)
  const headers = { authorization: 'Bearer secret' }
  t.equal((await ask(vma.port, PATH, { headers })).status, 200)
})

t.test('[VMA-11] a job that is named like the feed is taken, told by it, and read by its name encoded', async (t) => {
  const vma = await started(t)
  t.equal((await send(vma.port, 'POST', `${PATH}/update`, { percent: 5 })).status, 200)
  t.match(changesOf(await ask(vma.port, PATH)), { jobs: [{ key: 'changes', progress: { percentage: 5 } }] })
  t.match(json(await ask(vma.port, '/api/v1/progress/%63hanges')), { job_id: 'changes', percentage: 5 })
})

t.test('[VMA-11] one that goes while it waits is forgotten at once', async (t) => {
  const vma = await started(t)
  const { revision } = changesOf(await ask(vma.port, PATH))
  const options = { host: '127.0.0.1', port: vma.port, path: `${PATH}?since=${revision}&wait=30000`, agent: false }
  const gone = request(options).on('error', () => undefined)
  gone.end()
  await waiting(vma, 1)
  gone.destroy()
  await waiting(vma, 0)
  const head = ask(vma.port, `${PATH}?since=${revision}&wait=30000`, { method: 'HEAD' })
  await waiting(vma, 1)
  transfer(vma, 'job-1', 1)
  t.match(await head, { status: 200, text: '' })
})

t.test('[VMA-11] at most 64 wait, the next is told to come again; a change answers them all', async (t) => {
  const vma = await started(t)
  const { revision } = changesOf(await ask(vma.port, PATH))
  const path = `${PATH}?since=${revision}&wait=30000`
  const replies = Array.from({ length: 64 }, () => ask(vma.port, path))
  await waiting(vma, 64)
  const refused = await ask(vma.port, path)
  t.equal(refused.status, 503)
  t.match(json(refused), { error: 'too many waiting requests', details: 'at most 64' })
  t.equal(refused.headers['retry-after'], '1')
  t.equal((await ask(vma.port, `${PATH}?since=${revision}`)).status, 200, 'who does not wait is answered')
  transfer(vma, 'job-1', 1)
  for (const reply of await Promise.all(replies)) t.equal(changesOf(reply).jobs.length, 1)
  t.equal(vma.polls.waiting, 0)
})

t.test('[VMA-11] a service that stops answers those who wait with what there is', async (t) => {
  const vma = await started(t)
  const { revision } = changesOf(await ask(vma.port, PATH))
  const reply = ask(vma.port, `${PATH}?since=${revision}&wait=30000`)
  await waiting(vma, 1)
  transfer(vma, 'job-1', 1)
  const closed = vma.close()
  t.equal(changesOf(await reply).jobs.length, 1)
  await closed
})
