/** What each state of the polling machine and each status makes of a job that moves: total by type, so that a new one must be answered. */

import type { PollingState } from '../../src/machines/polling.ts'
import type { VerdictState } from '../../src/model/verdict.ts'
import type { JobStatus } from '../../src/model/words.ts'

export const VERDICT_OF_POLL_STATE: Record<PollingState, VerdictState> = {
  waiting: 'moving',
  polling: 'moving',
  backingOff: 'moving',
  suspended: 'suspended',
  paused: 'suspended',
  held: 'vma_unreachable',
  finished: 'finished',
  lost: 'finished',
  stopped: 'finished',
}

/** In a stage that tells nothing. */
export const VERDICT_OF_STATUS: Record<JobStatus, VerdictState> = {
  pending: 'waiting',
  queued: 'waiting',
  initializing: 'moving',
  preparing: 'moving',
  snapshotting: 'moving',
  replicating: 'moving',
  streaming: 'moving',
  running: 'moving',
  finalizing: 'moving',
  completed: 'finished',
  failed: 'finished',
  cancelled: 'finished',
}

/** Whether a job that is doing this and has not ended has an ETA. */
export const ETA_HOLDS_WHILE: Record<VerdictState, boolean> = {
  moving: true,
  slow: true,
  stalled: false,
  source_silent: false,
  vma_unreachable: false,
  suspended: false,
  waiting: false,
  finished: false,
}
