import t from 'tap'
import type { ChangesAnswer } from '../../src/model/wire/changes.ts'
import type { StoreLimits } from '../../src/vma/store.ts'
import { FollowedVma } from '../support/followed-vma.ts'

function vmaWith(limits: Partial<StoreLimits> = {}, maxRemovals?: number): FollowedVma {
  return new FollowedVma(limits, maxRemovals === undefined ? {} : { maxRemovals })
}

function transfer(vma: FollowedVma, key: string, bytes: number): void {
  vma.take({ do: 'update', key, update: { stage: 'Transfer', status: 'Running', bytes_transferred: bytes } })
}

function fail(vma: FollowedVma, key: string): void {
  vma.take({ do: 'update', key, update: { stage: 'Transfer', status: 'failed' } })
}

function keysOf({ jobs }: ChangesAnswer): readonly string[] {
  return jobs.map(({ key }) => key)
}

t.test('[VMA-11] the first answer is everything, the next what changed since, newest state per job', async (t) => {
  const vma = vmaWith()
  for (const key of ['a', 'b', 'c']) transfer(vma, key, 1)
  const first = vma.hear(10)
  t.match(first, { epoch: 'life-1', revision: 'life-1.3', more: false, full: true, removed: [] })
  t.same(keysOf(first), ['a', 'b', 'c'])
  t.match(vma.hear(10), { revision: 'life-1.3', more: false, full: false, jobs: [], removed: [] })
  for (const bytes of [2, 3, 4]) transfer(vma, 'b', bytes)
  transfer(vma, 'a', 2)
  const next = vma.hear(10)
  t.same(
    next.jobs.map(({ key, progress }) => [key, progress.bytes_transferred]),
    [
      ['b', 4],
      ['a', 2],
    ],
  )
  t.notOk(next.full)
})

t.test('[VMA-11] pages hold at most the limit and go on where the last one ended', async (t) => {
  const vma = vmaWith()
  for (const key of ['a', 'b', 'c', 'd', 'e']) transfer(vma, key, 1)
  const first = vma.hear(2)
  t.match(first, { full: true, more: true })
  t.same(keysOf(first), ['a', 'b'])
  transfer(vma, 'c', 2)
  const second = vma.hear(2)
  t.match(second, { full: false, more: true })
  t.same(keysOf(second), ['d', 'e'])
  const third = vma.hear(2)
  t.match(third, { more: false })
  t.same(keysOf(third), ['c'], 'it changed meanwhile: told once, as it is now')
})

t.test('[VMA-11] an answer stays under 1 MiB, and a job that alone is larger goes all the same', async (t) => {
  const vma = vmaWith()
  const last = 'x'.repeat(2_000)
  for (let job = 0; job < 2_000; job += 1) {
    const update = { stage: 'Transfer', status: 'failed', error_message: last }
    vma.take({ do: 'update', key: `job-${job}`, update })
  }
  let jobs = 0
  for (let more = true; more;) {
    const page = vma.hear(10_000)
    t.ok(Buffer.byteLength(JSON.stringify(page)) <= 1_048_576)
    jobs += page.jobs.length
    more = page.more
  }
  t.equal(jobs, 2_000)
  const id = (disk: number): string => `${disk}`.padEnd(255, '\u0001')
  for (let disk = 0; disk < 256; disk += 1) {
    vma.take({ do: 'update', key: 'huge', update: { stage: 'Transfer', disk_id: id(disk), bytes_transferred: 1 } })
  }
  t.equal(vma.hear(10).jobs[0]?.progress.disks?.length, 256)
})

t.test('[VMA-11, VMA-9] jobs that go are told, and one that comes back in the same answer is there', async (t) => {
  const vma = vmaWith({ retentionMs: 1_000 })
  transfer(vma, 'stays', 1)
  for (const key of ['goes', 'returns']) fail(vma, key)
  vma.catchUp(10)
  vma.now += 1_000
  t.equal(vma.store.sweep(vma.now), 2)
  transfer(vma, 'returns', 7)
  const page = vma.hear(10)
  t.same(page.removed, ['goes', 'returns'])
  t.same(keysOf(page), ['returns'])
  t.same([...vma.follower.keys], ['stays', 'returns'])
})

t.test('[VMA-11] another life of the VMA, and whatever is no revision of it, gets a full listing', async (t) => {
  const vma = vmaWith()
  transfer(vma, 'old', 1)
  vma.catchUp(10)
  vma.restart()
  transfer(vma, 'new', 1)
  for (const since of ['life-1.1', '', 'x', 'life-2', 'life-2.', 'life-2.-1', 'life-2.2', 'life-2.1.5', 'life-2.1e0']) {
    t.equal(vma.feed.page(since, 10, vma.now).full, true, since)
    t.equal(vma.feed.standing(since, 10), 'far_behind', since)
  }
  t.equal(vma.feed.page('life-2.0', 10, vma.now).full, false)
  vma.catchUp(10)
  t.same([...vma.follower.keys], ['new'], 'what is not listed is gone')
})

t.test('[VMA-11] who has not heard of a removal that is forgotten gets a full listing, nobody else', async (t) => {
  const vma = vmaWith({ retentionMs: 1_000 }, 2)
  for (const key of ['a', 'b', 'c']) fail(vma, key)
  transfer(vma, 'stays', 1)
  vma.catchUp(10)
  const before = vma.follower.since
  vma.now += 1_000
  vma.store.sweep(vma.now)
  t.equal(vma.feed.page(before, 10, vma.now).full, true, 'three went, two are remembered')
  t.match(vma.feed.page('life-1.5', 10, vma.now), { full: false, removed: ['b', 'c'] })
  vma.catchUp(10)
  t.same([...vma.follower.keys], ['stays'])
})

t.test('[VMA-11] a full listing in many pages comes to its end, however much goes meanwhile', async (t) => {
  const vma = vmaWith({ maxJobs: 50 }, 50)
  for (let job = 0; job < 200; job += 1) transfer(vma, `job-${job}`, 1)
  t.equal(vma.store.changes.forgotten > 0, true)
  t.same(vma.feed.page('', 1, vma.now).removed, [], 'it begins with nothing, so nothing is taken from it')
  for (let page = 0; page < 49; page += 1) {
    t.equal(vma.hear(1).more, true)
    if (page < 40) transfer(vma, `late-${page}`, 1)
  }
  vma.catchUp(1)
  t.equal(vma.fullListings, 1, 'removals from before its start are of no concern to it')
  t.equal([...vma.follower.keys].length, 50)
})

t.test('[VMA-11] a follower keeps what it had until a full listing is over', async (t) => {
  const vma = vmaWith()
  for (const key of ['a', 'b', 'c']) transfer(vma, key, 1)
  vma.catchUp(10)
  vma.restart()
  for (const key of ['a', 'b']) transfer(vma, key, 2)
  vma.hear(1)
  t.same([...vma.follower.keys], ['a', 'b', 'c'])
  t.equal(vma.follower.get('b')?.bytes_transferred, 1)
  t.same(vma.follower.apply(vma.feed.page(vma.follower.since, 10, vma.now)), ['c'])
  t.same([...vma.follower.keys], ['a', 'b'])
})

t.test('[VMA-11] repeated updates are no change, but a sign of life every 5 s', async (t) => {
  const vma = vmaWith()
  transfer(vma, 'stalled', 5)
  vma.catchUp(10)
  const told: number[] = []
  for (let seconds = 1; seconds <= 12; seconds += 1) {
    vma.now += 1_000
    transfer(vma, 'stalled', 5)
    if (vma.hear(10).jobs.length > 0) told.push(seconds)
  }
  t.same(told, [5, 10])
  t.match(vma.follower.get('stalled'), {
    run: { updated_at: '2025-09-05T15:00:00.000Z', heard_at: '2025-09-05T15:00:10.000Z' },
  })
})

t.test('[VMA-11] the log stays small under churn, whether jobs change, come or go', async (t) => {
  const vma = vmaWith({ maxJobs: 100 }, 100)
  const most = 2 * (100 + 100) + 1_024 + 1
  let largest = 0
  for (let turn = 0; turn < 20_000; turn += 1) {
    transfer(vma, `job-${turn % 90}`, turn + 1)
    if (turn % 3 === 0) transfer(vma, `brief-${turn}`, 1)
    largest = Math.max(largest, vma.store.changes.size)
  }
  t.ok(vma.store.changes.revision > 20_000)
  t.ok(largest <= most, `${largest} entries`)
  t.ok(largest > 1_024, 'and holes are closed only when it pays: it costs a walk over everything')
})
