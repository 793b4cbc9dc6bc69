/** One timer for all: everything falls due once, in time, whatever is added and taken away. */

import fc from 'fast-check'
import t from 'tap'
import { SimulatedClock } from 'xstate'
import { DueWheel } from '../../src/actors/due-wheel.ts'

const BUCKET_MS = 10
const SLOTS = 8

interface Rig {
  readonly clock: SimulatedClock
  readonly wheel: DueWheel
  readonly fired: { readonly slot: number; readonly at: number }[]
}

function start(onDue: (rig: Rig, slot: number) => void = () => {}): Rig {
  const clock = new SimulatedClock()
  const fired: { slot: number; at: number }[] = []
  const rig: Rig = {
    clock,
    fired,
    wheel: new DueWheel({
      clock,
      monotonic: () => clock.now(),
      onDue: (slot) => {
        fired.push({ slot, at: clock.now() })
        onDue(rig, slot)
      },
    }),
  }
  return rig
}

const step = fc.oneof(
  fc.record({ what: fc.constant('add' as const), slot: fc.nat(SLOTS - 1), ms: fc.oneof(fc.nat(40), fc.nat(20_000)) }),
  fc.record({ what: fc.constant('remove' as const), slot: fc.nat(SLOTS - 1) }),
  fc.record({ what: fc.constant('pass' as const), ms: fc.oneof(fc.nat(10), fc.nat(5_000)) }),
)

t.test('[POLL-2] each slot falls due once, not before its time and less than two buckets after it', async (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { clock, wheel, fired } = start()
      const due = new Map<number, number>()
      const check = (): void => {
        for (const { slot, at } of fired.splice(0)) {
          const time = due.get(slot)
          if (time === undefined) throw new Error(`${slot} was not waited for`)
          if (at < time || at >= time + 2 * BUCKET_MS) throw new Error(`${slot} fell due at ${at}, not at ${time}`)
          due.delete(slot)
        }
        for (const [slot, time] of due) if (time + 2 * BUCKET_MS <= clock.now()) throw new Error(`${slot} is missing`)
        if (wheel.size !== due.size) throw new Error(`it counts ${wheel.size} and not ${due.size}`)
      }
      for (const one of steps) {
        if (one.what === 'add') {
          due.set(one.slot, clock.now() + one.ms)
          wheel.add(one.slot, one.ms)
        } else if (one.what === 'remove') {
          due.delete(one.slot)
          wheel.remove(one.slot)
        } else for (let left = one.ms; left > 0; left -= 1) clock.increment(1)
        check()
      }
    }),
    { numRuns: 300 },
  )
  t.pass('in 300 histories')
})

t.test('after a standstill of many rounds everything falls due at once', async (t) => {
  const { clock, wheel, fired } = start()
  for (let slot = 0; slot < 100; slot += 1) wheel.add(slot, slot * 100)
  clock.increment(60_000)
  clock.increment(BUCKET_MS)
  t.same(
    fired.map(({ slot }) => slot).toSorted((a, b) => a - b),
    Array.from({ length: 100 }, (_, slot) => slot),
  )
})

t.test('what is added again as it falls due goes on, and nothing runs after stop', async (t) => {
  const rig = start(({ wheel }, slot) => wheel.add(slot, 10))
  rig.wheel.add(3, 0)
  for (let ms = 0; ms < 100; ms += 1) rig.clock.increment(1)
  t.ok(rig.fired.length >= 4, `${rig.fired.length} times`)
  rig.wheel.stop()
  rig.fired.length = 0
  rig.clock.increment(1_000)
  t.same(rig.fired, [])
  t.equal(rig.wheel.size, 0)
})
