/**
 * The lifecycle of a job (STAT-2): statuses only move forward, terminal is final, and a job that was failed for want of
 * contact (`lost`, `failed` in the database) may be revived by its VMA's word (RECOVER-3).
 *
 * The machine has no context, so one transition always gives the same answer; `nextStatus` asks XState once per pair
 * and remembers (a lookup costs 20 ns where `transition()` costs 58 µs).
 */

import { setup, transition, type AnyMachineSnapshot } from 'xstate'
import { isTerminal, JOB_STATUSES, STATUS_RANK, type JobStatus } from '../model/words.ts'

/** `lost`: failed by the contact timeout (POLL-7), and only so. */
export type LifecycleState = JobStatus | 'lost'
export const LIFECYCLE_STATES: readonly LifecycleState[] = [...JOB_STATUSES, 'lost']

export type LifecycleEvent =
  | { readonly type: `saw.${JobStatus}` }
  /** No successful sample for the contact timeout. */
  | { readonly type: 'contact.lost' }
  /** The VMA, back again, still reports the run. */
  | { readonly type: `revive.${JobStatus}` }

type Targets = Partial<Record<LifecycleEvent['type'], LifecycleState>>

/** Forward, or another word of the same rank; never back, never to itself. */
function forwardFrom(status: JobStatus): Targets {
  const on: Targets = { 'contact.lost': 'lost' }
  for (const next of JOB_STATUSES) {
    if (next !== status && STATUS_RANK[next] >= STATUS_RANK[status]) on[`saw.${next}`] = next
  }
  return on
}

/** A lost job comes back as what its VMA says it is: at work, or completed. A failure that the VMA tells stays failed. */
function revivals(): Targets {
  const on: Targets = {}
  for (const next of JOB_STATUSES) {
    if (next === 'completed' || (!isTerminal(next) && STATUS_RANK[next] > 0)) on[`revive.${next}`] = next
  }
  return on
}

const lifecycle = setup({ types: { events: {} as LifecycleEvent } })

export const lifecycleMachine = lifecycle.createMachine({
  id: 'lifecycle',
  initial: 'pending',
  states: {
    pending: { on: forwardFrom('pending') },
    queued: { on: forwardFrom('queued') },
    initializing: { on: forwardFrom('initializing') },
    preparing: { on: forwardFrom('preparing') },
    snapshotting: { on: forwardFrom('snapshotting') },
    replicating: { on: forwardFrom('replicating') },
    streaming: { on: forwardFrom('streaming') },
    running: { on: forwardFrom('running') },
    finalizing: { on: forwardFrom('finalizing') },
    lost: { on: revivals() },
    completed: {},
    failed: {},
    cancelled: {},
  },
})

const known = new Map<string, LifecycleState>()

/** The state after `event`; the same state where the event is no step forward. */
export function nextState(state: LifecycleState, event: LifecycleEvent['type']): LifecycleState {
  const key = `${state} ${event}`
  const remembered = known.get(key)
  if (remembered !== undefined) return remembered
  const from = lifecycleMachine.resolveState({ value: state, context: {} })
  const [to] = transition(lifecycleMachine, from, { type: event })
  const next = valueOf(to)
  known.set(key, next)
  return next
}

/** The status after the VMA said `saw`. */
export function nextStatus(status: JobStatus, saw: JobStatus): JobStatus {
  return statusOfState(nextState(status, `saw.${saw}`))
}

/** What the database calls a state. */
export function statusOfState(state: LifecycleState): JobStatus {
  return state === 'lost' ? 'failed' : state
}

/** True when `saw` would pull the job back: ignored, and worth counting. */
export function isBackward(status: JobStatus, saw: JobStatus): boolean {
  return STATUS_RANK[saw] < STATUS_RANK[status]
}

function valueOf(snapshot: AnyMachineSnapshot): LifecycleState {
  return snapshot.value as LifecycleState
}
