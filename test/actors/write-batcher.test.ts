import t from 'tap'
import { WriteBatcher } from '../../src/actors/write-batcher.ts'
import type { EndResult, JobEnd, ProgressRow } from '../../src/db/ports.ts'

function row(jobId: string, bytes = 0): ProgressRow {
  return {
    jobId,
    status: 'replicating',
    currentOperation: 'Transfer',
    percent: 0,
    bytes,
    totalBytes: 100,
    speedBps: 0,
    phase: '',
    throughputMbps: 0,
    etaSeconds: null,
    lastPollAt: 0,
    updatedAt: 0,
    disks: [],
  }
}

function end(jobId: string): JobEnd {
  return { row: row(jobId, 100), status: 'completed', vmContextId: 'c', completedAt: 0, disks: [] }
}

/** A database that does what the test says; `seen` are the calls. */
function rig() {
  const seen: string[] = []
  const ended: string[] = []
  const dropped: string[] = []
  const faults: string[] = []
  const behave: { fail: (jobIds: readonly string[]) => Error | undefined; end: (jobId: string) => EndResult } = {
    fail: () => undefined,
    end: (jobId) => ({ jobId, outcome: 'ended' }),
  }
  const batcher = new WriteBatcher(
    {
      writeProgress: async (rows) => {
        const ids = rows.map((r) => `${r.jobId}=${r.bytes}`)
        const fault = behave.fail(rows.map((r) => r.jobId))
        if (fault !== undefined) throw fault
        seen.push(`rows ${ids.join(' ')}`)
        return { jobs: rows.length, disks: 0 }
      },
      endJobs: async (ends) => {
        seen.push(`ends ${ends.map((e) => e.row.jobId).join(' ')}`)
        return ends.map((e) => behave.end(e.row.jobId))
      },
    },
    {
      onEnded: (id) => ended.push(id),
      onFault: (what, cause) => faults.push(`${what}: ${String(cause)}`),
      onDropped: (id) => dropped.push(id),
    },
  )
  return { batcher, seen, ended, dropped, faults, behave }
}

const away = Object.assign(new Error('connection lost'), { retryable: true })

t.test('[DB-1] the newest state per job, in one call; an end takes the place of its rows', async (t) => {
  const { batcher, seen, ended } = rig()
  batcher.row('a', () => row('a', 1), 'interval')
  batcher.row('a', () => row('a', 2), 'interval')
  batcher.row('b', () => row('b', 5), 'interval')
  batcher.end(end('b'))
  batcher.row('b', () => row('b', 9), 'interval')
  await batcher.flush()
  t.same(seen, ['rows a=2', 'ends b'])
  t.same(ended, ['b'])
  t.equal(batcher.queued, 0)
  await batcher.close()
})

t.test('[DB-5] while the database is away the newest state and every end wait, and land', async (t) => {
  const { batcher, seen, ended, behave } = rig()
  behave.fail = () => away
  batcher.row('a', () => row('a', 1), 'interval')
  batcher.end(end('b'))
  await batcher.flush()
  t.ok(batcher.degraded)
  batcher.row('a', () => row('a', 2), 'interval')
  await batcher.flush()
  t.same(seen, [])
  t.equal(batcher.queued, 2)
  behave.fail = () => undefined
  await batcher.flush()
  t.same(seen, ['rows a=2', 'ends b'])
  t.same(ended, ['b'])
  t.notOk(batcher.degraded)
  await batcher.close()
})

t.test('[DB-5] an end that was not written is kept and tried again', async (t) => {
  const { batcher, seen, ended, behave } = rig()
  behave.end = (jobId) => ({ jobId, outcome: 'error', error: 'deadlock', retryable: true })
  batcher.end(end('a'))
  await batcher.flush()
  t.same(ended, [])
  t.equal(batcher.queued, 1)
  behave.end = (jobId) => ({ jobId, outcome: 'ended' })
  await batcher.flush()
  t.same(ended, ['a'])
  t.equal(seen.length, 2)
  await batcher.close()
})

t.test("[DB-1] one row that the database can't take does not hold the others; it is dropped and counted", async (t) => {
  const { batcher, seen, dropped, behave } = rig()
  behave.fail = (ids) => (ids.includes('bad') ? new Error('data too long') : undefined)
  for (const id of ['a', 'b', 'bad', 'c', 'd']) batcher.row(id, () => row(id), 'interval')
  await batcher.flush()
  t.same(dropped, ['bad'])
  t.equal(batcher.stats.dropped, 1)
  t.same(
    seen
      .join(' ')
      .match(/[abcd]=0/g)
      ?.toSorted(),
    ['a=0', 'b=0', 'c=0', 'd=0'],
  )
  await batcher.close()
})

t.test('[DB-4] an end without its disk rows is an end, and the fault is told', async (t) => {
  const { batcher, ended, faults, behave } = rig()
  behave.end = (jobId) => ({ jobId, outcome: 'ended', diskError: 'refused' })
  batcher.end(end('a'))
  await batcher.flush()
  t.same(ended, ['a'])
  t.same(faults, ['disk rows at the end of a: refused'])
  t.equal(batcher.queued, 0)
  await batcher.close()
})

t.test(
  '[DB-1] a row tells what is newest when it is written; one that cannot be made is dropped alone, and counted',
  async (t) => {
    const { batcher, seen, dropped } = rig()
    let bytes = 1
    batcher.row('a', () => row('a', bytes), 'interval')
    batcher.row(
      'broken',
      () => {
        throw new Error('no such row')
      },
      'interval',
    )
    bytes = 2
    await batcher.flush()
    t.same(seen, ['rows a=2'])
    t.same(dropped, ['broken'])
    t.match(batcher.stats, { rows: 1, dropped: 1, refused: 0 }, 'what was not asked for was not refused')
    t.equal(batcher.queued, 0)
    await batcher.close()
  },
)
