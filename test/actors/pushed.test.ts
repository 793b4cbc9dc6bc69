/** What a VMA's change feed tells of by itself, and how jobs are asked for meanwhile (POLL-10). */

import t from 'tap'
import type { PollResult } from '../../src/workers/protocol.ts'
import { Mailbox } from '../../src/actors/mailbox.ts'
import { Revivals } from '../../src/actors/revivals.ts'
import { Slots } from '../../src/actors/slots.ts'
import { target, Tracking, transfer } from '../support/tracking.ts'

const FED_MS = 10_000

/** Followed, asked for once, and fed from then on. */
function fed(jobId = 'a'): Tracking {
  const rig = new Tracking()
  rig.adopt(target(jobId))
  rig.fed.add(0)
  rig.untilAsked(jobId)
  rig.answer(jobId, transfer(100))
  return rig
}

t.test('[POLL-10] a job is asked for at its own place until its first answer, and rarely from then on', async (t) => {
  const rig = new Tracking()
  rig.adopt(target('a'))
  rig.fed.add(0)
  t.ok(rig.untilAsked('a') <= rig.policy.intervalMs)
  rig.answer('a', transfer(100))
  const first = rig.untilAsked('a')
  t.ok(first > FED_MS / 2 && first <= 1.5 * FED_MS + 100, `${first} ms`)
  rig.answer('a', transfer(100))
  const second = rig.untilAsked('a')
  t.ok(second > FED_MS - 100 && second < FED_MS + 100, `${second} ms`)
})

t.test('[POLL-10] neither a long interval nor a short contact timeout is stretched', async (t) => {
  for (const [intervalMs, contactTimeoutMs] of [
    [60_000, 300_000],
    [2_000, 5_000],
  ] as const) {
    const rig = new Tracking({ policy: { intervalMs, contactTimeoutMs } })
    rig.adopt(target('a'))
    rig.fed.add(0)
    rig.untilAsked('a')
    for (let i = 0; i < 5; i += 1) {
      rig.answer('a', transfer(100))
      const waited = rig.untilAsked('a')
      t.ok(waited <= intervalMs + 100, `${waited} ms of ${intervalMs}`)
    }
  }
})

t.test('[POLL-10] jobs that come in one burst are not asked for in one', async (t) => {
  const rig = new Tracking()
  const ids = Array.from({ length: 400 }, (_, i) => `job-${i}`)
  rig.adopt(...ids.map((id) => target(id)))
  rig.fed.add(0)
  for (const id of ids) rig.push(id, transfer(1))
  rig.pass(FED_MS / 2)
  t.same(rig.asked, [])
  let most = 0
  for (let asked = 0; asked < ids.length; asked = rig.asked.length) {
    rig.pass(1_000)
    most = Math.max(most, rig.asked.length - asked)
    if (rig.asked.length === asked) break
  }
  t.equal(rig.asked.length, ids.length)
  t.ok(most < ids.length / 4, `${most} of them within one second`)
})

t.test(
  '[POLL-10] what is pushed is a good answer: row, status, contact; and who is pushed is not asked for',
  async (t) => {
    const rig = fed()
    for (let bytes = 110; bytes < 900; bytes += 10) {
      rig.pass(2_000)
      rig.push('a', transfer(bytes))
      t.equal(rig.job('a').contactAt, rig.now())
    }
    t.same(rig.asked, [])
    t.match(rig.job('a').view(rig.now()), { bytes: 890, verdict: { state: 'moving' } })
    t.equal(rig.rows.at(-1)?.bytes, 890)
    rig.push('a', transfer(1_000, { status: 'completed' }))
    t.match(rig.ends, [{ status: 'completed' }])
  },
)

t.test(
  '[POLL-10, THR-1] what was told too soon after a row is in the next one, as soon as that may be written',
  async (t) => {
    const rig = fed()
    rig.pass(3_000)
    rig.push('a', transfer(200))
    const rows = rig.rows.length
    rig.pass(500)
    rig.push('a', transfer(201))
    t.equal(rig.rows.length, rows, 'not yet')
    const waited = rig.untilAsked('a')
    t.ok(waited >= 1_400 && waited <= 1_600, `${waited} ms`)
    rig.answer('a', transfer(201))
    t.match(rig.rows.at(-1), { bytes: 201 })
    t.ok(rig.untilAsked('a') > FED_MS / 2)
  },
)

t.test('[POLL-10] a request that is out stays out: its answer comes, and its failure counts', async (t) => {
  const rig = fed()
  rig.untilAsked('a')
  const { askedAt } = rig.job('a')
  rig.push('a', transfer(200))
  t.equal(rig.job('a').askedAt, askedAt)
  t.equal(rig.job('a').pollState, 'polling')
  rig.pass(30_000)
  t.same(rig.asked, ['a'], 'one at a time')
  rig.fail('a', 'timeout')
  rig.probed(0, true)
  t.equal(rig.job('a').errors, 1)
  t.equal(rig.state('a'), 'backingOff')
  rig.push('a', transfer(300))
  t.equal(rig.job('a').errors, 0, 'what is told is a sign of life')
  t.equal(rig.state('a'), 'waiting')
})

t.test('[POLL-10] a job that was suspended, or whose VMA was away, comes back with what is told', async (t) => {
  const rig = new Tracking()
  rig.adopt(target('a'))
  for (let i = 0; i < rig.policy.maxErrors; i += 1) {
    rig.untilAsked('a')
    rig.fail('a', 'http_5xx', 500)
  }
  t.equal(rig.state('a'), 'suspended')
  rig.push('a', transfer(100))
  t.equal(rig.state('a'), 'waiting')
  rig.untilAsked('a')
  rig.fail('a', 'unreachable')
  rig.probed(0, false)
  t.equal(rig.state('a'), 'held')
  rig.push('a', transfer(200))
  t.equal(rig.state('a'), 'waiting')
  t.same(
    rig.changes.filter((change) => change.startsWith('vma')),
    ['vma down', 'vma up'],
  )
  t.same(rig.follows, [0], 'and a feed that was not there is asked for again')
})

t.test('[POLL-10] a job that someone stopped is left alone; what is told meanwhile does not show', async (t) => {
  const rig = fed()
  const held = transfer(100)
  rig.push('a', held)
  rig.supervisor.pause('a')
  Object.assign(held, { bytes: 700 })
  rig.push('a', transfer(700))
  t.match(rig.job('a').view(rig.now()), { bytes: 100, pollState: 'paused' })
  rig.supervisor.pollNow('a')
  rig.push('a', transfer(800))
  t.match(rig.job('a').view(rig.now()), { bytes: 800 })
})

t.test(
  '[POLL-10] the feed breaks: every job is asked for at its own place at once, and no other VMA notices',
  async (t) => {
    const rig = new Tracking({ vmas: ['one', 'two'], vmaOf: ({ jobId }) => (jobId.startsWith('a') ? 0 : 1) })
    const ids = Array.from({ length: 20 }, (_, i) => `a-${i}`)
    rig.adopt(...ids.map((id) => target(id)), target('b'))
    rig.fed.add(0).add(1)
    for (const id of [...ids, 'b']) rig.push(id, transfer(1))
    rig.feedBreaks(0)
    rig.pass(rig.policy.intervalMs + 100)
    t.same([...rig.asked].toSorted(), [...ids].toSorted())
    for (const id of ids) rig.answer(id, transfer(2))
    rig.pass(rig.policy.intervalMs + 100)
    t.equal(rig.asked.length, ids.length, 'and again with the next interval')
  },
)

t.test(
  '[POLL-10, POLL-7] a VMA whose feed goes on is never without contact; one that is silent loses the job',
  async (t) => {
    const rig = fed()
    const minutes = (n: number): void => {
      for (const end = rig.now() + n * 60_000; rig.now() < end;) {
        rig.untilAsked('a', 60_000)
        rig.answer('a', transfer(100))
      }
    }
    minutes(20)
    t.equal(rig.job('a').phase, 'live', 'nothing changed, and the polls were answered by what is held')
    rig.feedBreaks(0)
    const heardAt = rig.job('a').contactAt ?? 0
    while (rig.ends.length === 0) {
      rig.untilAsked('a')
      rig.fail('a', 'not_found', 404)
    }
    t.equal(rig.now() - heardAt, rig.policy.contactTimeoutMs)
  },
)

t.test('[POLL-10] of two unread results the newest is read, and a poll that was answered is over', async (t) => {
  const got: PollResult[] = []
  const turns: (() => void)[] = []
  const mailbox = new Mailbox({
    deliver: (result) => got.push(result),
    monotonic: () => 0,
    defer: (run) => turns.push(run),
  })
  const told = (slot: number, bytes: number): PollResult => ({
    slot,
    ok: true,
    progress: transfer(bytes),
    pushed: true,
  })
  const asked = (slot: number, bytes: number): PollResult => ({ slot, ok: true, progress: transfer(bytes) })
  const failed = (slot: number): PollResult => ({ slot, ok: false, error: { code: 'timeout', message: '' } })
  mailbox.control(() => {})
  mailbox.post([told(0, 1), asked(1, 1), told(2, 1), failed(3), told(4, 1)])
  mailbox.post([told(0, 2), told(1, 2), asked(2, 2), told(3, 2), failed(4)])
  for (let run = turns.shift(); run !== undefined; run = turns.shift()) run()
  const seen = got.map((result) => [
    result.slot,
    result.ok && result.progress.bytes,
    result.ok && result.pushed === true,
  ])
  t.same(seen, [
    [0, 2, true],
    [1, 2, false],
    [2, 2, false],
    [3, 2, false],
    [4, 1, false],
  ])
})

t.test('[POLL-10, RECOVER-3] a lost job that is told of is revived once', async (t) => {
  const slots = new Slots()
  const revived: string[] = []
  let decide: () => void = () => {}
  const revivals = new Revivals({
    store: {
      lostJobs: async () => [{ jobId: 'a', vmContextId: 'ctx-a' }] as never,
      targets: async () => [target('a')],
      reviveJobs: async (jobs) => {
        revived.push(...jobs.map(({ jobId }) => jobId))
        await new Promise<void>((resolve) => (decide = resolve))
        return [{ outcome: 'revived' }] as never
      },
    },
    slots,
    fetch: { track: () => {}, untrack: () => {}, ask: () => {} },
    circuits: { isUp: () => false, answered: () => {}, doubt: () => {} },
    vmaOf: () => 0,
    now: () => 1_000_000,
    intervalMs: 1_000,
    onRevived: () => {},
    onFault: (_what, cause) => t.fail('a fault', { cause }),
  })
  await revivals.round()
  const pushed: PollResult = { slot: 0, ok: true, progress: transfer(100), pushed: true }
  t.ok(revivals.deliver(pushed))
  t.ok(revivals.deliver(pushed))
  decide()
  await revivals.close()
  t.same(revived, ['a'])
})
