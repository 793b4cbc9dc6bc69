/** What the OMA refuses, and how it says so (API-2, API-6, SEC-1). */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { cursorOf } from '../../src/http/cursor.ts'
import { startRest, TOKEN } from '../support/rest.ts'

const folder = mkdtempSync(join(tmpdir(), 'sightline-refusals-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const rest = await startRest(t, `sqlite:${join(folder, 'one.db')}`)
const { get, faults } = rest
const LIST = '/api/v1/vm-contexts'
const AT = '2025-09-09T12:15:30Z'

t.test('[API-2] every bad value is named, all at once, and nothing is ignored', async (t) => {
  const cursor = cursorOf('vm_name', { key: 'a', contextId: 'b' })
  for (const [query, ...told] of [
    ['colour=red', '"colour" is no parameter of this path (status, q, sort, limit, cursor, fields, names, vcenter)'],
    ['status=replicating,running,', 'status must be a list without empty entries, such as a,b'],
    ['status=running,failed,Completed', 'status does not know "running", "Completed" (discovered, replicating'],
    ['limit=0', 'limit must be a whole number from 1 to 1000, not "0"'],
    ['limit=1e3', 'limit must be a whole number from 1 to 1000, not "1e3"'],
    ['limit=', 'limit must be a whole number from 1 to 1000, not ""'],
    ['limit=-1&limit=5', 'limit must be given once'],
    ['sort=name', 'sort does not know "name" (vm_name, -vm_name'],
    ['sort=-current_status', 'sort does not know "-current_status"'],
    ['fields=vm_name,disks,__proto__', 'fields does not know "disks", "__proto__"'],
    ['fields=', 'fields must be a list without empty entries'],
    ['cursor=bm90', 'cursor is none that this list gave'],
    ['cursor=W10', 'cursor is none that this list gave'],
    [`cursor=${cursor}&sort=-vm_name`, 'cursor was given for sort=vm_name, not "-vm_name"'],
    [`q=${'x'.repeat(256)}`, 'q must have at most 255 characters'],
    ['names=', 'names must be a list without empty entries'],
    [`names=${Array.from({ length: 101 }, (_, i) => i).join(',')}`, 'names must have at most 100 entries'],
    [
      'names=a&status=failed&limit=5',
      'status does not go together with names',
      'limit does not go together with names',
    ],
    ['names=a&fields=vm_name,context.x', 'fields does not know "vm_name", "context.x"'],
    ['vcenter=a', 'vcenter goes together with names only'],
    ['colour=1&limit=x&sort=y&fields=z', '"colour" is no', 'limit must be', 'sort does not', 'fields does not'],
  ] as const) {
    const { status, body } = await get(`${LIST}?${query}`)
    t.equal(status, 400, query)
    t.match(body, { error: 'invalid query', timestamp: AT })
    for (const sentence of told)
      t.ok(String(body['details']).includes(sentence), `${query}: ${String(body['details'])}`)
  }
  for (const [query, told] of [
    ['limit=5', '"limit" is no parameter of this path (vcenter, fields)'],
    ['fields=context.vm_name,vm_name,jobs', 'fields does not know "vm_name", "jobs"'],
  ] as const) {
    const { status, body } = await get(`${LIST}/pgtest1?${query}`)
    t.strictSame({ status, body }, { status: 400, body: { error: 'invalid query', details: told, timestamp: AT } })
  }
  t.same(faults, [])
})

t.test('[API-2] a path that takes no parameters refuses each by its name, and does nothing', async (t) => {
  for (const [method, path] of [
    ['GET', '/api/v1/progress'],
    ['GET', '/api/v1/progress/job-1'],
    ['GET', '/api/v1/progress/job-1/history'],
    ['GET', '/api/v1/vma-polling/status'],
    ['GET', '/api/debug/nbd-export-names/job-1'],
    ['POST', '/api/test/start-polling/job-1'],
    ['POST', '/api/test/stop-polling/job-1'],
    ['GET', '/api/v1/openapi.json'],
    ['GET', '/api/v1/asyncapi.json'],
  ] as const) {
    const { status, body } = await get(`${path}?x=1&limit=5`, { method })
    const details =
      '"x" is no parameter of this path (it takes none); "limit" is no parameter of this path (it takes none)'
    t.strictSame({ status, body }, { status: 400, body: { error: 'invalid query', details, timestamp: AT } }, path)
    t.equal((await get(`${path}?x=1`, { method, token: 'wrong' })).status, 401, 'strangers are told nothing of it')
  }
  t.equal((await get('/healthz?from=balancer')).status, 200, 'probes are let alone')
  t.equal((await get('/readyz?from=balancer')).status, 200)
  t.equal((await get('/api/v1/progress?')).status, 200, 'an empty query is none')
  t.equal((await get('/api/v1/progress?_=1757416850709')).status, 200, "a GUI's word against caches")
  t.equal((await get(`${LIST}?_=1757416850709&limit=1`)).status, 200)
  t.same(faults, [], 'no handler was called')
})

t.test('[API-2] no text of a query reaches the SQL as SQL', async (t) => {
  const cursor = cursorOf('vm_name', { key: "' or 1=1 --", contextId: '"; drop table vm_disks' })
  const evil = encodeURIComponent("x' or '1'='1")
  t.match((await get(`${LIST}?cursor=${cursor}`)).body, { count: 0 })
  t.match((await get(`${LIST}?q=${evil}`)).body, { count: 0 })
  t.match((await get(`${LIST}?names=${evil}`)).body, { count: 0 })
  t.equal((await get(`${LIST}/${evil}`)).status, 404)
  t.same(faults, [])
})

t.test('[API-6] each path without a token, with a wrong one, with a wrong method and a bad name', async (t) => {
  const paths = [
    ['GET', LIST],
    ['GET', `${LIST}/pgtest1`],
    ['GET', '/api/v1/progress'],
    ['GET', '/api/v1/progress/job-1'],
    ['POST', '/api/test/start-polling/job-1'],
    ['POST', '/api/test/stop-polling/job-1'],
    ['GET', '/api/debug/nbd-export-names/job-1'],
    ['GET', '/api/v1/vma-polling/status'],
  ] as const
  for (const [method, path] of paths) {
    for (const token of ['', 'wrong', TOKEN.toUpperCase()]) {
      const { status, body, reply } = await get(path, { method, token })
      t.equal(status, 401, `${method} ${path}`)
      t.strictSame(body, { error: 'Authentication required', timestamp: AT })
      t.equal(reply.headers['content-type'], 'application/json')
    }
    const other = await get(path, { method: method === 'GET' ? 'DELETE' : 'GET' })
    t.match(other, { status: 405, body: { error: 'method not allowed', details: /^allowed: / } })
    if (path.endsWith('1')) {
      const bad = await get(path.replace(/[^/]+$/, '%00'), { method })
      t.match(bad, { status: 400, body: { error: 'bad path', timestamp: AT } })
    }
  }
  t.match(await get('/api/v2/nothing'), { status: 404, body: { error: 'not found', timestamp: AT } })
})

t.test('[API-1, API-6] a name that no VM has; a database that fails', async (t) => {
  t.strictSame((await get(`${LIST}/nonexistent-vm`)).body, {
    error: 'VM context not found for: nonexistent-vm',
    timestamp: AT,
  })
  const url = `sqlite:${join(folder, 'broken.db')}`
  const broken = await startRest(t, url)
  await broken.on.run('alter table vm_replication_contexts rename to gone')
  for (const [path, error] of [
    [LIST, 'Failed to retrieve VM contexts'],
    [`${LIST}?names=a`, 'Failed to retrieve VM contexts'],
    [`${LIST}/pgtest1`, 'Failed to retrieve VM context'],
  ] as const) {
    const { status, body } = await broken.get(path)
    const { request_id: id, ...rest } = body
    t.match(id, /^[\da-f]{16}$/)
    t.strictSame({ status, rest }, { status: 500, rest: { error, timestamp: AT } })
  }
  t.strictSame(broken.faults, ['list of VM contexts', 'list of VM contexts', 'VM context'])
})
