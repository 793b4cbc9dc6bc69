/** The verdict in sentences: what it means, and where to look. */

import type { LiveJob } from '../../../src/client/index.ts'
import { stateOf, type StateName } from './state.ts'

export interface Why {
  readonly means: string
  /** undefined: nothing needs to be done. */
  readonly look: string | undefined
}

const WHY: Readonly<Record<StateName, Why>> = {
  moving: { means: 'Bytes move, or set-up and closing work go on.', look: undefined },
  slow: {
    means: 'Bytes come, at less than a third of this transfer’s own usual rate.',
    look: 'Look at the load of the datastore, of the network and of the target volume.',
  },
  stalled: {
    means: 'The source still sends updates, but no byte has moved for a minute.',
    look: 'Look at storage, at the NBD export, and at the network between them.',
  },
  source_silent: {
    means: 'The VMA answers, but the source has sent it no update for a while: nobody knows whether bytes move.',
    look: 'Look whether migratekit still runs, and whether it reaches the VMA.',
  },
  vma_unreachable: {
    means: 'The VMA does not answer. Polling goes on by itself as soon as it does.',
    look: 'Look at the VMA service, and at the tunnel to it.',
  },
  suspended: {
    means: 'This job is not asked for any more: after too many errors, or because somebody stopped its polling.',
    look: 'Look at the last error; “Start polling” asks again at once.',
  },
  waiting: { means: 'Not begun, or nothing has been heard of it yet.', look: undefined },
  completed: { means: 'All bytes were moved and the job was closed.', look: undefined },
  failed: { means: 'The job ended before everything was moved.', look: 'The error and the log below say why.' },
  cancelled: { means: 'Somebody ended the job.', look: undefined },
  idle: { means: 'No job of this VM runs.', look: undefined },
}

export function whyOf(job: LiveJob | undefined): Why {
  return WHY[stateOf(job, undefined)]
}

/** Seconds that an age has grown to. `since`: seconds since it was told; undefined while that is not known to be true. */
export function ageNow(told: number | null, since: number | undefined): number | undefined {
  return told === null ? undefined : told + (since ?? 0)
}
