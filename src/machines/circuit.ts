/**
 * The circuit of one VMA (POLL-8): whether it can be reached at all. Doubt comes from a poll that got no answer; one probe
 * decides. While the circuit is open the VMA's jobs are not polled and their errors do not grow; the probe alone asks, with
 * backoff, and its first answer brings all of them back.
 *
 *   closed     the VMA answers; jobs are polled
 *   checking   a poll got no answer; a probe asks whether that was the job's fault or the VMA's
 *   open       no way to the VMA; its jobs are held until the next probe
 *   probing    that probe is on its way
 *   stopped    no longer ours
 */

import { setup } from 'xstate'

/** Milliseconds. */
export interface CircuitPolicy {
  /** Wait before the first probe of an open circuit; doubles with each. */
  readonly firstProbeMs: number
  readonly mostProbeMs: number
}

export interface CircuitContext {
  /** Index of the VMA in the settings' list. */
  readonly vma: number
  readonly policy: CircuitPolicy
  /** Probes that failed since the circuit was last closed. */
  readonly failures: number
  /** Until the next probe. */
  readonly waitMs: number
}

export type CircuitEvent =
  /** A poll got no answer from the VMA. */
  | { readonly type: 'DOUBT' }
  /** Something answered: a poll or the probe. Whatever it said, the VMA is there. */
  | { readonly type: 'ANSWER' }
  /** `random` in 0..1 spreads the probes of several OMAs. */
  | { readonly type: 'PROBE_FAILED'; readonly random: number }
  | { readonly type: 'STOP' }

export const CIRCUIT_STATES = ['closed', 'checking', 'open', 'probing', 'stopped'] as const
export type CircuitState = (typeof CIRCUIT_STATES)[number]

/** ± share of the wait. */
const JITTER = 0.1
/** Doublings are counted to here; far beyond any bound. */
const MAX_DOUBLINGS = 20

const circuit = setup({
  types: {
    context: {} as CircuitContext,
    events: {} as CircuitEvent,
    input: {} as Pick<CircuitContext, 'vma' | 'policy'>,
  },
  actions: {
    /** Runtime: ask the VMA for a sign of life, once. */
    probe: () => {},
    /** Runtime: the doubt was the job's, not the VMA's. */
    acquit: () => {},
    /** Runtime: hold the VMA's jobs. */
    hold: () => {},
    /** Runtime: let the VMA's jobs go on. */
    resume: () => {},
  },
  delays: { untilProbe: ({ context }) => context.waitMs },
})

const countFailure = circuit.assign(({ context, event }) => {
  const random = event.type === 'PROBE_FAILED' ? event.random : 0.5
  const { firstProbeMs, mostProbeMs } = context.policy
  const wait = Math.min(mostProbeMs, firstProbeMs * 2 ** Math.min(context.failures, MAX_DOUBLINGS))
  return { failures: context.failures + 1, waitMs: Math.round(wait * (1 + JITTER * (2 * random - 1))) }
})
const forget = circuit.assign({ failures: 0, waitMs: 0 })

export const circuitMachine = circuit.createMachine({
  id: 'circuit',
  context: ({ input }) => ({ ...input, failures: 0, waitMs: 0 }),
  initial: 'closed',
  on: { STOP: '.stopped' },
  states: {
    closed: { on: { DOUBT: 'checking' } },
    checking: {
      entry: 'probe',
      on: {
        ANSWER: { target: 'closed', actions: 'acquit' },
        PROBE_FAILED: { target: 'open', actions: [countFailure, 'hold'] },
      },
    },
    open: {
      after: { untilProbe: 'probing' },
      on: { ANSWER: { target: 'closed', actions: [forget, 'resume'] } },
    },
    probing: {
      entry: 'probe',
      on: {
        ANSWER: { target: 'closed', actions: [forget, 'resume'] },
        PROBE_FAILED: { target: 'open', actions: countFailure },
      },
    },
    stopped: { type: 'final' },
  },
})

export type CircuitMachine = typeof circuitMachine
