/**
 * VERDICT-1: what a live job is doing, since when. What is known of the source is as old as the last contact, so it is
 * judged as of then: a VMA that does not answer for a minute makes no transfer stall.
 *
 * Where several hold, the first one says more:
 *   finished         over, whatever came last
 *   vma_unreachable  the whole VMA is away: nothing else can be known
 *   suspended        this job is not asked any more: after too many errors, or because someone said so
 *   waiting          not heard of yet, or not begun
 *   source_silent    the VMA answers, its last update is old. Before `stalled`: without updates nobody knows whether bytes
 *                    move, and where to look is another place (migratekit has died, or lost its way to the VMA)
 *   stalled          updates come, bytes do not (look at storage, NBD and the network between them)
 *   slow             bytes come, at less than a third of the transfer's own usual rate
 *   moving           none of these: set-up and closing work too
 */

import type { JobProgress } from './progress.ts'
import { STALLED_MS } from './rate.ts'
import { isTerminal, isTransfer, STATUS_RANK, type JobStatus } from './words.ts'

export const VERDICTS = [
  'moving',
  'slow',
  'stalled',
  'source_silent',
  'vma_unreachable',
  'suspended',
  'waiting',
  'finished',
] as const
export type VerdictState = (typeof VERDICTS)[number]

export interface Verdict {
  readonly state: VerdictState
  /** Epoch ms. */
  readonly since: number
}

/** The states of the polling machine: what is known of the way to the job's VMA. */
export type PollState =
  | 'waiting'
  | 'polling'
  | 'backingOff'
  | 'suspended'
  | 'paused'
  | 'held'
  | 'finished'
  | 'lost'
  | 'stopped'

/** All times epoch ms in our clock. */
export interface VerdictInput {
  readonly status: JobStatus
  readonly stage: string
  readonly pollState: PollState
  readonly createdAt: number
  readonly endedAt?: number | undefined
  /** The last successful sample; absent until there was one. */
  readonly contactAt?: number | undefined
  /** What that sample said. */
  readonly progress?: Pick<JobProgress, 'updatedAt' | 'heardAt' | 'rate'> | undefined
}

/** In Transfer migratekit reports every 2 s or every 1 %: fifteen reports missing, or a process that waited six client timeouts of 5 s. */
export const SOURCE_SILENT_MS = 30_000
/** Outside of Transfer it reports when a stage ends: a snapshot with quiescing, or its removal, may take minutes. */
export const STAGE_SILENT_MS = 300_000
/** `slow` is under this share of the usual rate. */
export const SLOW_SHARE = 1 / 3

/** The verdict now, and when it began where that is known better than from when it was first given. */
interface Opinion {
  readonly state: VerdictState
  readonly since?: number | undefined
}

function opinionOf(input: VerdictInput): Opinion {
  if (isTerminal(input.status)) return { state: 'finished', since: input.endedAt }
  switch (input.pollState) {
    case 'finished':
    case 'lost':
    case 'stopped':
      return { state: 'finished', since: input.endedAt }
    case 'held':
      return { state: 'vma_unreachable' }
    case 'suspended':
    case 'paused':
      return { state: 'suspended' }
    case 'waiting':
    case 'polling':
    case 'backingOff':
      return ofSource(input)
  }
}

function ofSource({ status, stage, createdAt, contactAt, progress }: VerdictInput): Opinion {
  const transfers = isTransfer(status, stage)
  if (STATUS_RANK[status] === STATUS_RANK.pending && !transfers) return { state: 'waiting', since: createdAt }
  if (contactAt === undefined) return { state: 'waiting' }
  const updatedAt = progress?.heardAt ?? progress?.updatedAt
  if (updatedAt !== undefined && contactAt - updatedAt >= (transfers ? SOURCE_SILENT_MS : STAGE_SILENT_MS))
    return { state: 'source_silent', since: updatedAt }
  const rate = progress?.rate
  if (!transfers || rate === undefined) return { state: 'moving' }
  if (contactAt - rate.movedAt >= STALLED_MS) return { state: 'stalled', since: rate.movedAt }
  const slow = rate.bps !== null && rate.usualBps !== null && rate.bps < rate.usualBps * SLOW_SHARE
  return { state: slow ? 'slow' : 'moving' }
}

/** The verdict after `previous`: the same object while nothing about it changed. `since` is never after `now`. */
export function nextVerdict(previous: Verdict | undefined, now: number, input: VerdictInput): Verdict {
  const opinion = opinionOf(input)
  const goesOn = previous?.state === opinion.state
  const since = Math.min(now, opinion.since ?? (goesOn ? previous.since : now))
  return goesOn && previous.since === since ? previous : { state: opinion.state, since }
}

/** Whether the last ETA still means something: total, so that a new verdict must be answered. */
const ETA_HOLDS: Readonly<Record<VerdictState, boolean>> = {
  moving: true,
  slow: true,
  stalled: false,
  source_silent: false,
  vma_unreachable: false,
  suspended: false,
  waiting: false,
  finished: false,
}

/** ETA-1: a job that is over has arrived or never will; one that is not known to move has no ETA. */
export function etaHolds(state: VerdictState, status: JobStatus): boolean {
  return ETA_HOLDS[state] || status === 'completed'
}
