/** The fleet as it is meant to be, pure: what a job says at a time, and how it ends. */

import { GIB } from '../../src/model/units.ts'
import { Random, mixSeed } from '../../src/sim/random.ts'

/** `silent`: migratekit dies and says nothing. `cancelled`: somebody else ends the row. `unchanged`: nothing to move. */
export type Fate = 'completes' | 'unchanged' | 'fails' | 'silent' | 'cancelled'

export interface SoakJob {
  readonly id: string
  readonly vm: SoakVm
  readonly fate: Fate
  readonly startAt: number
  readonly endAt: number
}

export interface SoakVm {
  readonly name: string
  readonly context: string
  readonly vcenter: string
  readonly vma: number
  readonly disks: readonly SoakDisk[]
}

export interface SoakDisk {
  readonly diskId: string
  readonly volumeId: number
  readonly volume: string
  readonly bytes: number
}

export const VCENTERS = ['vcenter-01', 'vcenter-02'] as const
/** Of a job's life. */
const SETUP_SHARE = 0.15
/** When migratekit dies, or somebody cancels. */
const BREAK_SHARE = 0.5
/** One VM in three has a second disk. */
const TWO_DISKS = 0.33
const MOST_DISKS = 2

export function vmOf(index: number, seed: number): SoakVm {
  const random = new Random(mixSeed(seed, 1, index))
  const number = String(index).padStart(5, '0')
  const count = random.chance(TWO_DISKS) ? MOST_DISKS : 1
  const vma = index % VCENTERS.length
  return {
    name: `soak-${number}`,
    context: `ctx-soak-${number}`,
    vcenter: VCENTERS[vma] ?? VCENTERS[0],
    vma,
    disks: Array.from({ length: count }, (_, i) => ({
      diskId: `disk-${2000 + i}`,
      volumeId: index * MOST_DISKS + i + 1,
      volume: random.uuid(),
      bytes: Math.floor(random.logBetween(1, 500) * GIB),
    })),
  }
}

export function keyOf(disk: SoakDisk): string {
  return `migration-vol-${disk.volume}`
}

/** `lifeMs`: the mean; lives are between half and one and a half of it. */
export function jobOf(
  index: number,
  vm: SoakVm,
  at: number,
  { seed, lifeMs }: { seed: number; lifeMs: number },
): SoakJob {
  const random = new Random(mixSeed(seed, 2, index))
  const id = `job-soak-${String(index).padStart(6, '0')}`
  return { id, vm, fate: fateOf(random.next()), startAt: at, endAt: at + lifeMs * random.between(0.5, 1.5) }
}

function fateOf(drawn: number): Fate {
  if (drawn < 0.07) return 'fails'
  if (drawn < 0.1) return 'silent'
  if (drawn < 0.12) return 'cancelled'
  return drawn < 0.17 ? 'unchanged' : 'completes'
}

export interface Update {
  readonly stage: string
  readonly status: string
  readonly percent: number
  readonly bytes_transferred: number
  readonly total_bytes?: number
  readonly throughput_bps: number
  readonly sync_type?: string
  readonly error_message?: string
}

export function breaksAt({ fate, startAt, endAt }: SoakJob): number | undefined {
  return fate === 'silent' || fate === 'cancelled' ? startAt + (endAt - startAt) * BREAK_SHARE : undefined
}

/** What migratekit posts of a disk at `now`; undefined: it is dead. */
export function updateAt(job: SoakJob, disk: SoakDisk, now: number): Update | undefined {
  const broken = breaksAt(job)
  if (broken !== undefined && now >= broken) return undefined
  const share = (now - job.startAt) / (job.endAt - job.startAt)
  if (share < SETUP_SHARE) return setup('Creating Snapshot', (share / SETUP_SHARE) * 30)
  if (job.fate === 'unchanged') return transfer('completed', 0, 0, 0)
  const moved = Math.min(1, (share - SETUP_SHARE) / (1 - SETUP_SHARE))
  // One that fails does so half way: near its end a VMA's crash could pass for its completion (POLL-6).
  const bytes = Math.floor(moved * disk.bytes * (job.fate === 'fails' ? 0.5 : 1))
  const bps = Math.floor(disk.bytes / ((job.endAt - job.startAt) / 1_000))
  if (moved < 1) return transfer('in_progress', bytes, disk.bytes, bps)
  if (job.fate !== 'fails') return transfer('completed', disk.bytes, disk.bytes, 0)
  return { ...transfer('failed', Math.floor(disk.bytes / 2), disk.bytes, 0), error_message: 'nbd_pwrite: read error' }
}

function setup(stage: string, percent: number): Update {
  return { stage, status: 'in_progress', percent, bytes_transferred: 0, throughput_bps: 0 }
}

function transfer(status: string, bytes: number, total: number, bps: number): Update {
  const percent = status === 'completed' ? 100 : (bytes / Math.max(1, total)) * 100
  const of = { bytes_transferred: bytes, total_bytes: total, throughput_bps: bps, sync_type: 'incremental' }
  return { stage: 'Transfer', status, percent, ...of }
}

/** It has said its last word by then: what it would say after it is the same again. */
export function hasSpoken(job: SoakJob, now: number): boolean {
  const broken = breaksAt(job)
  if (broken !== undefined) return now >= broken
  const share = (now - job.startAt) / (job.endAt - job.startAt)
  return job.fate === 'unchanged' ? share >= SETUP_SHARE : share >= 1
}
