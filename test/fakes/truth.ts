/**
 * What really happens to a fleet of jobs, as a pure function of time: a VMA that was killed and started again still tells
 * the truth, and a test knows what has to come out in the end. The same seed is the same fleet.
 * Units: bytes, bytes per second, epoch milliseconds.
 */

import { mixSeed, Random } from '../../src/sim/random.ts'
import { completed, failed, setup, transfer, type Shape, type Told } from './documents.ts'

export interface TruthPlan {
  readonly seed: number
  readonly jobs: number
  /** When the fleet begins. */
  readonly startAt: number
  /** Jobs begin within this time after it. Default 0. */
  readonly spreadMs?: number
  /** Before the first byte. Default 0: the first update is a transfer's. */
  readonly setupMs?: number
  /** Each pair is lowest and highest, both included. */
  readonly disks?: readonly [number, number]
  readonly bytes?: readonly [number, number]
  readonly bps?: readonly [number, number]
  /** Shares 0..1 of the jobs that fail, of the disks that stand still for a while. */
  readonly failShare?: number
  readonly pauseShare?: number
  readonly pauseMs?: number
  /** How often the clients report. Default 2 s. */
  readonly reportMs?: number
}

export type Outcome = 'completed' | 'failed'

export interface TruthDisk {
  /** As `vm_disks.disk_id`. */
  readonly diskId: string
  /** As `ossea_volumes.volume_id`. */
  readonly volumeId: string
  /** The export: `migration-vol-<volume id>`. */
  readonly key: string
  readonly bytes: number
  readonly bps: number
  /** The first byte. */
  readonly startAt: number
  readonly pause: { readonly at: number; readonly ms: number } | undefined
  readonly outcome: Outcome
  /** When it completes, or fails. */
  readonly endAt: number
}

export interface TruthJob {
  readonly jobId: string
  readonly vmName: string
  /** Its row is made; the VMA knows it from then on. */
  readonly createdAt: number
  readonly reportMs: number
  readonly disks: readonly TruthDisk[]
}

const GIB = 2 ** 30

export function truthOf(plan: TruthPlan): readonly TruthJob[] {
  return Array.from({ length: plan.jobs }, (_, i) => jobOf(plan, i))
}

function jobOf(plan: TruthPlan, index: number): TruthJob {
  const random = new Random(mixSeed(plan.seed, index))
  const createdAt = plan.startAt + random.integer(0, plan.spreadMs ?? 0)
  const count = random.integer(...(plan.disks ?? [1, 3]))
  const fails = random.chance(plan.failShare ?? 0) ? random.integer(0, count - 1) : -1
  const two = (n: number): string => String(n).padStart(2, '0')
  const [hours, minutes, seconds] = [Math.floor(index / 3_600) % 24, Math.floor(index / 60) % 60, index % 60]
  return {
    jobId: `job-20250905-${two(hours)}${two(minutes)}${two(seconds)}.${index}-${random.hex(6)}`,
    vmName: `vm-${index}`,
    createdAt,
    reportMs: plan.reportMs ?? 2_000,
    disks: Array.from({ length: count }, (_, d) => diskOf(plan, random, createdAt, d, d === fails)),
  }
}

function diskOf(plan: TruthPlan, random: Random, createdAt: number, index: number, fails: boolean): TruthDisk {
  const bytes = random.integer(...(plan.bytes ?? [GIB, 100 * GIB]))
  const bps = random.integer(...(plan.bps ?? [50 * 2 ** 20, 200 * 2 ** 20]))
  const startAt = createdAt + (plan.setupMs ?? 0)
  const lastsMs = Math.ceil((bytes / bps) * 1_000)
  const pauses = random.chance(plan.pauseShare ?? 0)
  const pauseAt = startAt + Math.floor(lastsMs * random.between(0.1, 0.9))
  const pauseMs = pauses ? (plan.pauseMs ?? 30_000) : 0
  const volumeId = random.uuid()
  const whole = startAt + lastsMs + pauseMs
  return {
    diskId: `disk-${2_000 + index}`,
    volumeId,
    key: `migration-vol-${volumeId}`,
    bytes,
    bps,
    startAt,
    pause: pauses ? { at: pauseAt, ms: pauseMs } : undefined,
    outcome: fails ? 'failed' : 'completed',
    endAt: fails ? startAt + Math.floor((whole - startAt) * random.between(0.1, 0.95)) : whole,
  }
}

export function outcomeOf(job: TruthJob): Outcome {
  return job.disks.some((disk) => disk.outcome === 'failed') ? 'failed' : 'completed'
}

/** When the outcome is known: all disks completed, or the first has failed. */
export function endOf(job: TruthJob): number {
  const failures = job.disks.filter((disk) => disk.outcome === 'failed')
  return failures.length > 0
    ? Math.min(...failures.map((disk) => disk.endAt))
    : Math.max(...job.disks.map((disk) => disk.endAt))
}

/** Bytes that have moved by then. */
export function bytesAt(disk: TruthDisk, now: number): number {
  const until = Math.min(now, disk.endAt)
  const paused = disk.pause === undefined ? 0 : Math.min(Math.max(0, until - disk.pause.at), disk.pause.ms)
  const moved = Math.floor((Math.max(0, until - disk.startAt - paused) / 1_000) * disk.bps)
  return disk.outcome === 'completed' && now >= disk.endAt ? disk.bytes : Math.min(disk.bytes, moved)
}

/** What the VMA tells of one disk under its export, in its clock; undefined before the job is there. */
export function stateAt(
  job: TruthJob,
  disk: TruthDisk,
  now: number,
  shape: Shape = 'v1.8.1',
  skewMs = 0,
): object | undefined {
  if (now < job.createdAt) return undefined
  const at = lastReport(job, disk, now)
  const told: Told = { shape, jobId: disk.key, ...timesOf(job, at, skewMs), bps: speedAt(disk, at) }
  if (at < disk.startAt) return setup('Creating Snapshot', 10, told)
  if (at < disk.endAt) return transfer(bytesAt(disk, at), disk.bytes, told)
  const ended = { ...told, bps: 0 }
  return disk.outcome === 'completed'
    ? completed(disk.bytes, ended)
    : failed(`${disk.diskId}: read error`, ended, bytesAt(disk, at), disk.bytes)
}

/** The same of the whole job under its id, for VMAs that know no exports. */
export function wholeStateAt(job: TruthJob, now: number, shape: Shape = 'v1.0', skewMs = 0): object | undefined {
  if (now < job.createdAt) return undefined
  const disks = job.disks.map((disk) => ({ disk, at: lastReport(job, disk, now) }))
  const at = Math.max(...disks.map((each) => each.at))
  const moved = disks.reduce((total, each) => total + bytesAt(each.disk, each.at), 0)
  const total = job.disks.reduce((sum, disk) => sum + disk.bytes, 0)
  const told: Told = {
    shape,
    jobId: job.jobId,
    ...timesOf(job, at, skewMs),
    bps: disks.reduce((sum, each) => sum + speedAt(each.disk, each.at), 0),
    disks: disks.map((each) => partOf(each.disk, each.at)),
  }
  if (disks.every((each) => each.at < each.disk.startAt)) return setup('Creating Snapshot', 10, told)
  if (now < endOf(job)) return transfer(moved, total, told)
  return outcomeOf(job) === 'completed' ? completed(total, told) : failed('read error', told, moved, total)
}

function partOf(disk: TruthDisk, at: number): object {
  const bytes = bytesAt(disk, at)
  const ended = disk.outcome === 'completed' ? 'Completed' : 'Failed'
  return {
    id: disk.diskId,
    label: disk.diskId,
    planned_bytes: disk.bytes,
    bytes_transferred: bytes,
    throughput_bps: speedAt(disk, at),
    percent: (bytes / disk.bytes) * 100,
    status: at >= disk.endAt ? ended : at < disk.startAt ? 'Queued' : 'Streaming',
  }
}

/** Clients report at fixed times, and once at the end. */
function lastReport(job: TruthJob, disk: TruthDisk, now: number): number {
  if (now >= disk.endAt) return disk.endAt
  return job.createdAt + Math.floor((now - job.createdAt) / job.reportMs) * job.reportMs
}

function timesOf(job: TruthJob, at: number, skewMs: number): Pick<Told, 'startedAt' | 'updatedAt'> {
  return { startedAt: job.createdAt + skewMs, updatedAt: at + skewMs }
}

function speedAt(disk: TruthDisk, at: number): number {
  const paused = disk.pause !== undefined && at >= disk.pause.at && at < disk.pause.at + disk.pause.ms
  return at < disk.startAt || at >= disk.endAt || paused ? 0 : disk.bps
}
