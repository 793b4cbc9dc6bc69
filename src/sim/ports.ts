/** What the simulation needs of the OMA's database: to write there what the OMA's GUI writes in real life, and no more. */

import type { SyncKind, VmPlan } from './plan.ts'

export interface NewVm {
  readonly contextId: string
  readonly vm: VmPlan
}

export interface NewJob {
  readonly jobId: string
  readonly contextId: string
  readonly vm: VmPlan
  readonly kind: SyncKind
  /** The VM's first job: its disks have no rows yet. Later ones move the rows (FIELD-NOTES, `vm_disks`). */
  readonly first: boolean
}

/** How a job's clients ended, as far as they could tell: the last one has completed, one has failed, one has died. */
export type SentOutcome = 'completed' | 'failed' | 'died'

export interface RunningJob {
  readonly jobId: string
  readonly sent: SentOutcome | null
}

export interface EndedJob {
  readonly jobId: string
  readonly completed: boolean
}

export interface InventoryStore {
  addVms(vms: readonly NewVm[]): Promise<void>
  /** All or none. */
  startJobs(jobs: readonly NewJob[]): Promise<void>
  /** Which of these have ended, by the word of whoever decides that: the database, or without one the clients. */
  ended(jobs: readonly RunningJob[]): Promise<readonly EndedJob[]>
  close(): Promise<void>
}

/** Without a database: a job is over when its clients are. */
export const clientsOnly: InventoryStore = {
  addVms: () => Promise.resolve(),
  startJobs: () => Promise.resolve(),
  ended: (jobs) =>
    Promise.resolve(
      jobs.flatMap(({ jobId, sent }) => (sent === null ? [] : [{ jobId, completed: sent === 'completed' }])),
    ),
  close: () => Promise.resolve(),
}
