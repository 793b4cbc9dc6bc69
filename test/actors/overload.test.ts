/** More to do than can be done: the way to the VMA answers fewer polls than fall due. Under a hand clock, no wall time. */

import fc from 'fast-check'
import t from 'tap'
import { target, Tracking, transfer } from '../support/tracking.ts'

const INTERVAL_MS = 2_000

/** Answers the oldest request every `serviceMs`, as a VMA at its limit does; tells whose turn it was. */
function serve(tracking: Tracking, serviceMs: number, forMs: number, served: (jobId: string) => void): void {
  for (let passed = 0; passed < forMs; passed += serviceMs) {
    tracking.pass(serviceMs)
    const [next] = tracking.asked
    if (next === undefined) continue
    served(next)
    tracking.answer(next, transfer(passed % 1_000))
  }
}

const fleet = (jobs: number): Tracking => {
  const tracking = new Tracking({ policy: { intervalMs: INTERVAL_MS, contactTimeoutMs: 3_600_000 } })
  tracking.adopt(...Array.from({ length: jobs }, (_, i) => target(`job-${i}`)))
  return tracking
}

t.test(
  '[LOAD-1] at more than it holds every job has its turn: while one waits, no other is polled twice',
  async (t) => {
    let waited = 0
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.double({ min: 1.05, max: 6, noNaN: true }), (jobs, load) => {
        const tracking = fleet(jobs)
        const turns = new Map(Array.from({ length: jobs }, (_, i) => [`job-${i}`, 0]))
        /** By who waits: who has had a turn since. */
        const since = new Map<string, Set<string>>()
        const serviceMs = Math.round((INTERVAL_MS / jobs) * load)
        serve(tracking, serviceMs, serviceMs * jobs * 10, (jobId) => {
          waited = Math.max(waited, tracking.asked.length)
          if (new Set(tracking.asked).size < tracking.asked.length) throw new Error('a job waits twice')
          for (const waiting of tracking.asked) if (!since.has(waiting)) since.set(waiting, new Set())
          since.delete(jobId)
          for (const [waiting, others] of since) {
            if (others.has(jobId)) throw new Error(`${jobId} had two turns while ${waiting} waited`)
            others.add(jobId)
          }
          turns.set(jobId, (turns.get(jobId) ?? 0) + 1)
        })
        // Who waits no more than others and is asked again at its next place has a turn in each two rounds at least.
        return Math.min(...turns.values()) >= 5
      }),
      { numRuns: 25 },
    )
    t.ok(waited > 20, `up to ${waited} waited`)
  },
)

t.test('[LOAD-1] a large fleet gets evenly later', async (t) => {
  for (const load of [1.3, 2, 3.7]) {
    const [jobs, rounds] = [80, 25]
    const tracking = fleet(jobs)
    const turns = new Map<string, number>()
    const serviceMs = Math.round((INTERVAL_MS / jobs) * load)
    serve(tracking, serviceMs, serviceMs * jobs * rounds, (jobId) => turns.set(jobId, (turns.get(jobId) ?? 0) + 1))
    const counts = [...turns.values()]
    t.equal(counts.length, jobs)
    t.ok(Math.max(...counts) - Math.min(...counts) <= 3, `${Math.min(...counts)} to ${Math.max(...counts)} turns`)
  }
})

t.test('[LOAD-1] with less to do polls are punctual again by themselves', async (t) => {
  const jobs = 20
  const tracking = fleet(jobs)
  const serviceMs = (INTERVAL_MS / jobs) * 2
  serve(tracking, serviceMs, INTERVAL_MS * 20, () => {})
  t.ok(tracking.asked.length > 1, `${tracking.asked.length} wait`)
  for (let i = jobs / 4; i < jobs; i += 1) tracking.supervisor.release(tracking.job(`job-${i}`))
  for (const left of tracking.asked.splice(0))
    if (tracking.supervisor.jobs.get(left)) tracking.answer(left, transfer(1))
  const turns = new Map<string, number>()
  let longest = 0
  serve(tracking, serviceMs / 2, INTERVAL_MS * 10, (jobId) => {
    turns.set(jobId, (turns.get(jobId) ?? 0) + 1)
    longest = Math.max(longest, tracking.asked.length)
  })
  t.same(
    [...turns.values()],
    Array.from({ length: jobs / 4 }, () => 10),
    'each once an interval',
  )
  t.ok(longest <= jobs / 4, 'nobody waits behind those that are gone')
})

t.test('[LOAD-1] who waits longer than a lost poll would is not failed while others are answered', async (t) => {
  const jobs = 200
  const tracking = fleet(jobs)
  const turns = new Map<string, number>()
  let mostWaiting = 0
  for (let round = 0; round < 3 * jobs; round += 5) {
    serve(tracking, 1_000, 5_000, (jobId) => {
      turns.set(jobId, (turns.get(jobId) ?? 0) + 1)
      mostWaiting = Math.max(mostWaiting, tracking.asked.length)
    })
    tracking.supervisor.sweep()
    tracking.turn()
  }
  t.ok(mostWaiting <= jobs, `${mostWaiting} requests wait for ${jobs} jobs`)
  t.same(
    tracking.changes.filter((change) => / fault| down/.test(change)),
    [],
  )
  t.same(
    [...turns.values()].filter((n) => n !== 3),
    [],
    'three turns each in ten minutes',
  )
})

t.test(
  '[LOAD-1] a poll that is lost beside others that are answered, or with all of them, is failed and asked again',
  async (t) => {
    const tracking = fleet(2)
    const sweepFor = (ms: number, answered: readonly string[]): void => {
      for (let passed = 0; passed < ms; passed += 1_000) {
        tracking.pass(1_000)
        for (const jobId of answered) if (tracking.asked.includes(jobId)) tracking.answer(jobId, transfer(1))
        tracking.supervisor.sweep()
        tracking.turn()
      }
    }
    const faults = (): number => tracking.changes.filter((change) => change === 'job-0 fault').length
    sweepFor(4_000, ['job-0', 'job-1'])
    sweepFor(300_000, ['job-1'])
    t.ok(tracking.probes.length > 0, 'its VMA is put in doubt')
    tracking.probed(0, true)
    t.ok(faults() > 0, 'the other one was answered all the time')
    const silent = fleet(1)
    for (let passed = 0; passed < 200_000; passed += 1_000) {
      silent.pass(1_000)
      silent.supervisor.sweep()
      silent.turn()
    }
    t.ok(silent.probes.length > 0, 'nothing was answered at all')
  },
)
