/** A machine that is told of every poll, beside the runtime that tells of few: nobody could say which is which. */

import fc from 'fast-check'
import t from 'tap'
import { createActor, type SimulatedClock } from 'xstate'
import { pollingMachine } from '../../src/machines/polling.ts'
import { POLL_ERRORS, type PollErrorCode } from '../../src/model/errors.ts'
import { target, Tracking, transfer } from '../support/tracking.ts'

type Deed = 'answer' | 'stop' | 'start' | PollErrorCode
const deeds = fc.array(
  fc.record({
    deed: fc.oneof(
      { weight: 8, arbitrary: fc.constant<Deed>('answer') },
      { weight: 4, arbitrary: fc.constantFrom<Deed>('not_found', 'http_5xx', 'invalid_body') },
      { weight: 1, arbitrary: fc.constantFrom<Deed>('stop', 'start') },
    ),
    afterMs: fc.oneof(fc.nat(40), fc.nat(9_000)),
  }),
  { maxLength: 60, size: 'max' },
)

/** The machine alone, told everything; its requests are answered when the runtime's are. */
class Reference {
  readonly #actor
  asked = false

  constructor(tracking: Tracking, clock: SimulatedClock) {
    const machine = pollingMachine.provide({ actions: { ask: () => void (this.asked = true) } })
    const input = { jobId: 'job', slot: 0, policy: tracking.policy, at: tracking.now() }
    this.#actor = createActor(machine, { input, clock })
    this.#actor.start()
  }

  get state(): string {
    return this.#actor.getSnapshot().value
  }

  get numbers(): object {
    const { errors, misses, dueAt } = this.#actor.getSnapshot().context
    return { errors, misses, dueAt }
  }

  due(at: number): void {
    this.#actor.send({ type: 'DUE', at })
  }

  hear(deed: Deed, at: number): void {
    if (deed === 'answer') this.#actor.send({ type: 'SAMPLE', at, terminal: false })
    else if (deed === 'stop') this.#actor.send({ type: 'PAUSE', at })
    else if (deed === 'start') this.#actor.send({ type: 'POLL_NOW', at })
    else {
      const { graced } = POLL_ERRORS[deed]
      this.#actor.send({ type: 'POLL_FAILED', at, graced, vanished: false, random: 0.5 })
    }
  }
}

t.test(
  '[POLL-2, POLL-5, POLL-6, POLL-7] polls of which the machine is not told leave it as if it had been',
  async (t) => {
    let passedOver = 0
    fc.assert(
      fc.property(deeds, (steps) => {
        const tracking = new Tracking()
        tracking.adopt(target('job'))
        const reference = new Reference(tracking, tracking.clock)
        const job = tracking.job('job')
        const compare = (after: string): void => {
          const { errors, misses } = job.polling
          const ours = { state: job.pollState, errors, misses, dueAt: job.dueAt }
          const told = { state: reference.state, ...reference.numbers }
          if (JSON.stringify(ours) !== JSON.stringify(told))
            throw new Error(`after ${after}: ${JSON.stringify(ours)}, told of all ${JSON.stringify(told)}`)
        }
        for (const { deed, afterMs } of steps) {
          if (job.phase !== 'live') break
          if (deed === 'stop' || deed === 'start') {
            if (deed === 'stop') tracking.supervisor.pause('job')
            else tracking.supervisor.pollNow('job')
            reference.hear(deed, tracking.now())
          } else {
            tracking.untilAsked('job', 400_000)
            if (!tracking.asked.includes('job')) continue
            if (reference.state === 'waiting') reference.due(tracking.now())
            compare('being asked')
            tracking.pass(afterMs)
            if (job.phase !== 'live') break
            if (deed === 'answer') {
              if (job.isRegular) passedOver += 1
              tracking.answer('job', transfer(1))
            } else tracking.fail('job', deed)
            reference.hear(deed, tracking.now())
          }
          compare(deed)
        }
      }),
      { numRuns: 60 },
    )
    t.ok(passedOver > 200, `${passedOver} polls were passed over`)
  },
)

t.test(
  '[RECOVER-2] a poll that throws is its job’s alone: the others are asked on, and it is asked again',
  async (t) => {
    const asked: number[] = []
    let fails = true
    const tracking = new Tracking({
      fetch: {
        track: () => {},
        untrack: () => {},
        ask: (slot) => {
          if (slot === 0 && fails) throw new Error('no way to the thread')
          asked.push(slot)
        },
        probe: () => {},
        follow: () => {},
        isFed: () => false,
      },
    })
    tracking.adopt(target('bad'), target('good'))
    tracking.pass(2_000)
    t.same(asked, [1])
    t.match(tracking.crashes, [{ jobId: 'bad' }])
    fails = false
    tracking.pass(60_000)
    t.ok(asked.includes(0))
  },
)
