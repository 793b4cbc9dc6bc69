import t from 'tap'
import { progressOf, silentDisk } from '../support/jobs.ts'
import { FakeTable, Life, START } from '../support/history-life.ts'

const DAY_MS = 86_400_000
const away = Object.assign(new Error('connection lost'), { retryable: true })

t.test('[API-3] every sample of a live job is in its history, other changes are not', async (t) => {
  const life = new Life(t, new FakeTable())
  const job = life.adopt('job-1')
  t.same((await life.histories.read('job-1'))?.points, [], 'known, and nothing told yet')
  life.run(job, 3)
  life.publisher.publish(job, 'fault')
  life.tell(job, progressOf(9_000, { status: 'completed', percent: 100 }), 'ended')
  t.match(await life.histories.read('job-1'), {
    job_id: 'job-1',
    points: [
      { at: '2025-09-05T15:26:15Z', bytes_transferred: 0, rate_bps: null },
      { at: '2025-09-05T15:26:17Z', bytes_transferred: 1_000, rate_bps: 500 },
      { at: '2025-09-05T15:26:19Z', bytes_transferred: 2_000, rate_bps: 500 },
      { at: '2025-09-05T15:26:21Z', bytes_transferred: 9_000, rate_bps: 3_500, percent: 100 },
    ],
    stages: [
      {
        stage: 'Transfer',
        status: 'completed',
        started_at: '2025-09-05T15:26:15Z',
        ended_at: '2025-09-05T15:26:21Z',
      },
    ],
  })
})

t.test('[API-3] a changed history is written after 30 s, an ended one at once, an unchanged one never', async (t) => {
  const table = new FakeTable()
  const life = new Life(t, table)
  const [a, b] = [life.adopt('a'), life.adopt('b')]
  life.adopt('silent')
  life.run(a, 10)
  life.tell(b, progressOf(100))
  await life.sync()
  t.same(table.calls, ['read 3', 'prune'])
  life.tell(b, progressOf(200, { status: 'failed' }), 'ended')
  await life.sync()
  t.same(table.calls.slice(2), ['write b'])
  await life.sync(10_000)
  t.same(table.calls.slice(3), ['write a'])
  life.publisher.publish(a, 'removed')
  life.publisher.publish(b, 'removed')
  await life.sync(60_000)
  t.equal(table.calls.length, 4, 'nothing changed since')
  t.equal(life.histories.size, 1)
  t.match(await life.histories.read('b'), { stages: [{ status: 'failed' }] }, 'now from the database')
  t.equal(await life.histories.read('nobody'), undefined)
})

/** Lets what was begun go on until it holds; the clock stands still meanwhile. */
async function settled(holds: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < 1_000 && !holds(); turn += 1) await new Promise(setImmediate)
  return holds()
}

t.test('[API-3] the rounds wake by themselves: soon for an end, later while the database is away', async (t) => {
  const table = new FakeTable()
  const life = new Life(t, table)
  const job = life.adopt('job-1')
  life.tell(job, progressOf(1))
  life.clock.increment(250)
  t.ok(await settled(() => table.calls.includes('prune')), 'adoption')
  table.fault = away
  life.tell(job, progressOf(2, { status: 'completed' }), 'ended')
  const writes = (): number => table.calls.filter((call) => call.startsWith('write')).length
  life.clock.increment(250)
  t.ok(await settled(() => life.histories.stats.faults === 1), 'an end')
  life.clock.increment(999)
  t.equal(writes(), 1)
  life.clock.increment(1)
  t.ok(await settled(() => life.histories.stats.faults === 2), 'after 1 s')
  table.fault = undefined
  life.clock.increment(1_999)
  t.equal(writes(), 2)
  life.clock.increment(1)
  t.ok(await settled(() => table.rows.has('job-1')), 'after 2 s')
})

t.test('[API-3] a restart goes on with the stored series', async (t) => {
  const table = new FakeTable()
  const first = new Life(t, table)
  first.run(first.adopt('job-1'), 20)
  await first.sync()
  await first.histories.close()
  t.ok(table.rows.has('job-1'), 'written at the end of the service')

  const second = new Life(t, table, START + 60_000)
  const job = second.adopt('job-1')
  second.tell(job, progressOf(25_000))
  t.equal((await second.points('job-1')).length, 21, 'who asks at once gets the beginning too')
  second.clock.increment(2_000)
  second.tell(job, progressOf(26_000))
  const bytes = await second.points('job-1')
  t.equal(bytes.length, 22)
  t.same(bytes.slice(0, 2), [0, 1_000])
  t.same(bytes.slice(-3), [19_000, 25_000, 26_000])
  t.match((await second.histories.read('job-1'))?.stages, [{ started_at: '2025-09-05T15:26:15Z', ended_at: null }])
  t.equal(second.histories.stats.loaded, 1)
})

t.test('[API-3] many adopted jobs are read in few calls', async (t) => {
  const table = new FakeTable()
  const life = new Life(t, table)
  for (let i = 0; i < 250; i += 1) life.tell(life.adopt(`job-${i}`), progressOf(i))
  await life.sync()
  t.same(table.calls, ['read 100', 'read 100', 'read 50', 'prune'])
  await life.sync(30_000)
  t.equal(table.calls.filter((call) => call.startsWith('write')).length, 3)
  t.equal(table.rows.size, 250)
})

t.test(
  '[API-3, DB-5] while the database is away histories wait, and no stored one is overwritten unread',
  async (t) => {
    const table = new FakeTable()
    const before = new Life(t, table)
    before.run(before.adopt('job-1'), 5)
    await before.sync()
    await before.histories.close()

    const life = new Life(t, table, START + 100_000)
    table.fault = away
    const job = life.adopt('job-1', { bytes: 4_000 })
    life.run(job, 3, 5_000)
    await life.sync(40_000)
    await life.sync(40_000)
    life.tell(job, progressOf(9_000, { status: 'completed' }), 'ended')
    life.publisher.publish(job, 'removed')
    await life.sync(40_000)
    t.equal(life.faults.length, 1, 'told once')
    t.equal(life.histories.stats.faults, 3)
    t.equal(life.histories.size, 1, 'it waits')
    table.fault = undefined
    await life.sync()
    t.equal(life.histories.size, 0, 'and is freed')
    t.same(await life.points('job-1'), [0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 9_000])
    t.equal(life.histories.stats.dropped, 0)
  },
)

t.test('[API-3] a job that comes back before its history was written has it', async (t) => {
  const table = new FakeTable()
  const life = new Life(t, table)
  const job = life.adopt('job-1')
  life.run(job, 3)
  life.publisher.publish(job, 'removed')
  t.equal(life.histories.size, 1)
  life.run(life.adopt('job-1'), 1, 3_000)
  t.same(await life.points('job-1'), [0, 1_000, 2_000, 3_000])
  await life.sync()
  t.same(await life.points('job-1'), [0, 1_000, 2_000, 3_000])
  t.equal(life.histories.size, 1)
})

t.test('[API-3] a job that is removed while its history is written is not lost when that fails', async (t) => {
  const table = new FakeTable()
  const life = new Life(t, table)
  const job = life.adopt('job-1')
  life.run(job, 3)
  await life.sync()
  let release = (): void => undefined
  table.held = new Promise((resolve) => (release = resolve))
  life.tell(job, progressOf(4_000, { status: 'failed' }), 'ended')
  const round = life.sync()
  life.publisher.publish(job, 'removed')
  table.fault = away
  release()
  await round
  t.equal(life.histories.size, 1)
  table.fault = undefined
  await life.sync()
  t.ok(table.rows.has('job-1'))
  t.equal(life.histories.size, 0)
})

t.test('[API-3] what waits is bounded; what has no place is counted', async (t) => {
  const table = new FakeTable()
  const life = new Life(t, table)
  table.fault = away
  for (let i = 0; i < 1_010; i += 1) {
    const job = life.adopt(`job-${i}`)
    life.tell(job, progressOf(i))
    life.publisher.publish(job, 'removed')
  }
  t.equal(life.histories.size, 1_000)
  t.equal(life.histories.stats.dropped, 10)
  table.fault = undefined
  await life.sync()
  t.equal(life.histories.size, 0)
  t.notOk(table.rows.has('job-9'))
  t.ok(table.rows.has('job-10'))
})

t.test('[API-3] a write that the database refuses is counted and not asked for ever', async (t) => {
  const table = new FakeTable()
  const life = new Life(t, table)
  const job = life.adopt('job-1')
  life.run(job, 2)
  await life.sync()
  table.fault = new Error('INSERT command denied')
  await life.sync(30_000)
  await life.sync(30_000)
  t.equal(table.calls.filter((call) => call.startsWith('write')).length, 1)
  t.equal(life.histories.stats.dropped, 1)
  table.fault = undefined
  life.run(job, 1, 2_000)
  await life.sync(30_000)
  t.ok(table.rows.has('job-1'), 'the next point is another try')
})

t.test('[DB-6] without the table memory answers alone', async (t) => {
  const table = new FakeTable()
  table.kept = false
  const life = new Life(t, table)
  const job = life.adopt('job-1')
  life.run(job, 3)
  await life.sync(60_000)
  life.run(job, 1, 3_000)
  t.equal((await life.points('job-1')).length, 4)
  life.tell(job, progressOf(9_000, { status: 'completed' }), 'ended')
  life.publisher.publish(job, 'removed')
  await life.sync(60_000)
  await life.histories.close()
  t.same(table.calls, [])
  t.equal(life.histories.size, 0)
  t.equal(life.histories.stats.dropped, 0)
  t.same(life.faults, [])
})

t.test('[API-3] old histories are deleted at start, and once a day', async (t) => {
  const table = new FakeTable()
  for (let i = 0; i < 1_500; i += 1) table.rows.set(`old-${i}`, { data: '', updatedAt: START - 31 * DAY_MS })
  table.rows.set('young', { data: '', updatedAt: START - 29.5 * DAY_MS })
  const life = new Life(t, table)
  await life.sync()
  t.equal(table.rows.size, 501, 'no more than 1 000 at once')
  await life.sync()
  t.same([...table.rows.keys()], ['young'])
  await life.sync(DAY_MS / 2)
  t.equal(table.calls.length, 2)
  await life.sync(DAY_MS / 2)
  t.equal(table.rows.size, 0)
  t.equal(life.histories.stats.pruned, 1_501)
})

t.test('[API-3] after adoption a disk that is not heard yet is no new run', async (t) => {
  const life = new Life(t, new FakeTable())
  const job = life.adopt('job-1', { bytes: 50_000 })
  const half = { disks: [silentDisk('a'), silentDisk('b')], disksReporting: 1 }
  life.tell(job, progressOf(20_000, half))
  t.same(await life.points('job-1'), [], 'the row says more than the disks that have answered')
  life.clock.increment(2_000)
  life.tell(job, progressOf(51_000, { ...half, disksReporting: 2 }))
  life.clock.increment(2_000)
  life.tell(job, progressOf(10, { ...half, disksReporting: 2 }))
  t.same(await life.points('job-1'), [51_000, 10], 'all disks say that it began again')
  t.equal((await life.histories.read('job-1'))?.stages.length, 2)
})
