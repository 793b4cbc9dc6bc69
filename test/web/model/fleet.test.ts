import fc from 'fast-check'
import t from 'tap'
import { liveState } from '../../support/stream.ts'
import { Fleet } from '../../../web/src/model/fleet.ts'
import { Layout } from '../../../web/src/model/layout.ts'
import { EVERYTHING, select, statusesOf, type Query } from '../../../web/src/model/query.ts'
import type { Context } from '../../../web/src/model/state.ts'
import { totalsOf } from '../../../web/src/model/totals.ts'

type Job = ReturnType<typeof liveState>

function context(name: string, more: Partial<Context> = {}): Context {
  return {
    context_id: `ctx-${name}`,
    vm_name: name,
    vcenter_host: 'vcenter-01',
    current_status: 'discovered',
    current_job_id: null,
    last_job_at: null,
    last_status_change: null,
    ...more,
  }
}

/** All VMs, anew. */
function list(fleet: Fleet, ...contexts: readonly Context[]): void {
  const gone = fleet.contextIds.map((id) => [id, undefined] as const)
  fleet.applyContexts(new Map([...gone, ...contexts.map((context) => [context.context_id, context] as const)]))
}

function put(fleet: Fleet, ...jobs: readonly Job[]): void {
  fleet.apply(jobs.map((job) => [job.job_id, job]))
}

function shown(fleet: Fleet, query: Partial<Query> = {}): string[] {
  return select(fleet.rows.values(), { ...EVERYTHING, ...query }).map((row) => row.name)
}

t.test('[WEB-1] every VM is one row, with its job while there is one in memory and without it after', async (t) => {
  const fleet = new Fleet()
  list(fleet, context('a'), context('b', { current_status: 'failed' }))
  put(fleet, liveState('job-1', 'a'))
  t.same(
    [...fleet.rows.values()].map(({ name, state, status }) => [name, state, status]),
    [
      ['a', 'moving', 'replicating'],
      ['b', 'failed', 'failed'],
    ],
  )
  fleet.apply([['job-1', undefined]])
  t.equal(fleet.rows.get('ctx-a')?.job, undefined)
  t.equal(fleet.rows.get('ctx-a')?.state, 'idle')
  list(fleet, context('b'))
  t.same([...fleet.rows.keys()], ['ctx-b'], 'a VM that is gone has no row')
})

t.test('[WEB-1] a second running job of a VM has a row of its own, and one that is over none', async (t) => {
  const fleet = new Fleet()
  const old = liveState('job-old', 'a', { status: 'failed', created_at: '2025-09-05T14:00:00Z' })
  put(fleet, old, liveState('job-1', 'a', { created_at: '2025-09-05T15:00:00Z' }))
  t.same(
    [...fleet.rows.values()].map((row) => row.job?.job_id),
    ['job-1'],
  )
  put(fleet, liveState('job-2', 'a', { created_at: '2025-09-05T16:00:00Z' }))
  t.same([...fleet.rows.values()].map((row) => row.job?.job_id).toSorted(), ['job-1', 'job-2'])
  put(fleet, liveState('job-2', 'a', { status: 'completed', created_at: '2025-09-05T16:00:00Z' }))
  t.same(
    [...fleet.rows.values()].map((row) => row.job?.job_id),
    ['job-1'],
    'the running one speaks for the VM',
  )
  t.equal(fleet.jobNamed('a', 'vcenter-01')?.job_id, 'job-1', 'on its page too')
  t.equal(fleet.jobNamed('a', 'vcenter-02'), undefined)
})

t.test('a row that did not change stays the same object', async (t) => {
  const fleet = new Fleet()
  put(fleet, liveState('job-1', 'a'), liveState('job-2', 'b'))
  list(fleet, context('a'))
  const before = fleet.rows.get('ctx-a')
  list(fleet, context('a'))
  put(fleet, liveState('job-2', 'b', { progress_percent: 5 }))
  t.equal(fleet.rows.get('ctx-a'), before)
  t.equal(fleet.rows.get('ctx-b')?.job?.progress_percent, 5)
})

t.test('whatever comes in whatever order, the rows are those of the jobs and VMs that are there', async () => {
  const step = fc.record({ id: fc.integer({ min: 0, max: 5 }), vm: fc.constantFrom('a', 'b'), gone: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const fleet = new Fleet()
      const held = new Map<string, Job>()
      for (const { id, vm, gone } of steps) {
        const job = gone ? undefined : liveState(`job-${id}`, vm)
        fleet.apply([[`job-${id}`, job]])
        if (job === undefined) held.delete(`job-${id}`)
        else held.set(`job-${id}`, job)
      }
      const rows = [...fleet.rows.values()].map((row) => row.job?.job_id).toSorted()
      return JSON.stringify(rows) === JSON.stringify([...held.keys()].toSorted())
    }),
  )
})

function mixed(): Fleet {
  const fleet = new Fleet()
  list(fleet, context('idle-1'), context('old-2', { current_status: 'failed' }))
  put(
    fleet,
    liveState('job-1', 'web-10', {
      progress_percent: 40,
      transfer_speed_bps: 100,
      eta_low_seconds: 10,
      eta_high_seconds: 20,
    }),
    liveState('job-2', 'web-9', { verdict: 'stalled', progress_percent: 90 }),
    liveState('job-3', 'sql-1', {
      verdict: 'source_silent',
      transfer_speed_bps: 7,
      eta_low_seconds: 900,
      eta_high_seconds: 999,
    }),
    liveState('job-4', 'app-1', { verdict: 'slow', transfer_speed_bps: 5, eta_low_seconds: 30, eta_high_seconds: 90 }),
    liveState('job-5', 'app-2', { verdict: 'finished', status: 'completed', transfer_speed_bps: 55 }),
    liveState('job-6', 'app-3', { verdict: 'finished', status: 'failed' }),
  )
  return fleet
}

t.test('[WEB-1] what needs somebody comes first, history last', async (t) => {
  t.same(shown(mixed()), ['web-9', 'sql-1', 'app-3', 'app-1', 'web-10', 'app-2', 'idle-1', 'old-2'])
  t.same(shown(mixed(), { sort: 'name' }).slice(-2), ['web-9', 'web-10'])
})

t.test('[WEB-1] whichever way is up, rows without the number come last', async (t) => {
  const up = shown(mixed(), { sort: 'eta' })
  const down = shown(mixed(), { sort: 'eta', descending: true })
  t.same(up.slice(0, 3), ['web-10', 'app-1', 'sql-1'])
  t.same(down.slice(0, 3), ['sql-1', 'app-1', 'web-10'])
  t.same(up.slice(3), down.slice(3))
})

t.test('[WEB-1] search, group and status narrow the list together', async (t) => {
  const fleet = mixed()
  t.same(shown(fleet, { search: 'WEB' }).length, 2)
  t.same(shown(fleet, { search: 'vcenter-01 app' }).toSorted(), ['app-1', 'app-2', 'app-3'])
  t.same(shown(fleet, { search: 'job-4' }), ['app-1'])
  t.same(shown(fleet, { group: 'failed' }).toSorted(), ['app-3', 'old-2'])
  t.same(shown(fleet, { group: 'silent' }), ['sql-1'])
  t.same(shown(fleet, { group: 'running', search: 'app' }), ['app-1'])
  t.same(shown(fleet, { status: 'completed' }), ['app-2'])
  t.same(statusesOf(fleet.rows.values()), ['completed', 'discovered', 'failed', 'replicating'])
})

t.test('[WEB-1, WEB-3] totals count what is true now: no old speed, no old estimate', async (t) => {
  const { counts, bytesPerSecond, etaLow, etaHigh, withoutEta } = totalsOf(mixed().rows.values())
  t.same(counts, { all: 8, running: 4, moving: 1, slow: 1, stalled: 1, silent: 1, waiting: 0, failed: 2 })
  t.equal(bytesPerSecond, 105)
  t.same([etaLow, etaHigh, withoutEta], [30, 90, 2], 'the last job, and how many say nothing')
  t.same([totalsOf([]).etaLow, totalsOf([]).etaHigh], [null, null])
})

t.test('a virtual list shows every row that is in sight, wherever rows are opened', async () => {
  const opened = fc.uniqueArray(
    fc.record({ index: fc.integer({ min: 0, max: 49 }), extra: fc.integer({ min: 1, max: 200 }) }),
    {
      selector: ({ index }) => index,
      maxLength: 6,
    },
  )
  fc.assert(
    fc.property(opened, fc.integer({ min: 0, max: 4_000 }), fc.integer({ min: 1, max: 800 }), (opened, from, size) => {
      const layout = new Layout(50, 60, opened)
      const [first, end] = layout.between(from, from + size, 0)
      for (let index = 0; index < 50; index += 1) {
        const isSeen = layout.top(index + 1) > from && layout.top(index) < from + size
        if (isSeen && (index < first || index >= end)) return false
      }
      return end - first <= Math.ceil(size / 60) + 2
    }),
  )
})
