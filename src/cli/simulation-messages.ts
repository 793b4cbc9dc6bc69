/** What crosses between the demo and its simulation process (VMA, fleet and inventory): plain data. */

import type { CampaignStats } from '../sim/campaign.ts'
import type { FleetStats } from '../sim/fleet.ts'
import type { DatabaseAddress } from '../sim/inventory-store.ts'
import type { FleetOptions } from '../sim/plan.ts'

export type ToSimulation =
  | { readonly type: 'serve'; readonly host: string; readonly port: number }
  /** The database's tables stand. */
  | { readonly type: 'begin'; readonly database: DatabaseAddress; readonly fleet: FleetOptions }
  | { readonly type: 'stop' }

export type FromSimulation =
  | { readonly type: 'serving'; readonly port: number }
  | { readonly type: 'running'; readonly sample: SampleJob }
  /** It goes on; `message` says what went wrong for once. */
  | { readonly type: 'trouble'; readonly message: string }
  /** It does not go on. */
  | { readonly type: 'fault'; readonly message: string }
  | { readonly type: 'stopped'; readonly fleet: FleetStats; readonly campaign: CampaignStats }

/** A job that runs, for lines that a person may paste. */
export interface SampleJob {
  readonly jobId: string
  readonly vmName: string
  readonly key: string
}
