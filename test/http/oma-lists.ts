/** What the documents wish for on the list of VM contexts (API-2): selection, order, pages. */

import type { Test } from 'tap'
import { addDocumentedVm, DOCUMENTED_DETAIL } from '../support/documented-vm.ts'
import { addContext, DETAIL, LIST, names, startRest } from '../support/rest.ts'

/** `freshUrl` gives an empty database each time. */
export function omaLists(t: Test, engine: string, freshUrl: () => Promise<string>): void {
  selection(t, engine, freshUrl)
  pages(t, engine, freshUrl)
}

function selection(t: Test, engine: string, freshUrl: () => Promise<string>): void {
  t.test(`[API-2] ${engine}: by status, by part of the name, by fields`, async (t) => {
    const { on, get } = await startRest(t, await freshUrl())
    await addContext(on, 'Größe-1', { current_status: 'failed' })
    await addContext(on, 'alpha_1', { current_status: 'replicating' })
    await addContext(on, 'Beta%1', { current_status: 'replicating' })
    await addContext(on, 'gamma', { current_status: 'completed' })
    t.strictSame(names(await get(LIST)), ['alpha_1', 'Beta%1', 'gamma', 'Größe-1'])
    t.strictSame(names(await get(`${LIST}?status=failed,completed`)), ['gamma', 'Größe-1'])
    t.strictSame(names(await get(`${LIST}?status=cleanup_required`)), [])
    for (const [q, found] of [
      ['ETA', ['Beta%1']],
      ['GRÖSSE', []],
      ['GRÖ', ['Größe-1']],
      ['%25', ['Beta%1']],
      ['_', ['alpha_1']],
      ["'", []],
      ['a', ['alpha_1', 'Beta%1', 'gamma']],
      ['', ['alpha_1', 'Beta%1', 'gamma', 'Größe-1']],
    ] as const)
      t.strictSame(names(await get(`${LIST}?q=${q === '%25' ? q : encodeURIComponent(q)}`)), found, q)
    const { body } = await get(`${LIST}?q=beta&fields=current_status,vm_name,current_status`)
    t.equal(
      JSON.stringify(body),
      '{"count":1,"vm_contexts":[{"vm_name":"Beta%1","current_status":"replicating"}]}',
      'in the order of the whole answer',
    )
  })

  t.test(`[API-2] ${engine}: sorted each way`, async (t) => {
    const { on, get } = await startRest(t, await freshUrl())
    const times = ['2025-09-09 11:38:39', null, '2025-09-10 11:38:39', '2025-09-09 11:38:40']
    const statuses = ['replicating', 'failed', 'completed', 'replicating']
    for (const [i, name] of ['b', 'A', 'd', 'C'].entries())
      await addContext(on, name, {
        context_id: `ctx-${i}`,
        last_job_at: times[i],
        updated_at: times[3 - i] ?? '2020-01-01 00:00:00',
        current_status: statuses[i],
      })
    const sorted = async (sort: string): Promise<string> => names(await get(`${LIST}?sort=${sort}`)).join('')
    t.equal(await sorted('vm_name'), 'AbCd')
    t.equal(await sorted('-vm_name'), 'dCbA')
    t.equal(await sorted('last_job_at'), 'AbCd', 'one that never ran comes first')
    t.equal(await sorted('-last_job_at'), 'dCbA')
    t.equal(await sorted('updated_at'), 'dCbA')
    t.equal(await sorted('-updated_at'), 'AbCd')
    t.equal(await sorted('current_status'), 'dAbC', 'by the word, then by context')
  })

  t.test(`[API-2] ${engine}: a part is left out, and its queries with it`, async (t) => {
    const { on, get } = await startRest(t, await freshUrl())
    await addDocumentedVm(on)
    const { body } = await get(`${DETAIL}?fields=disks.disk_id,context.vm_name,current_job,context.context_id`)
    t.equal(
      JSON.stringify(body),
      JSON.stringify({
        context: { context_id: DOCUMENTED_DETAIL.context.context_id, vm_name: 'pgtest1' },
        current_job: DOCUMENTED_DETAIL.current_job,
        disks: [{ disk_id: 'disk-2000' }],
      }),
    )
  })
}

function pages(t: Test, engine: string, freshUrl: () => Promise<string>): void {
  for (const sort of ['vm_name', '-vm_name', 'last_job_at', '-last_job_at', '-updated_at', 'current_status']) {
    t.test(
      `[API-2] ${engine}: pages by ${sort} meet each context once, whatever comes and goes meanwhile`,
      async (t) => {
        const { on, get } = await startRest(t, await freshUrl())
        for (let i = 0; i < 23; i += 1) {
          const at = i % 5 === 0 ? null : `2025-09-09 11:38:${10 + (i % 7)}`
          await addContext(on, `vm ${String(i * 7).padStart(3, '0')}`, {
            context_id: `ctx-${(i * 13) % 23}`,
            last_job_at: at,
            updated_at: at,
            current_status: i % 2 === 0 ? 'failed' : 'replicating',
          })
        }
        const whole = names(await get(`${LIST}?sort=${sort}`))
        const met: unknown[] = []
        let path = `${LIST}?sort=${sort}&limit=4`
        for (let i = 0; path !== '' && i < 10; i += 1) {
          const page = await get(path)
          met.push(...names(page))
          const { next_cursor: next } = page.body
          path = typeof next === 'string' ? `${LIST}?sort=${sort}&limit=4&cursor=${next}` : ''
          if (i === 0) {
            await on.run('delete from vm_replication_contexts where vm_name = ?', [String(met[0])])
            await addContext(on, 'new', {
              last_job_at: null,
              updated_at: '1999-01-01 00:00:00',
              current_status: 'completed',
            })
          }
        }
        t.equal(path, '')
        t.strictSame(
          met.filter((name) => name !== 'new'),
          whole,
        )
      },
    )
  }

  t.test(`[API-2] ${engine}: next_cursor only where there is more and a limit was given`, async (t) => {
    const { on, get } = await startRest(t, await freshUrl())
    for (const name of ['a', 'b', 'c']) await addContext(on, name)
    t.strictSame(Object.keys((await get(LIST)).body), ['count', 'vm_contexts'])
    t.strictSame(Object.keys((await get(`${LIST}?limit=3`)).body), ['count', 'vm_contexts'])
    const first = await get(`${LIST}?limit=2`)
    t.match(first.body, { count: 2, next_cursor: /^[\w-]+$/ })
    const rest = await get(`${LIST}?cursor=${String(first.body['next_cursor'])}`)
    t.strictSame(names(rest), ['c'], 'without a limit the rest comes at once')
  })
}
