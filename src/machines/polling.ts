/**
 * The polling of one job: when the VMA is asked, what an answer or its absence leads to. One XState root actor a job.
 * It decides and nothing else: asking, publishing and writing are actions that the runtime provides once for all jobs.
 * Time comes in with each event (`at`, epoch ms) and through the actor's clock; randomness comes in with a failure.
 *
 *   waiting     until the job's place in the interval (POLL-2)
 *   polling     one request in flight; never two (POLL-2)
 *   backingOff  5, 10, 20, 40 s after consecutive errors (POLL-5)
 *   suspended   after VMA_PROGRESS_MAX_ERRORS: no polls until someone asks, the VMA speaks, or contact runs out (POLL-5)
 *   paused      someone said stop: no polls and no contact timeout until POLL_NOW (API-4)
 *   held        the whole VMA is unreachable: its circuit polls for all, errors do not grow (POLL-8)
 *   finished    the VMA told the end, or the job vanished when it was all but over (POLL-6)
 *   lost        no contact for the timeout (POLL-7) · stopped: no longer ours
 */

import { setup } from 'xstate'
import { backoffMs, nextDue, pollOffset } from '../model/schedule.ts'

/** The settings that the machine reads; one object shared by all jobs. Milliseconds. */
export interface PollingPolicy {
  readonly intervalMs: number
  readonly backoffBaseMs: number
  readonly maxErrors: number
  readonly startupGraceMs: number
  readonly contactTimeoutMs: number
}

export interface PollingInput {
  readonly jobId: string
  /** The job's number in the runtime: what the actions are given. */
  readonly slot: number
  readonly policy: PollingPolicy
  /** When the job was adopted. */
  readonly at: number
  /** Contact that an earlier actor of this job had (RECOVER-2). */
  readonly contactAt?: number
}

export interface PollingContext {
  readonly jobId: string
  readonly slot: number
  readonly policy: PollingPolicy
  readonly offsetMs: number
  readonly adoptedAt: number
  /** When the present poll was or the next one is due: lateness counts from here. */
  readonly dueAt: number
  /** Consecutive errors that count. */
  readonly errors: number
  /** Consecutive counted answers that the job is not known, while it was all but over. */
  readonly misses: number
  /** The last successful sample; the adoption until there is one. */
  readonly contactAt: number
  /** When the last event came: delays are reckoned from it. */
  readonly at: number
}

export interface PollFailed {
  readonly type: 'POLL_FAILED'
  readonly at: number
  /** No error while the job starts (POLL-6). */
  readonly graced: boolean
  /** The VMA does not know the job, which was at ≥ 99 % or in its last stages when it was last heard of (POLL-6). */
  readonly vanished: boolean
  readonly random: number
}

export type PollingEvent =
  /** The job's place in the interval has come. */
  | { readonly type: 'DUE'; readonly at: number }
  | { readonly type: 'SAMPLE'; readonly at: number; readonly terminal: boolean }
  | PollFailed
  | { readonly type: 'POLL_NOW'; readonly at: number }
  | { readonly type: 'PAUSE'; readonly at: number }
  | { readonly type: 'VMA_DOWN'; readonly at: number }
  | { readonly type: 'VMA_UP'; readonly at: number }
  | { readonly type: 'STOP' }

export const POLLING_STATES = [
  'waiting',
  'polling',
  'backingOff',
  'suspended',
  'paused',
  'held',
  'finished',
  'lost',
  'stopped',
] as const
export type PollingState = (typeof POLLING_STATES)[number]

/** One 404 proves nothing: a VMA that was just restarted hears of its jobs again within 2 s. */
const VANISHED_AFTER = 3

const polling = setup({
  types: { context: {} as PollingContext, events: {} as PollingEvent, input: {} as PollingInput },
  actions: {
    /** Runtime: send DUE at `dueAt`, or leave the poll out of which nothing comes (actors/polls.ts). */
    schedule: () => {},
    unschedule: () => {},
    /** Runtime: ask the VMA, once. */
    ask: () => {},
    /** Runtime: fail the job for want of contact (POLL-7). */
    lose: () => {},
    /** Runtime: complete the job, marked as inferred (POLL-6). */
    inferEnd: () => {},
  },
  guards: {
    isTerminal: ({ event }) => event.type === 'SAMPLE' && event.terminal,
    isGraced: ({ context, event }) =>
      event.type === 'POLL_FAILED' &&
      event.graced &&
      event.at - context.adoptedAt < context.policy.startupGraceMs &&
      contactLeft(context, event.at) > 0,
    hasVanished: ({ context, event }) =>
      event.type === 'POLL_FAILED' &&
      event.vanished &&
      context.misses + 1 >= Math.min(VANISHED_AFTER, context.policy.maxErrors),
    isContactLost: ({ context, event }) => event.type === 'POLL_FAILED' && contactLeft(context, event.at) <= 0,
    isLastError: ({ context }) => context.errors + 1 >= context.policy.maxErrors,
  },
  delays: {
    untilDue: ({ context }) => Math.max(0, context.dueAt - context.at),
    untilContactLost: ({ context }) => Math.max(0, contactLeft(context, context.at)),
  },
})

function contactLeft(context: PollingContext, at: number): number {
  return context.contactAt + context.policy.contactTimeoutMs - at
}

function timeOf(event: PollingEvent, fallback: number): number {
  return 'at' in event ? event.at : fallback
}

function missesAfter(context: PollingContext, event: PollingEvent): number {
  return event.type === 'POLL_FAILED' && event.vanished ? context.misses + 1 : 0
}

/** An answer: contact is there, errors are forgotten, the next poll is at the job's next place in the interval. */
const noteAnswer = polling.assign(({ context, event }) => {
  const at = timeOf(event, context.at)
  return { errors: 0, misses: 0, contactAt: at, at, dueAt: nextDue(at, context.offsetMs, context.policy.intervalMs) }
})

/** The next place in the interval, errors as they were. */
const takeNextPlace = polling.assign(({ context, event }) => {
  const at = timeOf(event, context.at)
  return { at, dueAt: nextDue(at, context.offsetMs, context.policy.intervalMs) }
})

/** Backing off never sleeps past the contact timeout: the last poll before the verdict is made at it. */
const backOff = polling.assign(({ context, event }) => {
  if (event.type !== 'POLL_FAILED') return {}
  const errors = context.errors + 1
  const delay = Math.min(backoffMs(errors, context.policy.backoffBaseMs, event.random), contactLeft(context, event.at))
  return { errors, misses: missesAfter(context, event), at: event.at, dueAt: event.at + delay }
})

const countError = polling.assign(({ context, event }) => ({
  errors: context.errors + 1,
  misses: missesAfter(context, event),
  at: timeOf(event, context.at),
}))
const noteTime = polling.assign(({ context, event }) => ({ at: timeOf(event, context.at) }))
/** Asked out of turn: due now, with errors forgiven. */
const dueNow = polling.assign(({ context, event }) => {
  const at = timeOf(event, context.at)
  return { errors: 0, at, dueAt: at }
})
/** Time in which nobody was to ask is no silence: the contact timeout begins anew. */
const resumeNow = polling.assign(({ context, event }) => {
  const at = timeOf(event, context.at)
  return { errors: 0, misses: 0, contactAt: at, at, dueAt: at }
})
/** An answer to what was asked before the pause. */
const noteContact = polling.assign(({ context, event }) => {
  const at = timeOf(event, context.at)
  return { errors: 0, misses: 0, contactAt: at, at }
})
/** The contact ran out while suspended: one more poll, due now, is the last word. */
const dueAtDeadline = polling.assign(({ context }) => {
  const at = context.contactAt + context.policy.contactTimeoutMs
  return { at, dueAt: at }
})

const onSample = [
  { guard: 'isTerminal', target: 'finished', actions: noteAnswer },
  { target: 'waiting', actions: noteAnswer },
] as const

export const pollingMachine = polling.createMachine({
  id: 'polling',
  context: ({ input }) => {
    const offsetMs = pollOffset(input.jobId, input.policy.intervalMs)
    return {
      jobId: input.jobId,
      slot: input.slot,
      policy: input.policy,
      offsetMs,
      adoptedAt: input.at,
      dueAt: nextDue(input.at, offsetMs, input.policy.intervalMs),
      errors: 0,
      misses: 0,
      contactAt: input.contactAt ?? input.at,
      at: input.at,
    }
  },
  initial: 'waiting',
  on: { STOP: '.stopped' },
  states: {
    waiting: {
      entry: 'schedule',
      exit: 'unschedule',
      on: {
        DUE: { target: 'polling', actions: noteTime },
        SAMPLE: [
          { guard: 'isTerminal', target: 'finished', actions: noteAnswer },
          { target: 'waiting', reenter: true, actions: noteAnswer },
        ],
        POLL_NOW: { target: 'polling', actions: dueNow },
        PAUSE: { target: 'paused', actions: noteTime },
        VMA_DOWN: { target: 'held', actions: noteTime },
      },
    },
    polling: {
      entry: 'ask',
      on: {
        SAMPLE: onSample,
        POLL_FAILED: [
          { guard: 'isGraced', target: 'waiting', actions: takeNextPlace },
          { guard: 'hasVanished', target: 'finished', actions: [noteTime, 'inferEnd'] },
          { guard: 'isContactLost', target: 'lost', actions: noteTime },
          { guard: 'isLastError', target: 'suspended', actions: countError },
          { target: 'backingOff', actions: backOff },
        ],
        PAUSE: { target: 'paused', actions: noteTime },
        VMA_DOWN: { target: 'held', actions: noteTime },
      },
    },
    backingOff: {
      after: { untilDue: 'polling' },
      on: {
        SAMPLE: onSample,
        POLL_NOW: { target: 'polling', actions: dueNow },
        PAUSE: { target: 'paused', actions: noteTime },
        VMA_DOWN: { target: 'held', actions: noteTime },
      },
    },
    suspended: {
      after: { untilContactLost: { target: 'polling', actions: dueAtDeadline } },
      on: {
        SAMPLE: onSample,
        POLL_NOW: { target: 'polling', actions: dueNow },
        PAUSE: { target: 'paused', actions: noteTime },
        VMA_DOWN: { target: 'held', actions: noteTime },
      },
    },
    paused: {
      on: {
        SAMPLE: [
          { guard: 'isTerminal', target: 'finished', actions: noteContact },
          { target: 'paused', actions: noteContact },
        ],
        POLL_NOW: { target: 'polling', actions: resumeNow },
      },
    },
    held: {
      after: { untilContactLost: 'lost' },
      on: {
        SAMPLE: onSample,
        PAUSE: { target: 'paused', actions: noteTime },
        VMA_UP: { target: 'waiting', actions: takeNextPlace },
      },
    },
    finished: { type: 'final' },
    lost: { type: 'final', entry: 'lose' },
    stopped: { type: 'final' },
  },
})

export type PollingMachine = typeof pollingMachine
