/** Paths generated from the machines: every transition that a chart shows is taken, by real actors under a hand clock. */

import t, { type Test } from 'tap'
import { createActor, SimulatedClock, type AnyStateMachine, type EventObject } from 'xstate'
import { getShortestPaths } from 'xstate/graph'
import { circuitMachine } from '../../src/machines/circuit.ts'
import { pollingMachine, type PollingContext, type PollingPolicy } from '../../src/machines/polling.ts'

const policy: PollingPolicy = {
  intervalMs: 2_000,
  backoffBaseMs: 5_000,
  maxErrors: 3,
  startupGraceMs: 30_000,
  contactTimeoutMs: 300_000,
}
const AT = 1_000_000

/** `from event → to`, as the machine's definition has it. */
function defined(machine: AnyStateMachine): Set<string> {
  const edges = new Set<string>()
  for (const state of Object.values(machine.root.states)) {
    const own = state.type === 'final' ? [] : [...state.transitions.values(), ...machine.root.transitions.values()]
    for (const { eventType, target } of own.flat())
      edges.add(`${state.key} ${eventType} ${target?.[0]?.key ?? state.key}`)
  }
  return edges
}

/** The timers that run in a state, as the events that they bring. */
function timersOf(machine: AnyStateMachine, state: string): EventObject[] {
  return [...(machine.root.states[state]?.transitions.keys() ?? [])]
    .filter((type) => type.startsWith('xstate.after'))
    .map((type) => ({ type }))
}

interface Walk {
  readonly machine: AnyStateMachine
  readonly input: unknown
  readonly eventsIn: (context: unknown) => readonly EventObject[]
  /** How long until the timers of a state, by its context. */
  readonly delay: (type: string, context: unknown) => number
  /** What of the context makes a state another one. */
  readonly key: (context: unknown) => string
}

/** Takes every shortest path with a real actor; returns the edges that were taken. */
function walk(t: Test, { machine, input, eventsIn, delay, key }: Walk): Set<string> {
  const paths = getShortestPaths(machine, {
    input,
    events: (snapshot: { value: unknown; context: unknown }) => [
      ...eventsIn(snapshot.context),
      ...timersOf(machine, String(snapshot.value)),
    ],
    serializeState: (snapshot: { value: unknown; context: unknown }) =>
      `${String(snapshot.value)} ${key(snapshot.context)}`,
    serializeEvent: (event: EventObject) => JSON.stringify(event),
    limit: 5_000,
  } as Parameters<typeof getShortestPaths>[1])
  const taken = new Set<string>()
  t.ok(paths.length > 5, `${paths.length} paths`)
  for (const { state, steps } of paths) {
    const goal = state as unknown as { value: string; context: unknown }
    const events = steps.map((step) => step.event as EventObject)
    for (const event of [...eventsIn(goal.context), ...timersOf(machine, goal.value)]) {
      const clock = new SimulatedClock()
      const actor = createActor(machine, { clock, input })
      actor.start()
      const take = (next: EventObject): void => {
        const before = actor.getSnapshot() as { value: string; context: unknown }
        if (next.type.startsWith('xstate.after')) clock.increment(delay(next.type, before.context))
        else actor.send(next)
        taken.add(`${before.value} ${next.type} ${String(actor.getSnapshot().value)}`)
      }
      for (const step of events) if (step.type !== 'xstate.init') take(step)
      t.equal(actor.getSnapshot().value, goal.value, events.map(({ type }) => type).join(' '))
      if (actor.getSnapshot().status === 'active') take(event)
      actor.stop()
    }
  }
  return taken
}

function missing(machine: AnyStateMachine, taken: ReadonlySet<string>): string[] {
  return [...defined(machine)].filter((edge) => !taken.has(edge))
}

t.test('[POLL-5, POLL-6, POLL-7, POLL-8] every transition of the polling machine is on a generated path', async (t) => {
  const failed = (at: number, graced: boolean, vanished: boolean) => ({
    type: 'POLL_FAILED',
    at,
    graced,
    vanished,
    random: 0.5,
  })
  const taken = walk(t, {
    machine: pollingMachine,
    input: { jobId: 'job-1', slot: 0, policy, at: AT },
    eventsIn: (context) => {
      const { at, contactAt } = context as PollingContext
      return [
        { type: 'DUE', at },
        { type: 'SAMPLE', at, terminal: false },
        { type: 'SAMPLE', at, terminal: true },
        failed(at, true, false),
        failed(at, false, false),
        failed(at, false, true),
        failed(contactAt + policy.contactTimeoutMs, true, false),
        { type: 'POLL_NOW', at },
        { type: 'PAUSE', at },
        { type: 'VMA_DOWN', at },
        { type: 'VMA_UP', at },
        { type: 'STOP' },
      ] as EventObject[]
    },
    delay: (type, context) => {
      const { at, dueAt, contactAt } = context as PollingContext
      return type.includes('untilDue') ? dueAt - at : contactAt + policy.contactTimeoutMs - at
    },
    key: (context) => {
      const { errors, misses } = context as PollingContext
      return `${errors} ${misses}`
    },
  })
  t.same(missing(pollingMachine, taken), [])
})

t.test('[POLL-8] every transition of the circuit is on a generated path', async (t) => {
  const taken = walk(t, {
    machine: circuitMachine,
    input: { vma: 0, policy: { firstProbeMs: 1_000, mostProbeMs: 10_000 } },
    eventsIn: () =>
      [{ type: 'DOUBT' }, { type: 'ANSWER' }, { type: 'PROBE_FAILED', random: 0.5 }, { type: 'STOP' }] as EventObject[],
    delay: (_type, context) => (context as { waitMs: number }).waitMs,
    key: (context) => String(Math.min(3, (context as { failures: number }).failures)),
  })
  t.same(missing(circuitMachine, taken), [])
})
