import t from 'tap'
import { createActor, SimulatedClock } from 'xstate'
import {
  pollingMachine,
  POLLING_STATES,
  type PollingEvent,
  type PollingPolicy,
  type PollingState,
} from '../../src/machines/polling.ts'
import { POLLING_TABLE, type PollingCase } from '../tables/polling.ts'

const policy: PollingPolicy = {
  intervalMs: 2_000,
  backoffBaseMs: 5_000,
  maxErrors: 5,
  startupGraceMs: 30_000,
  contactTimeoutMs: 300_000,
}
const START = 1_000_000

/** A machine with hand-driven time; `asked` and `lost` are what it told the runtime to do. */
function start(overrides: Partial<PollingPolicy> = {}) {
  const clock = new SimulatedClock()
  const asked: number[] = []
  const lost: number[] = []
  const now = (): number => START + clock.now()
  const inferred: number[] = []
  const machine = pollingMachine.provide({
    actions: {
      ask: () => asked.push(now()),
      lose: () => lost.push(now()),
      inferEnd: () => inferred.push(now()),
    },
  })
  const actor = createActor(machine, {
    clock,
    input: { jobId: 'job-1', slot: 0, policy: { ...policy, ...overrides }, at: START },
  })
  actor.start()
  const state = (): PollingState => actor.getSnapshot().value
  const send = (event: PollingEvent): void => actor.send(event)
  const fail = (graced = false, vanished = false): void =>
    send({ type: 'POLL_FAILED', at: now(), graced, vanished, random: 0.5 })
  const answer = (terminal = false): void => send({ type: 'SAMPLE', at: now(), terminal })
  /** Up to its next poll; while it waits that is the runtime's to tell. */
  const untilAsked = (): void => {
    clock.increment(Math.max(0, actor.getSnapshot().context.dueAt - now()))
    if (state() === 'waiting') send({ type: 'DUE', at: now() })
  }
  return { actor, clock, asked, lost, inferred, now, state, send, fail, answer, untilAsked }
}
type Rig = ReturnType<typeof start>

/** The shortest way into each state. */
const WAY_TO: Record<PollingState, (rig: Rig) => void> = {
  waiting: () => {},
  polling: (rig) => rig.untilAsked(),
  backingOff: (rig) => {
    rig.untilAsked()
    rig.fail()
  },
  suspended: (rig) => {
    for (let i = 0; i < policy.maxErrors; i += 1) {
      rig.untilAsked()
      rig.fail()
    }
  },
  paused: (rig) => rig.send({ type: 'PAUSE', at: rig.now() }),
  held: (rig) => rig.send({ type: 'VMA_DOWN', at: rig.now() }),
  finished: (rig) => rig.answer(true),
  lost: (rig) => {
    rig.send({ type: 'VMA_DOWN', at: rig.now() })
    rig.clock.increment(policy.contactTimeoutMs)
  },
  stopped: (rig) => rig.send({ type: 'STOP' }),
}

const CASE: Record<PollingCase, (rig: Rig) => void> = {
  due: (rig) => {
    rig.clock.increment(policy.contactTimeoutMs)
    rig.send({ type: 'DUE', at: rig.now() })
  },
  sample: (rig) => rig.answer(),
  'terminal sample': (rig) => rig.answer(true),
  error: (rig) => rig.fail(),
  'error in grace': (rig) => rig.fail(true),
  'last error': (rig) => rig.fail(),
  'error past the contact timeout': (rig) => {
    const at = START + policy.contactTimeoutMs
    rig.send({ type: 'POLL_FAILED', at, graced: false, vanished: false, random: 0.5 })
  },
  'third miss near the end': (rig) => rig.fail(false, true),
  POLL_NOW: (rig) => rig.send({ type: 'POLL_NOW', at: rig.now() }),
  PAUSE: (rig) => rig.send({ type: 'PAUSE', at: rig.now() }),
  VMA_DOWN: (rig) => rig.send({ type: 'VMA_DOWN', at: rig.now() }),
  VMA_UP: (rig) => rig.send({ type: 'VMA_UP', at: rig.now() }),
  STOP: (rig) => rig.send({ type: 'STOP' }),
}

t.test('[POLL-5] every event in every state, as the table says', async (t) => {
  for (const from of POLLING_STATES) {
    for (const [name, expected] of Object.entries(POLLING_TABLE[from])) {
      const isFirstDecisive = name === 'last error' || name === 'third miss near the end'
      const rig = start(isFirstDecisive && from === 'polling' ? { maxErrors: 1 } : {})
      WAY_TO[from](rig)
      t.equal(rig.state(), from, `the way to ${from}`)
      CASE[name as PollingCase](rig)
      t.equal(rig.state(), expected, `${from}: ${name}`)
      rig.actor.stop()
    }
  }
})

t.test("[POLL-2] asks once per interval at the job's place, and never twice at once", async (t) => {
  const rig = start()
  for (let i = 0; i < 5; i += 1) {
    rig.untilAsked()
    rig.clock.increment(300)
    rig.answer()
  }
  t.equal(rig.asked.length, 5)
  const gaps = rig.asked.slice(1).map((at, i) => at - (rig.asked[i] ?? 0))
  t.same(gaps, [2_000, 2_000, 2_000, 2_000], 'a slow answer moves nothing')
  rig.untilAsked()
  rig.clock.increment(60_000)
  t.equal(rig.asked.length, 6, 'no second request while one is in flight')
})

t.test('[POLL-5] 5, 10, 20, 40 s, then suspended; one success forgives all', async (t) => {
  const rig = start()
  rig.untilAsked()
  for (let i = 0; i < 4; i += 1) {
    rig.fail()
    rig.untilAsked()
  }
  t.same(
    rig.asked.slice(1).map((at, i) => at - (rig.asked[i] ?? 0)),
    [5_000, 10_000, 20_000, 40_000],
  )
  rig.fail()
  t.equal(rig.state(), 'suspended')
  const asked = rig.asked.length
  rig.clock.increment(60_000)
  t.equal(rig.asked.length, asked, 'no polls of its own')
  rig.answer()
  t.equal(rig.state(), 'waiting')
  t.equal(rig.actor.getSnapshot().context.errors, 0)
})

t.test('[POLL-6] not found within the grace is no error, later it is', async (t) => {
  const rig = start()
  rig.untilAsked()
  rig.fail(true)
  t.equal(rig.state(), 'waiting')
  t.equal(rig.actor.getSnapshot().context.errors, 0)
  while (rig.now() < START + policy.startupGraceMs) {
    rig.untilAsked()
    rig.fail(true)
  }
  t.equal(rig.state(), 'backingOff')
})

t.test('[POLL-7] lost after the contact timeout, and not without a last poll', async (t) => {
  const rig = start()
  WAY_TO.suspended(rig)
  rig.clock.increment(START + policy.contactTimeoutMs - rig.now())
  t.equal(rig.state(), 'polling', 'asked once more before the verdict')
  t.same(rig.lost, [])
  rig.fail()
  t.equal(rig.state(), 'lost')
  t.equal(rig.lost.length, 1)
})

t.test('[POLL-7] a VMA that came back unnoticed saves the job at the last poll', async (t) => {
  const rig = start()
  WAY_TO.suspended(rig)
  rig.clock.increment(START + policy.contactTimeoutMs - rig.now())
  rig.answer()
  t.equal(rig.state(), 'waiting')
  t.same(rig.lost, [])
})

t.test('[API-4] paused: no polls and no contact timeout; asked for again, it has its whole time anew', async (t) => {
  const rig = start()
  rig.untilAsked()
  rig.send({ type: 'PAUSE', at: rig.now() })
  rig.fail()
  rig.clock.increment(10 * policy.contactTimeoutMs)
  t.equal(rig.state(), 'paused')
  t.equal(rig.asked.length, 1)
  rig.send({ type: 'POLL_NOW', at: rig.now() })
  t.same(rig.asked.slice(1), [rig.now()], 'at once')
  rig.fail()
  t.equal(rig.state(), 'backingOff', 'the pause was no silence of the VMA')
  t.equal(rig.actor.getSnapshot().context.errors, 1)
  t.same(rig.lost, [])
})

t.test('[POLL-6] vanished near its end: three misses in a row complete it, marked as inferred', async (t) => {
  const rig = start({ startupGraceMs: 0 })
  for (let i = 0; i < 2; i += 1) {
    rig.untilAsked()
    rig.fail(true, true)
    t.equal(rig.state(), 'backingOff', 'one 404 proves nothing')
  }
  rig.untilAsked()
  rig.answer()
  t.same(rig.inferred, [], 'a VMA that was restarted has heard of it again')
  for (let i = 0; i < 3; i += 1) {
    rig.untilAsked()
    rig.fail(true, true)
  }
  t.equal(rig.state(), 'finished')
  t.equal(rig.inferred.length, 1)
  t.same(rig.lost, [])
})

t.test('[POLL-6] misses within the grace, and misses of a job in its middle, infer nothing', async (t) => {
  const early = start()
  for (let i = 0; i < 5; i += 1) {
    early.untilAsked()
    early.fail(true, true)
  }
  t.equal(early.state(), 'waiting')
  const middle = start({ startupGraceMs: 0 })
  for (let i = 0; i < policy.maxErrors; i += 1) {
    middle.untilAsked()
    middle.fail(true, false)
  }
  t.equal(middle.state(), 'suspended')
  t.same([...early.inferred, ...middle.inferred], [])
})

t.test('[RECOVER-2] an actor that takes over goes on with the contact that the last one had', async (t) => {
  const clock = new SimulatedClock()
  const machine = pollingMachine.provide({ actions: { ask: () => {}, lose: () => {} } })
  const contactAt = START - policy.contactTimeoutMs + 10_000
  const actor = createActor(machine, { clock, input: { jobId: 'job-1', slot: 0, policy, at: START, contactAt } })
  actor.start()
  actor.send({ type: 'VMA_DOWN', at: START })
  clock.increment(10_000)
  t.equal(actor.getSnapshot().value, 'lost')
})
