/** What holds over whatever a VMA may say, answer after answer: normalise, then sum. fast-check prints seed and path. */

import fc from 'fast-check'
import t from 'tap'
import { aggregateDisks, wholeJob, type DiskAnswer, type PlannedDisk } from '../../src/model/aggregate.ts'
import { isSameRun } from '../../src/model/amounts.ts'
import { normalise } from '../../src/model/normalise.ts'
import type { JobProgress } from '../../src/model/progress.ts'
import { isTerminal, STATUS_RANK, type JobStatus } from '../../src/model/words.ts'

const junk = fc.anything({ maxDepth: 1, maxKeys: 3 })
const number = fc.oneof(
  fc.nat({ max: 1_000 }),
  fc.constantFrom(0, -1, 1e300, 2 ** 53 - 1, 2 ** 53, null, 'NaN', '7', true),
  fc.double(),
)
const word = fc.oneof(
  fc.constantFrom('Queued', 'Running', 'in_progress', 'Streaming', 'completed', 'Succeeded', 'Failed', 'Paused', null),
  junk,
)
const stage = fc.oneof(fc.constantFrom('Transfer', 'Creating Snapshot', 'Cleanup', 'Completed', 'Error'), junk)
const time = fc.oneof(fc.constantFrom('2025-09-05T15:00:00Z', '2025-09-05T16:00:00Z', '', '5'), junk)
const part = fc.record(
  {
    id: fc.constantFrom('d0', 'd1', 'x'),
    status: word,
    planned_bytes: number,
    bytes_transferred: number,
    percent: number,
  },
  { requiredKeys: ['id'] },
)
const body = fc.record(
  {
    status: word,
    current_operation: stage,
    percentage: number,
    bytes_transferred: number,
    total_bytes: number,
    setup_progress_percent: number,
    aggregate: fc.oneof(fc.record({ total_bytes: number, bytes_transferred: number, throughput_bps: number }), junk),
    throughput: fc.oneof(fc.record({ current_mbps: number }), junk),
    timing: fc.oneof(fc.record({ start_time: time, last_update: time, eta_seconds: number }), junk),
    run: fc.oneof(fc.record({ number: fc.constantFrom(1, 2), started_at: time }), junk),
    disks: fc.oneof(fc.array(part, { maxLength: 3 }), junk),
    errors: fc.oneof(fc.array(junk), junk),
    last_error: junk,
  },
  { requiredKeys: [] },
)
const anyJson = fc.oneof({ weight: 9, arbitrary: body }, { weight: 1, arbitrary: junk })
/** One round: an answer of each of three disks; undefined is a disk that is silent. */
const round = fc.tuple(...[0, 1, 2].map(() => fc.option(anyJson, { nil: undefined })))

const plan: readonly PlannedDisk[] = [0, 500, 2 ** 53 - 1].map((bytes, i) => ({
  diskId: `d${i}`,
  key: `migration-vol-${i}`,
  planned: { bytes, origin: 'capacity' },
}))

function answersOf(bodies: readonly unknown[]): DiskAnswer[] {
  return bodies.map((said, i) => {
    if (said === undefined) return undefined
    const result = normalise(`migration-vol-${i}`, said)
    return result.ok ? result.sample : undefined
  })
}

function isWithinBounds(job: JobProgress): boolean {
  const amounts = [job, ...job.disks].flatMap((each) => [each.bytes, each.totalBytes, each.speedBps])
  const percents = [job.percent, job.setupPercent ?? 0, ...job.disks.map((disk) => disk.percent)]
  const etas = [job, ...job.disks].map((each) => each.etaSeconds ?? 0)
  return (
    amounts.every((n) => Number.isSafeInteger(n) && n >= 0) &&
    percents.every((n) => n >= 0 && n <= 100) &&
    etas.every((n) => Number.isFinite(n) && n >= 0) &&
    job.disks.every((disk) => disk.totalBytes === 0 || disk.bytes <= disk.totalBytes)
  )
}

/** Nothing falls as long as no disk begins a new run. */
function isForward(before: JobProgress | undefined, now: JobProgress): boolean {
  if (before === undefined) return true
  const same = now.disks.map((disk, i) => isSameRun(before.disks[i], disk))
  const disksHold = now.disks.every((disk, i) => {
    const prior = before.disks[i]
    if (prior === undefined || !same[i]) return true
    const wasEnd = prior.status === 'completed' || prior.status === 'failed'
    return disk.bytes >= prior.bytes && disk.percent >= prior.percent && (!wasEnd || isEnd(disk.status))
  })
  return disksHold && (!same.every(Boolean) || (now.bytes >= before.bytes && now.percent >= before.percent))
}

const isEnd = (status: string): boolean => status === 'completed' || status === 'failed'

/** AGG-3, told anew: from the disks' own outcomes, and of those at work the least rank. */
function expectedStatus(job: JobProgress, answers: readonly DiskAnswer[]): JobStatus | undefined {
  if (job.disks.some((disk) => disk.status === 'failed')) return 'failed'
  if (job.disks.every((disk) => disk.status === 'completed')) return 'completed'
  const working = answers.flatMap((answer, i) => {
    const status = answer?.status
    return status === undefined || isTerminal(status) || job.disks[i]?.status === 'completed' ? [] : [status]
  })
  return working.sort((a, b) => STATUS_RANK[a] - STATUS_RANK[b])[0]
}

t.test('[AGG-1, NORM-1] whatever disks say, nothing throws, passes its bounds or falls within a run', async () => {
  fc.assert(
    fc.property(fc.array(round, { maxLength: 12 }), (rounds) => {
      let before: JobProgress | undefined
      for (const bodies of rounds) {
        const now: JobProgress = aggregateDisks(plan, answersOf(bodies), before)
        if (!isWithinBounds(now) || !isForward(before, now)) return false
        before = now
      }
      return true
    }),
    { numRuns: 300 },
  )
})

t.test("[AGG-3] whatever disks say, the job's status is that of its disks", async () => {
  fc.assert(
    fc.property(fc.array(round, { minLength: 1, maxLength: 8 }), (rounds) => {
      let before: JobProgress | undefined
      for (const bodies of rounds) {
        const answers = answersOf(bodies)
        const now: JobProgress = aggregateDisks(plan, answers, before)
        const expected = expectedStatus(now, answers)
        const rankOf = (status: JobStatus | undefined) => (status === undefined ? -1 : STATUS_RANK[status])
        if (rankOf(now.status) !== rankOf(expected)) return false
        if (isTerminal(now.status ?? 'pending') && now.status !== expected) return false
        if (now.status === 'completed' && now.percent !== 100) return false
        before = now
      }
      return true
    }),
    { numRuns: 300 },
  )
})

t.test('[AGG-4, NORM-1] the same of jobs that are asked as a whole, and by turns', async () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), round, anyJson), { maxLength: 12 }), (steps) => {
      let before: JobProgress | undefined
      for (const [whole, bodies, said] of steps) {
        const result = normalise('job-1', said)
        const now: JobProgress | undefined = !whole
          ? aggregateDisks(plan, answersOf(bodies), before)
          : result.ok
            ? wholeJob(plan, result.sample, before)
            : before
        if (now === undefined) continue
        if (!isWithinBounds(now)) return false
        if (now.status === 'completed' && whole && !now.disks.every((disk) => isEnd(disk.status))) return false
        before = now
      }
      return true
    }),
    { numRuns: 300 },
  )
})
