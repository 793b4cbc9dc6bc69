import t from 'tap'
import { PollingOrders, type PollingOrdersOptions } from '../../src/actors/polling-control.ts'
import { pollingStatus } from '../../src/actors/polling-status.ts'
import { RuntimeStats, type Gauges } from '../../src/actors/stats.ts'
import type { JobTarget } from '../../src/db/ports.ts'
import { START, target, Tracking, transfer } from '../support/tracking.ts'

const GAUGES: Gauges = {
  active: 0,
  inFlight: 3,
  mailboxDepth: 4,
  conflated: 0,
  writesQueued: 5,
  databaseDegraded: false,
  writes: { rows: 0, disks: 0, ends: 0, flushes: 0, refused: 0, replaced: 0, dropped: 0, faults: 0 },
  jobLog: { written: 0, refused: 0, dropped: 0, faults: 0, queued: 0 },
}
const rfc3339 = (at: number): string => new Date(at).toISOString()

function rigWith(rows: readonly JobTarget[], options: Partial<PollingOrdersOptions> = {}) {
  const rig = new Tracking()
  const asked: string[] = []
  const orders = new PollingOrders({
    supervisor: rig.supervisor,
    store: {
      targets: async (ids) => {
        asked.push(...ids)
        return rows.filter(({ jobId }) => ids.includes(jobId))
      },
    },
    statuses: ['replicating', 'Running'],
    discoverNow: async () => {},
    status: () => pollingStatus({ jobs: [], circuits: [], feeds: [], stats: new RuntimeStats().read(GAUGES), rfc3339 }),
    ...options,
  })
  return { rig, orders, asked }
}

t.test('[API-4, POLL-1] start: a followed job is polled at once; one that is not is looked for first', async (t) => {
  const { rig, orders, asked } = rigWith([], {
    discoverNow: async () => void rig.supervisor.adopt([target('b')]),
  })
  rig.adopt(target('a'))
  t.same(await orders.start('a'), { outcome: 'done', state: 'polling' })
  t.same(rig.asked, ['a'])
  t.same(await orders.start('b'), { outcome: 'done', state: 'polling' })
  t.same(rig.asked, ['a', 'b'])
  t.same(asked, [], 'discovery found it')
})

t.test('[API-4] what the round of discovery under way missed is read for itself', async (t) => {
  const { rig, orders } = rigWith([target('a'), target('b', { status: 'RUNNING' })])
  t.same(await orders.start('a'), { outcome: 'done', state: 'polling' })
  t.same(await orders.stop('b'), { outcome: 'done', state: 'paused' })
  t.same(rig.asked, ['a'])
})

t.test('[API-4] unknown, over and inactive jobs are told apart; a database that is away rejects', async (t) => {
  const rows = [target('over', { status: 'Completed' }), target('odd', { status: 'archived' }), target('a')]
  const { rig, orders } = rigWith(rows)
  t.same(await orders.start('nope'), { outcome: 'unknown' })
  t.same(await orders.start('over'), { outcome: 'inactive', status: 'completed' })
  t.same(await orders.stop('odd'), { outcome: 'inactive', status: 'archived' })
  rig.adopt(target('a'))
  rig.untilAsked('a')
  rig.answer('a', transfer(1_000, { status: 'completed' }))
  t.same(await orders.start('a'), { outcome: 'inactive', status: 'completed' }, 'over, and its row not written yet')
  const away = rigWith([], { store: { targets: () => Promise.reject(new Error('away')) } })
  await t.rejects(away.orders.start('x'), /away/)
})

t.test('[API-4] the status counts what is polled, what is not and why', async (t) => {
  const rig = new Tracking({ vmas: ['one', 'two'], vmaOf: ({ jobId }) => (jobId === 'c' ? 1 : 0) })
  rig.adopt(target('a'), target('b'), target('c'), target('d'))
  rig.supervisor.pause('a')
  rig.untilAsked('d')
  rig.answer('d', transfer(1_000, { status: 'completed' }))
  for (let i = 0; i < 5; i += 1) {
    rig.untilAsked('b')
    rig.fail('b', 'http_5xx', 500)
  }
  rig.untilAsked('c')
  rig.fail('c', 'unreachable')
  rig.probed(1, false)
  const downAt = rig.now()
  const status = pollingStatus({
    jobs: rig.supervisor.jobs.all(),
    circuits: rig.supervisor.circuits.view(),
    feeds: ['following', 'broken'],
    stats: new RuntimeStats().read(GAUGES),
    rfc3339,
  })
  t.match(status, {
    active_jobs: 3,
    jobs_by_state: { paused: 1, suspended: 1, held: 1 },
    vmas: [
      { name: 'one', state: 'closed', status: 'up', reason: null, active_jobs: 2, feed: 'following' },
      {
        name: 'two',
        state: 'open',
        status: 'down',
        since: rfc3339(downAt),
        reason: 'unreachable',
        active_jobs: 1,
        feed: 'broken',
      },
    ],
    queues: { polls_in_flight: 3, results_waiting: 4, writes_waiting: 5, database_degraded: false },
    suspended_count: 2,
    suspended_jobs: [
      { job_id: 'a', state: 'paused', since: rfc3339(START), last_contact_at: null, last_error: null },
      { job_id: 'b', state: 'suspended', consecutive_errors: 5, last_error: 'http_5xx' },
    ],
  })
})

t.test('[API-4] rates and shares are those of the last minute', async (t) => {
  const stats = new RuntimeStats()
  const read = () => pollingStatus({ jobs: [], circuits: [], feeds: [], stats: stats.read(GAUGES), rfc3339 })
  stats.mark(START, 0)
  t.match(read(), { success_rate_percent: null, average_response_time_ms: null, polls_total: 0 })
  for (let i = 0; i < 100; i += 1) stats.poll(0, 1_000, 'not_found')
  stats.mark(START + 60_000, 0)
  t.match(read(), { success_rate_percent: 0, average_response_time_ms: 1_000 })
  for (let i = 0; i < 120; i += 1) stats.poll(0, 20, i % 4 === 0 ? 'timeout' : undefined)
  stats.mark(START + 120_000, 300)
  stats.mark(START + 120_500, 9_999)
  t.match(read(), {
    window_seconds: 60,
    polls_per_second: 2,
    success_rate_percent: 75,
    average_response_time_ms: 20,
    database_updates_per_second: 5,
    error_distribution: { not_found: 100, timeout: 30 },
    polls_total: 220,
  })
})
