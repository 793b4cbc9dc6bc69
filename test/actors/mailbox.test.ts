import t from 'tap'
import { Mailbox } from '../../src/actors/mailbox.ts'
import type { JobProgress } from '../../src/model/progress.ts'
import type { PollResult } from '../../src/workers/protocol.ts'

const progress = (bytes: number): JobProgress => ({
  stage: '',
  phase: '',
  percent: 0,
  bytes,
  totalBytes: 0,
  speedBps: 0,
  etaSeconds: null,
  disksReporting: 0,
  disks: [],
})
const good = (slot: number, bytes: number): PollResult => ({ slot, ok: true, progress: progress(bytes) })
const bad = (slot: number): PollResult => ({ slot, ok: false, error: { code: 'timeout', message: '' } })

/** Each look at the clock takes `step` ms; turns of the event loop are run by hand. */
function rig(step: number) {
  const got: PollResult[] = []
  const turns: (() => void)[] = []
  let now = 0
  const mailbox = new Mailbox({
    deliver: (result) => got.push(result),
    monotonic: () => (now += step),
    defer: (run) => turns.push(run),
  })
  return { mailbox, got, turns }
}

t.test('[POLL-2] a burst is read in slices, so that the event loop goes on', async (t) => {
  const { mailbox, got, turns } = rig(3)
  mailbox.post(Array.from({ length: 1_000 }, (_, slot) => good(slot, 1)))
  t.ok(got.length > 0 && got.length < 1_000, `${got.length} in the first slice`)
  let rounds = 0
  while (turns.length > 0) {
    turns.shift()?.()
    rounds += 1
  }
  t.equal(got.length, 1_000)
  t.ok(rounds > 5)
  t.equal(mailbox.depth, 0)
})

t.test('[LOAD-2] all messages of one turn share its slice, and the next turn has its own', async (t) => {
  const { mailbox, got, turns } = rig(1)
  for (let message = 0; message < 200; message += 1) mailbox.post([good(message, 1)])
  t.ok(got.length > 0 && got.length <= 5, `${got.length} of 200 messages before the loop goes on`)
  while (turns.length > 0) turns.shift()?.()
  t.equal(got.length, 200)
  mailbox.post([good(0, 2)])
  t.equal(got.length, 201, 'with time left an answer is read at once')
})

t.test('[POLL-2] what waits is conflated to the newest; an error never hides an answer', async (t) => {
  const { mailbox, got, turns } = rig(100)
  mailbox.post(Array.from({ length: 100 }, (_, slot) => good(slot, 1)))
  mailbox.post([good(99, 2), bad(98), bad(97), good(97, 3)])
  while (turns.length > 0) turns.shift()?.()
  const of = (slot: number) => got.filter((result) => result.slot === slot)
  t.match(of(99), [{ progress: { bytes: 2 } }])
  t.match(of(98), [{ ok: true }])
  t.match(of(97), [{ progress: { bytes: 3 } }])
  t.equal(mailbox.conflated, 4)
  t.equal(got.length, 100)
})

t.test('[POLL-2] control goes first and is never dropped', async (t) => {
  const { mailbox, got, turns } = rig(100)
  mailbox.post(Array.from({ length: 100 }, (_, slot) => good(slot, 1)))
  let before = -1
  mailbox.control(() => (before = got.length))
  for (const run of turns.splice(0)) run()
  t.ok(before >= 0 && before < 100)
})
