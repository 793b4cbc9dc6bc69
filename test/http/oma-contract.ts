/** The documented requests and answers of the OMA (API-1, API-3, API-6), and many of them at once (API-2). */

import type { Test } from 'tap'
import { contextDetails } from '../../src/db/contexts.ts'
import { contextPage } from '../../src/db/context-list.ts'
import type { Executor } from '../../src/db/executor.ts'
import { rfc3339 } from '../../src/model/time.ts'
import { inFull } from '../support/contexts.ts'
import {
  addDocumentedVm,
  DOCUMENTED_DETAIL,
  DOCUMENTED_LIST,
  DOCUMENTED_ZONE,
  insert,
} from '../support/documented-vm.ts'
import { liveJobAt } from '../support/live-jobs.ts'
import { addContext, DETAIL, LIST, NOW, startRest } from '../support/rest.ts'

const DOCUMENTED_JOB = 'job-20250909-114850'

/** `freshUrl` gives an empty database each time. */
export function omaContract(t: Test, engine: string, freshUrl: () => Promise<string>): void {
  documentedAnswers(t, engine, freshUrl)
  bulk(t, engine, freshUrl)
}

function documentedAnswers(t: Test, engine: string, freshUrl: () => Promise<string>): void {
  t.test(`[API-1] ${engine}: the documented list and detail, field for field`, async (t) => {
    const { on, get } = await startRest(t, await freshUrl())
    await addDocumentedVm(on)
    const detail = await get(DETAIL)
    t.strictSame(detail.body, DOCUMENTED_DETAIL)
    t.equal(detail.reply.text, JSON.stringify(DOCUMENTED_DETAIL), 'in the documented order')
    t.equal((await get(LIST)).reply.text, JSON.stringify({ ...DOCUMENTED_LIST, count: 1 }))
  })

  t.test(`[API-1] ${engine}: a bare row answers every field, with '' and 0 and null where they belong`, async (t) => {
    const { on, database, get } = await startRest(t, await freshUrl())
    await addContext(on, 'bare', { created_at: null, updated_at: null, last_status_change: null })
    const { body, status } = await get(`${LIST}/bare`)
    t.equal(status, 200)
    t.match(body, {
      context: { vmware_vm_id: '', current_job_id: null, cpu_count: 0, os_type: '', created_at: '', last_job_at: null },
      current_job: null,
      job_history: [],
      disks: [],
      cbt_history: [],
    })
    t.strictSame(await inFull(database, 'bare'), [body])
  })

  t.test(`[API-1] ${engine}: at most 10 earlier jobs and 20 CBT records, newest first`, async (t) => {
    const { on, get } = await startRest(t, await freshUrl())
    await addDocumentedVm(on)
    const { context, current_job, cbt_history } = DOCUMENTED_DETAIL
    for (let i = 0; i < 25; i += 1) {
      const created_at = `2025-08-01 10:00:${String(i).padStart(2, '0')}`
      const job = { ...current_job, id: `job-${i}`, created_at, source_vm_path: '', v_center_host: '', datacenter: '' }
      await insert(on, 'replication_jobs', { ...job, vma_last_poll_at: null, updated_at: created_at })
      await insert(on, 'cbt_history', { ...cbt_history[0], id: i + 1, change_id: `c-${i}`, created_at })
    }
    const { body } = await get(`${DETAIL}?fields=job_history.id,cbt_history.change_id`)
    t.strictSame(body['job_history'], [
      { id: 'job-20250909-113839' },
      ...Array.from({ length: 9 }, (_, i) => ({ id: `job-${24 - i}` })),
    ])
    t.strictSame(
      body['cbt_history'],
      [{ change_id: '' }, ...Array.from({ length: 19 }, (_, i) => ({ change_id: `c-${24 - i}` }))],
      context.vm_name,
    )
  })

  t.test(
    `[API-1] ${engine}: live progress of a running job is merged in, and before its first answer none`,
    async (t) => {
      const { on, jobs, get } = await startRest(t, await freshUrl())
      await addDocumentedVm(on)
      jobs.set(DOCUMENTED_JOB, liveJobAt(NOW, DOCUMENTED_ZONE, { lastContactAt: null }))
      t.strictSame((await get(DETAIL)).body, DOCUMENTED_DETAIL)
      jobs.set(DOCUMENTED_JOB, liveJobAt(NOW + 204, DOCUMENTED_ZONE))
      const live = {
        ...DOCUMENTED_DETAIL,
        current_job: {
          ...DOCUMENTED_DETAIL.current_job,
          progress_percent: 50.25,
          current_operation: 'Transfer',
          bytes_transferred: 19_423_989_432,
          transfer_speed_bps: 24_026_878,
          vma_throughput_mbps: 22.91,
          vma_eta_seconds: 801,
          vma_last_poll_at: '2025-09-09T13:15:30+01:00',
        },
        disks: [
          {
            ...DOCUMENTED_DETAIL.disks[0],
            sync_status: 'syncing',
            sync_progress_percent: 50.25,
            bytes_synced: 19_423_989_432,
          },
        ],
      }
      t.strictSame((await get(DETAIL)).body, live)
      t.strictSame((await get(`${LIST}?names=pgtest1`)).body, { count: 1, vm_contexts: [live], not_found: [] })
      t.strictSame((await get(`${DETAIL}?fields=disks.bytes_synced,current_job.vma_eta_seconds`)).body, {
        current_job: { vma_eta_seconds: 801 },
        disks: [{ bytes_synced: 19_423_989_432 }],
      })
      await on.run(`update vm_disks set job_id = 'job-20250909-113839'`)
      t.match((await get(DETAIL)).body, { disks: [{ sync_status: 'pending' }] }, 'a row of another job stays as it is')
    },
  )

  t.test(`[API-3] ${engine}: live state of all jobs and of one`, async (t) => {
    const { jobs, get } = await startRest(t, await freshUrl())
    t.strictSame((await get('/api/v1/progress')).body, { count: 0, epoch: 'epoch-1', seq: 7, jobs: [] })
    for (let i = 0; i < 2_000; i += 1)
      jobs.set(`job-${i}`, liveJobAt(NOW, DOCUMENTED_ZONE, { jobId: `job-${i}`, vmName: 'o\'brien "x" 😀' }))
    const all = await get('/api/v1/progress')
    t.strictSame(all.body, { count: 2_000, epoch: 'epoch-1', seq: 7, jobs: [...jobs.values()] })
    const one = await get('/api/v1/progress/job-77')
    t.strictSame(one.body, jobs.get('job-77'))
    t.strictSame((await get('/api/v1/progress/nope')).body, {
      error: 'job not found',
      job_id: 'nope',
      timestamp: '2025-09-09T12:15:30Z',
    })
  })
}

function bulk(t: Test, engine: string, freshUrl: () => Promise<string>): void {
  t.test(`[API-2] ${engine}: names give what the detail gives, in their order; unknown ones are told`, async (t) => {
    const { on, get } = await startRest(t, await freshUrl())
    await addDocumentedVm(on)
    await addContext(on, 'second vm')
    const second = await get(`${LIST}/second%20vm`)
    t.strictSame((await get(`${LIST}?names=nobody,second%20vm,PGTEST1,pgtest1,nobody,pgtest1`)).body, {
      count: 2,
      vm_contexts: [second.body, DOCUMENTED_DETAIL],
      not_found: ['nobody', 'PGTEST1'],
    })
    t.strictSame((await get(`${LIST}?names=pgtest1&fields=context.vm_name`)).body, {
      count: 1,
      vm_contexts: [{ context: { vm_name: 'pgtest1' } }],
      not_found: [],
    })
  })

  t.test(`[API-1] ${engine}: a name in two vCenters is answered by neither; vcenter picks one`, async (t) => {
    const { on, get } = await startRest(t, await freshUrl())
    await addContext(on, 'web01', { context_id: 'one', vcenter_host: 'vc-b.local' })
    await addContext(on, 'web01', { context_id: 'two', vcenter_host: 'vc-a.local' })
    const both = await get(`${LIST}/web01`)
    t.equal(both.status, 409)
    t.strictSame(both.body, {
      error: 'VM name is not unique: web01',
      details: 'the name stands in vc-a.local, vc-b.local: say which one by ?vcenter=',
      timestamp: '2025-09-09T12:15:30Z',
    })
    t.match((await get(`${LIST}/web01?vcenter=VC-B.local`)).body, { context: { context_id: 'one' } })
    const neither = await get(`${LIST}/web01?vcenter=vc-c.local`)
    t.equal(neither.status, 404)
    t.match(neither.body, { error: 'VM context not found for: web01', details: 'in the vCenter vc-c.local' })
    t.match((await get(`${LIST}?names=web01`)).body, {
      count: 2,
      vm_contexts: [{ context: { context_id: 'two' } }, { context: { context_id: 'one' } }],
    })
    t.match((await get(`${LIST}?names=web01&vcenter=vc-a.local`)).body, { count: 1, not_found: [] })
  })

  t.test(`[API-1, API-2] ${engine}: one query for the list, five for details, however many VMs`, async (t) => {
    const { on, database } = await startRest(t, await freshUrl())
    await addDocumentedVm(on)
    const all: string[] = ['pgtest1']
    for (let i = 0; i < 99; i += 1) {
      all.push(`vm-${i}`)
      await addContext(on, `vm-${i}`)
    }
    let asked = 0
    const counting: Executor = {
      all: (sql, params) => {
        asked += 1
        return on.all(sql, params)
      },
      run: (sql, params) => on.run(sql, params),
    }
    const known = new Map([['vm_replication_contexts', new Set(['vm_name'])]])
    const ctx = { on: counting, known, limits: new Map(), zone: DOCUMENTED_ZONE }
    t.equal((await contextPage(ctx, { sort: { field: 'vm_name', descending: false } })).count, 100)
    t.equal(asked, 1)
    for (const names of [['pgtest1'], all]) {
      asked = 0
      t.equal((await contextDetails(ctx, { names })).length, names.length)
      t.equal(asked, 5)
    }
    asked = 0
    await contextDetails(ctx, { names: all, parts: { context: ['vm_name'], disks: ['id'] } })
    t.equal(asked, 2)
    t.equal((await database.contextDetails({ names: [] })).length, 0)
  })

  t.test(`[API-6] ${engine}: times are RFC 3339 with the zone's offset, in winter too`, async (t) => {
    const { on, get } = await startRest(t, await freshUrl())
    await addContext(on, 'winter', { created_at: '2025-01-09 11:38:39', last_job_at: '2025-06-09 11:38:39' })
    t.match((await get(`${LIST}/winter`)).body, {
      context: {
        created_at: rfc3339(Date.parse('2025-01-09T11:38:39Z'), 'UTC'),
        last_job_at: '2025-06-09T11:38:39+01:00',
      },
    })
  })
}
