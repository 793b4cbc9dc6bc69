import t from 'tap'
import { createActor, SimulatedClock } from 'xstate'
import { circuitMachine, CIRCUIT_STATES, type CircuitState } from '../../src/machines/circuit.ts'
import { CIRCUIT_TABLE, type CircuitCase } from '../tables/circuit.ts'

const POLICY = { firstProbeMs: 1_000, mostProbeMs: 10_000 }

function start() {
  const clock = new SimulatedClock()
  const told: string[] = []
  const probes: number[] = []
  const machine = circuitMachine.provide({
    actions: {
      probe: () => {
        told.push('probe')
        probes.push(clock.now())
      },
      acquit: () => told.push('acquit'),
      hold: () => told.push('hold'),
      resume: () => told.push('resume'),
    },
  })
  const actor = createActor(machine, { clock, input: { vma: 0, policy: POLICY } })
  actor.start()
  const fail = (random = 0.5): void => actor.send({ type: 'PROBE_FAILED', random })
  return { actor, clock, told, probes, fail, state: () => actor.getSnapshot().value }
}
type Rig = ReturnType<typeof start>

const WAY_TO: Record<CircuitState, (rig: Rig) => void> = {
  closed: () => {},
  checking: (rig) => rig.actor.send({ type: 'DOUBT' }),
  open: (rig) => {
    WAY_TO.checking(rig)
    rig.fail()
  },
  probing: (rig) => {
    WAY_TO.open(rig)
    rig.clock.increment(POLICY.firstProbeMs)
  },
  stopped: (rig) => rig.actor.send({ type: 'STOP' }),
}

const CASE: Record<CircuitCase, (rig: Rig) => void> = {
  DOUBT: (rig) => rig.actor.send({ type: 'DOUBT' }),
  ANSWER: (rig) => rig.actor.send({ type: 'ANSWER' }),
  PROBE_FAILED: (rig) => rig.fail(),
  'time passes': (rig) => rig.clock.increment(60_000),
  STOP: (rig) => rig.actor.send({ type: 'STOP' }),
}

t.test('[POLL-8] every event in every state of a circuit, as the table says', async (t) => {
  for (const from of CIRCUIT_STATES) {
    for (const [name, expected] of Object.entries(CIRCUIT_TABLE[from])) {
      const rig = start()
      WAY_TO[from](rig)
      t.equal(rig.state(), from, `the way to ${from}`)
      rig.told.length = 0
      CASE[name as CircuitCase](rig)
      t.equal(rig.state(), expected.to, `${from}: ${name}`)
      t.same(rig.told, expected.told, `${from}: ${name} tells`)
      rig.actor.stop()
    }
  }
})

t.test(
  '[POLL-8] an open circuit is probed after 1, 2, 4, 8 and then every 10 s, and forgets that when it closes',
  async (t) => {
    const rig = start()
    WAY_TO.open(rig)
    const opened = rig.clock.now()
    const waits: number[] = []
    for (let i = 0, last = opened; i < 6; i += 1) {
      while (rig.state() === 'open') rig.clock.increment(100)
      waits.push(rig.clock.now() - last)
      last = rig.clock.now()
      rig.fail()
    }
    t.same(waits, [1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
    rig.actor.send({ type: 'ANSWER' })
    t.equal(rig.state(), 'closed')
    WAY_TO.open(rig)
    rig.clock.increment(POLICY.firstProbeMs)
    t.equal(rig.state(), 'probing', 'from the beginning')
  },
)
