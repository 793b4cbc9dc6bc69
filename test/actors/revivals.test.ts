import t from 'tap'
import { Revivals } from '../../src/actors/revivals.ts'
import { Slots } from '../../src/actors/slots.ts'
import type { JobTarget, ReviveResult, Revival } from '../../src/db/ports.ts'
import { START, target, transfer } from '../support/tracking.ts'

const INTERVAL_MS = 15_000

function rig({ isUp = true }: { isUp?: boolean } = {}) {
  const state = { now: START, isUp, lost: [target('a')] as JobTarget[], outcome: 'revived' as ReviveResult['outcome'] }
  const asked: number[] = []
  const told = new Map<string, number>()
  const revived: Revival[] = []
  const since: number[] = []
  const back: string[] = []
  const revivals = new Revivals({
    store: {
      lostJobs: async (from) => {
        since.push(from)
        return state.lost.map(({ jobId, status }) => ({ jobId, status }))
      },
      targets: async (ids) => state.lost.filter((job) => ids.includes(job.jobId)),
      reviveJobs: async (jobs) => {
        revived.push(...jobs)
        return jobs.map(({ jobId }) => ({ jobId, outcome: state.outcome }))
      },
    },
    slots: new Slots(),
    fetch: {
      track: (targets) => targets.forEach(({ jobId, slot }) => told.set(jobId, slot)),
      untrack: (slot) => told.forEach((of, id) => of === slot && told.delete(id)),
      ask: (slot) => asked.push(slot),
    },
    circuits: { isUp: () => state.isUp, answered: () => {}, doubt: () => {} },
    vmaOf: () => 0,
    now: () => state.now,
    intervalMs: INTERVAL_MS,
    onRevived: (job, status) => back.push(`${job.jobId} ${status}`),
    onFault: (what, cause) => back.push(`${what}: ${String(cause)}`),
  })
  const round = async (): Promise<void> => {
    state.now += INTERVAL_MS
    await revivals.round()
  }
  const slot = (jobId = 'a'): number => told.get(jobId) ?? -1
  return { revivals, state, asked, told, revived, since, back, round, slot }
}

/** The revival's own promise chain. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

t.test('[RECOVER-3] a lost job whose VMA still moves bytes comes back, also when the word is Queued', async (t) => {
  for (const said of [transfer(10), transfer(10, { status: 'pending' }), transfer(1_000, { status: 'completed' })]) {
    const { revivals, asked, revived, back, round, slot, since, state } = rig()
    await round()
    t.same(asked, [slot()])
    t.same(since, [state.now - 24 * 3_600_000])
    t.ok(revivals.deliver({ slot: slot(), ok: true, progress: said }))
    await settled()
    t.match(revived, [{ jobId: 'a', vmContextId: 'ctx-a', status: 'replicating' }])
    t.same(back, ['a replicating'])
    t.equal(revivals.candidates, 0)
  }
})

t.test('[RECOVER-3] what its VMA calls failed, not started or unknown stays failed', async (t) => {
  const { revivals, revived, round, slot } = rig()
  await round()
  for (const said of [transfer(10, { status: 'failed' }), transfer(0, { status: 'pending' })]) {
    revivals.deliver({ slot: slot(), ok: true, progress: said })
  }
  revivals.deliver({ slot: slot(), ok: false, error: { code: 'not_found', message: '' } })
  revivals.deliver({ slot: slot(), ok: false, error: { code: 'stale_run', message: '' } })
  await settled()
  t.same(revived, [])
  t.equal(revivals.candidates, 1)
  t.notOk(
    revivals.deliver({ slot: slot() + 1, ok: true, progress: transfer(10) }),
    "not one of these: the supervisor's",
  )
})

t.test('[RECOVER-3] nothing is asked while the VMA is away; at its return at once', async (t) => {
  const { revivals, state, asked, round } = rig({ isUp: false })
  await round()
  await round()
  t.same(asked, [])
  state.isUp = true
  await revivals.resumed(0)
  t.equal(asked.length, 1)
})

t.test('[RECOVER-3] a job that the VMA does not know is asked for ever more rarely', async (t) => {
  const { revivals, asked, round, slot } = rig()
  for (let i = 0; i < 100; i += 1) {
    const before = asked.length
    await round()
    if (asked.length > before) revivals.deliver({ slot: slot(), ok: false, error: { code: 'not_found', message: '' } })
  }
  t.ok(asked.length >= 7 && asked.length <= 12, `${asked.length} times in 100 rounds`)
})

t.test(
  '[RECOVER-3] the database has the last word: refused or gone is no candidate any more, an error is tried again',
  async (t) => {
    const { revivals, state, back, revived, round, slot } = rig()
    await round()
    state.outcome = 'error'
    revivals.deliver({ slot: slot(), ok: true, progress: transfer(10) })
    await settled()
    t.match(back, [/^revival of a/])
    t.equal(revivals.candidates, 1)
    state.outcome = 'refused'
    revivals.deliver({ slot: slot(), ok: true, progress: transfer(10) })
    await settled()
    t.equal(revived.length, 2)
    t.equal(revivals.candidates, 0)
    state.lost = []
    await round()
    t.equal(revivals.candidates, 0)
  },
)
