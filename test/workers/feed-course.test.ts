/** What the answers of a change feed lead to; a hand clock, no I/O. */

import t from 'tap'
import { FeedCourse, FRESH_MS } from '../../src/workers/feed-course.ts'
import type { VmaAnswer } from '../../src/workers/vma-client.ts'

const AT = Date.parse('2025-09-05T15:26:15Z')
/** Neither early nor late. */
const MIDDLE = 0.5

const document = (bytes: number) => ({
  status: 'in_progress',
  current_operation: 'Transfer',
  bytes_transferred: bytes,
  total_bytes: 1_000,
  aggregate: { throughput_bps: 0 },
  run: { number: 1, started_at: '2025-09-05T15:00:00Z', updated_at: '2025-09-05T15:26:14Z' },
})

interface Page {
  readonly revision?: string
  readonly more?: boolean
  readonly full?: boolean
  readonly told?: Readonly<Record<string, number>>
  readonly removed?: readonly string[]
}

function page({ revision = 'e.1', more = false, full = false, told = {}, removed = [] }: Page = {}): VmaAnswer {
  const jobs = Object.entries(told).map(([key, bytes]) => ({ key, progress: document(bytes) }))
  const body = { epoch: 'e', revision, more, full, server_time: new Date(AT).toISOString(), jobs, removed }
  return { ok: true, date: undefined, body }
}

function failure(code: 'unreachable' | 'timeout' | 'not_found' | 'http_4xx' | 'http_5xx', status?: number): VmaAnswer {
  return { ok: false, error: { code, message: code, ...(status !== undefined && { status }) } }
}

/** Following, with `a` at 1 byte. */
function following(): FeedCourse {
  const course = new FeedCourse()
  course.heard(page({ full: true, told: { a: 1 } }), AT, MIDDLE)
  return course
}

const bytesOf = (course: FeedCourse, key: string, at = AT): unknown => {
  const answer = course.answerFor(key, at)
  if (answer === undefined) return 'to be asked'
  return answer.ok ? (answer.body as { bytes_transferred: number }).bytes_transferred : answer.error.code
}

t.test(
  '[POLL-10] a listing is taken page by page; only when it is whole are polls answered and jobs told',
  async (t) => {
    const course = new FeedCourse()
    t.match(course.begin(), { afterMs: 0, since: '', waitMs: 0 })
    const first = course.heard(page({ full: true, more: true, revision: 'e.1', told: { a: 1 } }), AT, MIDDLE)
    t.match(first, { changed: [], next: { afterMs: 0, since: 'e.1', waitMs: 0 } })
    t.equal(course.state, 'starting')
    t.equal(bytesOf(course, 'a'), 'to be asked')
    const last = course.heard(page({ revision: 'e.2', told: { b: 2 } }), AT, MIDDLE)
    t.match(last, { next: { afterMs: 0, since: 'e.2' } })
    t.ok(last.next.waitMs > 0, 'and now it waits for changes')
    t.same(last.changed, ['a', 'b'])
    t.equal(course.state, 'following')
    t.same([bytesOf(course, 'a'), bytesOf(course, 'b'), bytesOf(course, 'c')], [1, 2, 'not_found'])
  },
)

t.test('[POLL-10] what changes and what goes is told once; a backlog is told page by page', async (t) => {
  const course = following()
  t.same(course.heard(page({ told: { b: 1 } }), AT, MIDDLE).changed, ['b'])
  t.same(course.heard(page({ removed: ['a', 'never heard of'] }), AT, MIDDLE).changed, ['a'])
  t.equal(bytesOf(course, 'a'), 'not_found')
  t.same(course.heard(page(), AT, MIDDLE).changed, [])
  const backlog = course.heard(page({ revision: 'e.7', more: true, told: { b: 2 } }), AT, MIDDLE)
  t.match(backlog, { changed: ['b'], next: { waitMs: 0 } })
  t.equal(course.state, 'following')
})

t.test('[POLL-10] a speed ends with the time at which it ends, also when nothing more is told', async (t) => {
  const course = new FeedCourse()
  const told = {
    ...document(5),
    aggregate: { throughput_bps: 7, speed_until: new Date(AT + 1_000).toISOString() },
  }
  const at = (ms: number): VmaAnswer => ({
    ok: true,
    date: undefined,
    body: {
      epoch: 'e',
      revision: `e.${ms}`,
      more: false,
      full: ms === 0,
      server_time: new Date(AT + ms).toISOString(),
      jobs: ms === 0 ? [{ key: 'a', progress: told }] : [],
      removed: [],
    },
  })
  course.heard(at(0), AT, MIDDLE)
  t.match(course.answerFor('a', AT), { ok: true, receivedAt: AT, body: { aggregate: { throughput_bps: 7 } } })
  course.heard(at(2_000), AT + 2_000, MIDDLE)
  t.match(course.answerFor('a', AT + 2_000), { body: { aggregate: { throughput_bps: 0 } }, receivedAt: AT + 2_000 })
})

t.test('[POLL-10] what was last told is good for so long and no longer, whatever the clock does', async (t) => {
  const course = following()
  t.equal(bytesOf(course, 'a', AT + FRESH_MS), 1)
  t.equal(bytesOf(course, 'a', AT + FRESH_MS + 1), 'to be asked')
  t.equal(bytesOf(course, 'a', AT - 1), 'to be asked', 'a clock that went back')
  course.heard(page(), AT + 10_000, MIDDLE)
  t.equal(bytesOf(course, 'a', AT + 10_000), 1)
})

t.test('[POLL-10] a feed that breaks is tried again from where it was, ever more rarely, and told whole', async (t) => {
  const failures = [
    failure('unreachable'),
    failure('timeout'),
    failure('http_5xx', 503),
    failure('http_4xx', 401),
    failure('not_found', 404),
    { ok: true, date: undefined, body: '<html>' } as const,
    { ok: true, date: undefined, body: { revision: 'e.9' } } as const,
    page({ more: true }),
  ]
  for (const broken of failures) {
    const course = following()
    const { next } = course.heard(broken, AT, MIDDLE)
    t.match(next, { afterMs: 1_000, since: 'e.1', waitMs: 0 })
    t.equal(course.state, 'broken')
    t.equal(bytesOf(course, 'a'), 'to be asked')
    t.same(course.heard(page({ revision: 'e.5', more: true, told: { b: 1 } }), AT, MIDDLE).changed, [])
    t.equal(course.state, 'broken', 'until it is whole')
    t.same(course.heard(page({ revision: 'e.6', told: { a: 2 } }), AT, MIDDLE).changed, ['b', 'a'])
    t.equal(course.state, 'following')
  }
  const course = following()
  const delays = [1, 2, 3, 4, 5, 6, 7].map(() => course.heard(failure('timeout'), AT, MIDDLE).next.afterMs)
  t.same(delays, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  t.equal(course.heard(failure('timeout'), AT, 0).next.afterMs, 22_500)
  t.equal(course.heard(failure('timeout'), AT, 1).next.afterMs, 37_500)
  course.heard(page(), AT, MIDDLE)
  t.equal(course.heard(failure('timeout'), AT, MIDDLE).next.afterMs, 1_000, 'forgotten with the first answer')
})

t.test('[POLL-10] a VMA without a feed is asked for it rarely, and found to have one later', async (t) => {
  const nothing = [
    failure('not_found', 404),
    failure('http_4xx', 405),
    failure('http_5xx', 501),
    { ok: true, date: undefined, body: { job_id: 'changes', status: 'Running' } } as const,
    { ok: true, date: undefined, body: 'job not found' } as const,
  ]
  for (const none of nothing) {
    const course = new FeedCourse()
    const { next } = course.heard(none, AT, MIDDLE)
    t.equal(course.state, 'absent')
    t.ok(next.afterMs >= 60_000)
    course.heard(page({ full: true, told: { a: 3 } }), AT, MIDDLE)
    t.equal(bytesOf(course, 'a'), 3)
  }
  const course = following()
  course.heard(failure('not_found', 404), AT, MIDDLE)
  course.heard(failure('not_found', 404), AT, MIDDLE)
  t.equal(course.state, 'absent', 'an older version took its place')
  const silent = new FeedCourse()
  silent.heard(failure('unreachable'), AT, MIDDLE)
  t.equal(silent.state, 'broken', 'silence proves nothing')
})

t.test(
  '[POLL-10] another life of the VMA: what it does not tell again is gone when its listing is whole',
  async (t) => {
    const course = new FeedCourse()
    course.heard(page({ full: true, told: { a: 1, b: 1 } }), AT, MIDDLE)
    course.heard(page({ full: true, more: true, revision: 'f.1', told: { a: 2 } }), AT, MIDDLE)
    t.equal(course.state, 'starting')
    t.equal(bytesOf(course, 'b'), 'to be asked', 'neither held nor gone')
    t.same(course.heard(page({ revision: 'f.2' }), AT, MIDDLE).changed, ['a', 'b'])
    t.same([bytesOf(course, 'a'), bytesOf(course, 'b')], [2, 'not_found'])
  },
)

t.test('[POLL-10] an answer that is not built as a feed builds it is none', async (t) => {
  const good = page({ full: true, told: { a: 1 } })
  const body = good.ok ? (good.body as Record<string, unknown>) : {}
  const job = { key: 'a', progress: document(1) }
  const odd: readonly object[] = [
    { revision: '' },
    { more: 'false' },
    { full: undefined },
    { server_time: 'now' },
    { jobs: {} },
    { jobs: [null] },
    { jobs: [{ ...job, key: 1 }] },
    { jobs: [{ key: 'a', progress: [] }] },
    { jobs: [{ key: 'a', progress: { ...document(1), aggregate: undefined } }] },
    { jobs: [{ key: 'a', progress: { ...document(1), run: null } }] },
    { jobs: [{ key: 'a', progress: { ...document(1), disks: [1] } }] },
    { removed: [1] },
  ]
  for (const fields of odd) {
    const course = new FeedCourse()
    course.heard({ ok: true, date: undefined, body: { ...body, ...fields } }, AT, MIDDLE)
    t.equal(course.state, 'absent', JSON.stringify(fields))
  }
})
