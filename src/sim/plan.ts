/**
 * The plan of a simulated fleet: which VMs there are, what their disks hold, and how each replication of them goes.
 * Pure: the same seed gives the same plan, and a VM's plan does not depend on how many others there are.
 * Durations in the catalogue of a run are milliseconds of real time, already divided by the speed-up.
 */

import { GIB, MIB } from '../model/units.ts'
import { FAULTS, PLACES, ROLES, SETUP_STEPS } from './catalogue.ts'
import { exportName } from './ids.ts'
import type { FleetOptions } from './options.ts'
import { mixSeed, Random } from './random.ts'

export { FLEET_DEFAULTS, type FleetOptions } from './options.ts'

export interface VmPlan {
  readonly index: number
  readonly name: string
  readonly vmwareId: string
  readonly path: string
  readonly vcenterHost: string
  readonly datacenter: string
  readonly osType: 'windows' | 'linux'
  readonly cpuCount: number
  readonly memoryMb: number
  readonly macAddress: string
  readonly oldClient: boolean
  /** Reports under the job's id instead of the export's name. */
  readonly keyedByJob: boolean
  /** Names its disk in each transfer update, as the API reference's example does. */
  readonly namesDisk: boolean
  /** What the VM's path to the target carries in a full sync, bytes per second, speed-up included. */
  readonly rateBps: number
  /** Before its first job, so that a fleet does not start in one instant; the first VM starts at once. */
  readonly firstPauseMs: number
  readonly disks: readonly DiskPlan[]
}

export interface DiskPlan {
  /** `disk-2000`, as VMware numbers the keys of a VM's disks. */
  readonly diskId: string
  readonly unitNumber: number
  readonly volumeId: string
  readonly exportName: string
  readonly datastore: string
  readonly vmdkPath: string
  readonly thin: boolean
  readonly capacityBytes: number
  /** What a full sync has to move: thin disks hold less than their capacity. */
  readonly usedBytes: number
}

export type SyncKind = 'initial' | 'incremental'

export interface RunPlan {
  readonly kind: SyncKind
  /** Between the end of this job and the start of the VM's next one. */
  readonly pauseAfterMs: number
  /** One per disk, in the order of the VM's disks. */
  readonly transfers: readonly TransferPlan[]
}

/** One disk's share of a job: one process of migratekit. */
export interface TransferPlan {
  readonly kind: SyncKind
  readonly totalBytes: number
  readonly rateBps: number
  /** How long each of the set-up steps takes. */
  readonly setupMs: readonly number[]
  /** In the order of their place; one at a time. */
  readonly spells: readonly Spell[]
  readonly fate: Fate
  readonly seed: number
  /** Share of its updates that the one after them overtakes; absent for none. */
  readonly reorderShare?: number
  /** Absent for old clients: they send neither `boot_id` nor `seq`. */
  readonly bootId?: string
  /** Sent with transfer updates when present. */
  readonly diskId?: string
}

/** For `ms` from the moment that `at` (share of the bytes) is reached, the rate is multiplied; 0 is a stall. */
export interface Spell {
  readonly at: number
  readonly ms: number
  readonly factor: number
}

export type Fate =
  | { readonly type: 'completes' }
  | { readonly type: 'fails'; readonly at: number; readonly message: string }
  | { readonly type: 'dies'; readonly at: number }

/** Draws of its own: a share that is asked for changes nothing else of a run. */
const KIND = 1
const USUAL_RATES = [5 * MIB, 400 * MIB] as const

/** A stall must outlast the minute after which it is called one (VERDICT-1), so the speed-up does not shorten it. */
const STALL_MS = 90_000

export function planFleet(options: FleetOptions): readonly VmPlan[] {
  return Array.from({ length: options.vms }, (_, index) => planVm(options, index))
}

export function planVm(options: FleetOptions, index: number): VmPlan {
  const random = new Random(mixSeed(options.seed, index))
  const role = ROLES[index % ROLES.length] ?? ROLES[0]
  const name = vmName(role.prefix, Math.floor(index / ROLES.length) + 1)
  const place = random.pick(PLACES)
  // A path of 5 to 400 MiB/s, and 3 to 24 minutes of a full sync at that rate: at the default speed-up of 8 a job takes
  // between 20 s and 3 min.
  const [slowest, fastest] = options.rates ?? USUAL_RATES
  const rate = random.logBetween(slowest, fastest)
  const usedBytes = rate * random.logBetween(160, 1_440)
  const disks = planDisks(random, {
    name,
    usedBytes,
    count: random.integer(1, options.maxDisks),
    datastores: place.datastores,
    sizes: options.sizes,
  })
  return {
    index,
    name,
    vmwareId: random.uuid(),
    path: `/${place.datacenter}/vm/${name}`,
    vcenterHost: place.vcenterHost,
    datacenter: place.datacenter,
    osType: role.osType,
    cpuCount: 2 ** random.integer(1, 4),
    memoryMb: role.memoryMb,
    macAddress: ['00:50:56', random.hex(2), random.hex(2), random.hex(2)].join(':'),
    oldClient: random.chance(options.oldClientShare),
    keyedByJob: random.chance(options.jobKeyShare) && disks.length === 1,
    namesDisk: random.chance(0.5),
    rateBps: rate * options.speedup,
    firstPauseMs: index === 0 ? 0 : random.between(0, 80_000 / options.speedup),
    disks,
  }
}

/** The `number`th replication of a VM, from 1. */
export function planRun(options: FleetOptions, vm: VmPlan, number: number, kind: SyncKind): RunPlan {
  const random = new Random(mixSeed(options.seed, vm.index, number))
  const fate = planFate(random, options)
  const unlucky = random.integer(0, vm.disks.length - 1)
  const stalled = random.chance(options.stallShare)
  // An incremental reads scattered blocks: slower than a full sync. The VM's path is shared by its disks.
  const rateBps = (vm.rateBps * (kind === 'initial' ? 1 : random.between(0.3, 0.7))) / vm.disks.length
  const common = { kind, stalled, options, vm }
  const transfers = vm.disks.map((disk, at) =>
    planTransfer(random, { ...common, disk, rateBps, fate: at === unlucky ? fate : { type: 'completes' } }),
  )
  return { kind, pauseAfterMs: random.between(24_000, 64_000) / options.speedup, transfers }
}

/** Which kind the `number`th replication is. `synced`: a full sync of the VM has completed. */
export function kindOf(options: FleetOptions, vm: VmPlan, number: number, synced: boolean): SyncKind {
  if (options.incrementalShare === null) return synced ? 'incremental' : 'initial'
  const random = new Random(mixSeed(options.seed, vm.index, number, KIND))
  return random.chance(options.incrementalShare) ? 'incremental' : 'initial'
}

interface TransferParts {
  readonly options: FleetOptions
  readonly vm: VmPlan
  readonly disk: DiskPlan
  readonly kind: SyncKind
  readonly rateBps: number
  readonly stalled: boolean
  readonly fate: Fate
}

function planTransfer(random: Random, parts: TransferParts): TransferPlan {
  const { options, vm, disk, kind, stalled } = parts
  return {
    kind,
    totalBytes: kind === 'initial' ? disk.usedBytes : changedBytes(random, disk),
    rateBps: parts.rateBps * random.between(0.8, 1.2),
    setupMs: SETUP_STEPS.map(() => random.between(6_000, 18_000) / options.speedup),
    spells: planSpells(random, options, stalled),
    fate: parts.fate,
    seed: mixSeed(random.integer(0, 0x7fffffff)),
    ...(options.reorderShare > 0 ? { reorderShare: options.reorderShare } : {}),
    ...(vm.oldClient ? {} : { bootId: random.uuid() }),
    ...(vm.namesDisk && !vm.keyedByJob ? { diskId: disk.diskId } : {}),
  }
}

function vmName(prefix: string, number: number): string {
  return prefix === 'pgtest' ? `${prefix}${number}` : `${prefix}-${String(number).padStart(3, '0')}`
}

interface DiskParts {
  readonly name: string
  readonly usedBytes: number
  readonly count: number
  readonly datastores: readonly [string, ...string[]]
  readonly sizes: FleetOptions['sizes']
}

function planDisks(random: Random, parts: DiskParts): readonly DiskPlan[] {
  const weights = Array.from({ length: parts.count }, () => random.between(0.3, 1))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight, unitNumber) => {
    const used = wholeSectors(
      parts.sizes === null ? (parts.usedBytes * weight) / sum : random.logBetween(...parts.sizes),
    )
    // A size that was asked for is kept: a thick disk would be read up to its capacity, in whole GiB.
    const thin = random.chance(0.8) || parts.sizes !== null
    const capacity = Math.ceil((used * (thin ? random.logBetween(1.2, 6) : 1)) / GIB) * GIB
    const volumeId = random.uuid()
    const datastore = random.pick(parts.datastores)
    const file = unitNumber === 0 ? parts.name : `${parts.name}_${unitNumber}`
    return {
      diskId: `disk-${2000 + unitNumber}`,
      unitNumber,
      volumeId,
      exportName: exportName(volumeId),
      datastore,
      vmdkPath: `[${datastore}] ${parts.name}/${file}.vmdk`,
      thin,
      capacityBytes: capacity,
      // A thick disk is read whole.
      usedBytes: thin ? used : capacity,
    }
  })
}

/** One incremental in eight finds a disk untouched. */
function changedBytes(random: Random, disk: DiskPlan): number {
  return random.chance(0.125) ? 0 : wholeSectors(disk.usedBytes * random.logBetween(0.02, 0.3))
}

function planFate(random: Random, options: FleetOptions): Fate {
  const draw = random.next()
  const at = random.between(0.1, 0.9)
  if (draw < options.failureShare) return { type: 'fails', at, message: random.pick(FAULTS) }
  if (draw < options.failureShare + options.deathShare) return { type: 'dies', at }
  return { type: 'completes' }
}

/** Short slow spells in three runs of ten, and a stall where one is due. */
function planSpells(random: Random, options: FleetOptions, stalled: boolean): readonly Spell[] {
  const spells: Spell[] = []
  if (random.chance(0.3)) {
    const ms = random.between(40_000, 160_000) / options.speedup
    spells.push({ at: random.between(0.1, 0.5), ms, factor: random.between(0.1, 0.3) })
  }
  if (stalled) spells.push({ at: random.between(0.5, 0.8), ms: STALL_MS, factor: 0 })
  return spells
}

/** Changed areas and allocated areas come in multiples of 64 KiB. */
function wholeSectors(bytes: number): number {
  return Math.max(1, Math.round(bytes / 65_536)) * 65_536
}
