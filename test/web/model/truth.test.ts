import t from 'tap'
import type { CbtHistoryJson } from '../../../src/model/wire/vm-contexts.ts'
import { ClockOffset } from '../../../web/src/connection/clock-offset.ts'
import { News } from '../../../web/src/connection/news.ts'
import { SILENT_AFTER_MS, STALE_AFTER_MS, truthOf, type LinkFacts } from '../../../web/src/connection/truth.ts'
import { chainsOf } from '../../../web/src/model/cbt-chain.ts'
import { curveOf } from '../../../web/src/model/curve.ts'
import { EVERYTHING } from '../../../web/src/model/query.ts'
import { RollingSeries } from '../../../web/src/model/series.ts'
import { ageNow } from '../../../web/src/model/why.ts'
import { fleetHash, routeOf, vmHash } from '../../../web/src/session/route.ts'
import { forgetToken, keepToken, keptToken, tokenInFragment } from '../../../web/src/session/token.ts'

const AT = Date.parse('2025-09-05T15:00:00Z')

t.test('[WEB-3] numbers are live, on their way back, or stale; and what is not live tells as of when', async (t) => {
  const facts: LinkFacts = { connection: { name: 'live' }, isLive: true, heardAt: AT, trueAt: AT, toldAt: AT }
  t.match(truthOf(facts, AT), { name: 'live', asOf: undefined })
  const silent = truthOf(facts, AT + SILENT_AFTER_MS)
  t.match(silent, { name: 'reconnecting', asOf: AT, reason: 'the connection is silent' }, 'also before it is given up')
  const behind = truthOf({ ...facts, isLive: false }, AT + 1_000)
  t.match(behind, { name: 'reconnecting', asOf: AT }, 'connected, but something that was missed is outstanding')
  const connection = { name: 'reconnecting', attempt: 3, inMs: 4_000, reason: 'no connection' } as const
  const lost = { ...facts, connection, isLive: false }
  t.match(truthOf(lost, AT + 500), { name: 'reconnecting', asOf: AT, retryInSeconds: 4, reason: 'no connection' })
  t.equal(truthOf(lost, AT + 3_500).retryInSeconds, 1)
  t.match(truthOf(lost, AT + STALE_AFTER_MS), { name: 'stale', asOf: AT, retryInSeconds: 0 })
  const never = { ...facts, connection: { name: 'connecting' }, isLive: false, trueAt: undefined } as const
  t.match(truthOf(never, AT + 60_000), { name: 'starting', asOf: undefined })
})

t.test('ages grow by our own clock only while they are known to be true', async (t) => {
  t.equal(ageNow(3, 4), 7)
  t.equal(ageNow(3, undefined), 3)
  t.equal(ageNow(null, 4), undefined)
})

t.test('a clock that is minutes off is noticed, the time of an answer is not', async (t) => {
  const offset = new ClockOffset()
  offset.hear(new Date(AT).toUTCString(), AT - 300_000)
  t.equal(offset.at(AT - 300_000), AT + 500)
  offset.hear(new Date(AT).toUTCString(), AT + 900)
  t.equal(offset.at(AT), AT)
  offset.hear(null, AT)
  t.equal(offset.at(AT), AT)
})

t.test('ends are told by name, a few at a time, and once', async (t) => {
  const news = new News()
  for (const [event, name] of [
    ['completed', 'a'],
    ['failed', 'b'],
    ['completed', 'c'],
    ['completed', 'd'],
    ['completed', 'e'],
    ['stage', 'f'],
  ] as const) {
    news.hear({ type: 'event', topic: 'jobs', epoch: 'e', seq: 1, event, job_id: name, vm_name: name, at: '' })
  }
  t.equal(news.take(), 'b failed; a, c, d and 1 more completed.')
  t.equal(news.take(), undefined)
})

t.test('the address leads to the same list and the same VM again', async (t) => {
  const query = { search: 'a b&c', group: 'stalled', status: 'failed', sort: 'speed', descending: true } as const
  t.same(routeOf(fleetHash(query)), { page: 'fleet', query })
  t.equal(fleetHash(EVERYTHING), '#/')
  for (const hash of ['', '#', '#/', '#/nowhere', '#/?show=nothing'])
    t.same(routeOf(hash), { page: 'fleet', query: EVERYTHING })
  t.same(routeOf(vmHash('a/b ü?', 'vc:1', 'job-1')), { page: 'vm', name: 'a/b ü?', vcenter: 'vc:1', job: 'job-1' })
  t.same(routeOf('#/vm/%zz'), { page: 'vm', name: '%zz', vcenter: undefined, job: undefined }, 'no fault of ours')
})

t.test('a token is kept where it was asked to be, and nowhere after signing out', async (t) => {
  const store = (): Storage & Map<string, string> => {
    const map = new Map<string, string>()
    return Object.assign(map, {
      getItem: (key: string) => map.get(key) ?? null,
      setItem: (key: string, value: string) => void map.set(key, value),
      removeItem: (key: string) => void map.delete(key),
    }) as unknown as Storage & Map<string, string>
  }
  const stores = { tab: store(), browser: store() }
  keepToken(stores, 'one', true)
  t.same([stores.tab.size, stores.browser.size], [0, 1])
  keepToken(stores, 'two', false)
  t.same([stores.tab.size, stores.browser.size, keptToken(stores)], [1, 0, 'two'])
  forgetToken(stores)
  t.equal(keptToken(stores), undefined)
  t.same(['#token=a%2Fb', '#token=', '#/vm/x', '#token=%zz'].map(tokenInFragment), ['a/b', undefined, undefined, '%zz'])
})

t.test('a rolling series keeps its span, in order, with its gaps', async (t) => {
  const series = new RollingSeries(10)
  for (const at of [1, 5, 5, 4, 12]) series.add(at, at === 5 ? null : at)
  t.same(series.times, [5, 12])
  t.same(series.rates, [null, 12])
})

t.test('[WEB-2] a curve goes on where what was kept ends', async (t) => {
  const kept = [5, 7].map((second) => ({
    at: new Date(second * 1_000).toISOString(),
    percent: 1,
    bytes_transferred: 1,
    rate_bps: second === 5 ? null : 70,
  }))
  const heard = [6, 7, 8, 9].map((at) => ({ at, rate: at * 10 }))
  t.same(curveOf(kept, heard), { times: [5, 7, 8, 9], rates: [null, 70, 80, 90] })
})

t.test('[WEB-2] a chain of change ids is marked where it breaks, and only there', async (t) => {
  const sync = (
    id: number,
    previous: string,
    changeId: string,
    more: Partial<CbtHistoryJson> = {},
  ): CbtHistoryJson => ({
    id,
    job_id: `job-${id}`,
    vm_context_id: 'ctx',
    disk_id: 'disk-2000',
    change_id: changeId,
    previous_change_id: previous,
    sync_type: previous === '' ? 'initial' : 'incremental',
    blocks_changed: 0,
    bytes_transferred: 0,
    sync_duration_seconds: 0,
    sync_success: true,
    created_at: new Date(AT + id * 1_000).toISOString(),
    ...more,
  })
  const kinds = (...history: readonly CbtHistoryJson[]): string[] =>
    (chainsOf(history)[0]?.links ?? []).map(({ kind }) => kind)
  t.same(kinds(sync(3, 'b', 'c'), sync(1, '', 'a'), sync(2, 'a', 'b')), ['start', 'holds', 'holds'])
  t.same(kinds(sync(1, 'x', 'a'), sync(2, 'b', 'c')), ['start', 'breaks'], 'the oldest that is told may begin anywhere')
  t.same(kinds(sync(1, '', 'a'), sync(2, 'a', '', { sync_success: false }), sync(3, 'a', 'b')), [
    'start',
    'holds',
    'holds',
  ])
  t.same(kinds(sync(1, '', 'a'), sync(2, '', 'b')), ['start', 'restart'], 'a full copy needs none before it')
  t.same(kinds(sync(1, '', 'a'), sync(2, '', 'b', { sync_type: 'incremental' })), ['start', 'breaks'])
  t.same(kinds(sync(1, '', ''), sync(2, '', '')), ['untold', 'untold'], 'without ids nothing is said')
  const chains = chainsOf([sync(1, '', 'a'), sync(2, 'z', 'b'), sync(3, '', 'q', { disk_id: 'disk-2001' })])
  t.same(
    chains.map(({ diskId, isBroken }) => [diskId, isBroken]),
    [
      ['disk-2000', true],
      ['disk-2001', false],
    ],
  )
})
