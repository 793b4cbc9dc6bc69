import fc from 'fast-check'
import t from 'tap'
import { changedFields } from '../../../src/http/stream/differ.ts'
import type { LiveJobJson } from '../../../src/model/live.ts'
import { liveState } from '../../support/stream.ts'

t.test('[WS-1] a delta holds only what changed, nested values whole', async (t) => {
  const before = liveState('a', 'vm1')
  t.equal(changedFields(before, structuredClone(before)), undefined)
  t.same(changedFields(before, { ...before, bytes_transferred: 7 }), { job_id: 'a', bytes_transferred: 7 })
  const poller = { ...before.poller, consecutive_errors: 1 }
  t.same(changedFields(before, { ...before, poller }), { job_id: 'a', poller })
})

t.test('[WS-1] ages alone are no change; with another change they come along', async (t) => {
  const aged = (age: number, more: Partial<LiveJobJson> = {}): LiveJobJson =>
    liveState('a', 'vm1', { ...more, contact_age_seconds: age, source_update_age_seconds: age })
  t.equal(changedFields(aged(1), aged(2)), undefined)
  t.same(changedFields(aged(1), aged(2, { status: 'failed' })), {
    job_id: 'a',
    status: 'failed',
    contact_age_seconds: 2,
    source_update_age_seconds: 2,
  })
})

const value = fc.oneof(
  fc.constant(null),
  fc.nat(3),
  fc.array(fc.record({ x: fc.nat(2) }), { maxLength: 2 }),
  fc.record({ x: fc.nat(2), y: fc.constantFrom('', 'z') }, { requiredKeys: [] }),
)
const fields = fc.dictionary(fc.constantFrom('p', 'q', 'r', 's'), value)

t.test('[WS-1] merged onto the state before, a delta gives the state after', async (t) => {
  fc.assert(
    fc.property(fields, fields, (a, b) => {
      const state = liveState('a', 'vm1')
      const delta = changedFields({ ...state, ...a }, { ...state, ...b })
      const merged: Record<string, unknown> = { ...state, ...a, ...delta }
      for (const key of Object.keys(a)) if (!Object.hasOwn(b, key) && merged[key] === null) delete merged[key]
      const sorted = (o: object): string => JSON.stringify(Object.entries(o).toSorted(([x], [y]) => (x < y ? -1 : 1)))
      if (sorted(merged) !== sorted({ ...state, ...b }))
        throw new Error(`${sorted(merged)} is not ${sorted({ ...state, ...b })}`)
    }),
  )
  t.pass('for 100 pairs')
})
