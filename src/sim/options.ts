/** What a simulated fleet is asked to be. Plain data: it crosses processes. */

export interface FleetOptions {
  readonly seed: number
  readonly vms: number
  /** Each VM has 1 to this many disks. */
  readonly maxDisks: number
  /** How much faster than the field everything goes: rates are multiplied, set-up and pauses divided. */
  readonly speedup: number
  /** Shares of runs, 0..1. */
  readonly failureShare: number
  readonly stallShare: number
  /** migratekit's process dies: no failure message comes. */
  readonly deathShare: number
  /** Share of VMs whose client sends neither `seq` nor `boot_id`, and no throughput of its own. */
  readonly oldClientShare: number
  /** Share of the single-disk VMs whose client reports under the job's id. */
  readonly jobKeyShare: number
  /** Of updates that the one after them overtakes. */
  readonly reorderShare: number
  /** Of runs that are incremental, whatever came before; null: as in the field, every one after a completed full sync. */
  readonly incrementalShare: number | null
  /** What a full sync of one disk moves, bytes, least and most; null: 3 to 24 minutes of its VM's rate. */
  readonly sizes: readonly [number, number] | null
  /** What a VM's path carries in the field, bytes per second, least and most; null: 5 to 400 MiB/s. */
  readonly rates: readonly [number, number] | null
}

/** The shares here are those of a plain fleet without faults. */
export const FLEET_DEFAULTS: FleetOptions = {
  seed: 1,
  vms: 24,
  maxDisks: 3,
  speedup: 8,
  failureShare: 0,
  stallShare: 0,
  deathShare: 0,
  oldClientShare: 0.3,
  jobKeyShare: 0.2,
  reorderShare: 0,
  incrementalShare: null,
  sizes: null,
  rates: null,
}
