/**
 * The state of one job: its present run, kept compact (the document is made on GET only) and changed in place.
 * Units: bytes, bytes per second, percent 0..100, epoch milliseconds; a time of 0 is none.
 *
 * sender = one source of updates of a job: a disk (`disk_id`), or the job's own updates, which carry none (VMA-6).
 */

import type { TotalOrigin } from '../model/progress.ts'
import type { Registration } from '../model/wire/update.ts'

export type End = 'open' | 'completed' | 'failed'

/** The disk id of the job's own updates. */
export const OWN = ''
export const NO_SEQ = -1

export class Sender {
  readonly diskId: string
  stage = ''
  status = ''
  end: End = 'open'
  /** The first update of a stage past set-up has come; from then on percent is the transfer's. */
  transferring = false
  bytes = 0
  /** As reported; 0: not known, or nothing to move. */
  total = 0
  percent = 0
  speedBps = 0
  /** What had been moved already when we first heard of this run; it doesn't count for the average. */
  firstBytes = 0
  /** The stage in which bytes or percent last grew: zero there means a restart, zero elsewhere means "not said". */
  movedIn = ''
  updatedAt = 0
  seq = NO_SEQ
  bootId = ''
  /** The life before `bootId`: what still comes from it is late. */
  priorBootId = ''

  constructor(diskId: string) {
    this.diskId = diskId
  }
}

export interface PlannedDisk {
  readonly id: string
  readonly label: string
  readonly plannedBytes: number
  readonly origin: TotalOrigin
}

/** A registration as it is kept: only what we know how to show (VMA-3). */
export interface Plan {
  readonly name: string | undefined
  readonly path: string | undefined
  readonly diskSizeBytes: number | undefined
  readonly cbtEnabled: boolean
  readonly syncType: string | undefined
  readonly cbt: Registration['cbt']
  readonly exports: readonly PlannedExport[]
  readonly disks: readonly PlannedDisk[]
}

export interface PlannedExport {
  readonly name: string
  readonly device: string
  readonly connected: boolean
  readonly started_at: string
}

const NO_TEXTS: readonly string[] = []
const NO_TIMES: readonly number[] = []
const NO_SENDERS: readonly Sender[] = []

export class Job {
  readonly key: string
  plan: Plan | undefined
  runNumber = 0
  startedAt = 0
  /** Last change. */
  updatedAt = 0
  /** Last update of any kind, duplicates too. */
  heardAt = 0
  endedAt = 0
  /** Bytes last grew, or the transfer began. */
  movedAt = 0
  senders: readonly Sender[] = NO_SENDERS
  stage = ''
  status = ''
  end: End = 'open'
  transferring = false
  syncType = ''
  bytes = 0
  total = 0
  percent = 0
  setupPercent: number | null = null
  speedBps = 0
  peakBps = 0
  /** Bytes moved in this run while we watched. */
  gainedBytes = 0
  /** The stages of this run in order; the last one is `stage`. Two flat lists: objects would take twice the memory. */
  phases: readonly string[] = NO_TEXTS
  phaseStarts: readonly number[] = NO_TIMES
  errors: readonly string[] = NO_TEXTS
  lastError: string | null = null
  /** The store's revision at this job's last change. */
  revision = 0
  /** Neighbours in the store's order of age. */
  older: Job | undefined = undefined
  newer: Job | undefined = undefined
  /** Its place in the log of changes, and when it was put there. */
  slot = -1
  toldAt = 0

  constructor(key: string) {
    this.key = key
  }
}

/** VMA-8: everything of the run before is dropped; the registration stays. */
export function beginRun(job: Job, now: number): void {
  job.runNumber += 1
  job.startedAt = now
  job.updatedAt = now
  job.heardAt = now
  job.endedAt = 0
  job.movedAt = now
  job.senders = NO_SENDERS
  job.stage = 'Discover'
  job.status = 'Queued'
  job.end = 'open'
  job.transferring = false
  job.syncType = job.plan?.syncType ?? 'full'
  job.bytes = 0
  job.total = plannedTotal(job.plan)
  job.percent = 0
  job.setupPercent = null
  job.speedBps = 0
  job.peakBps = 0
  job.gainedBytes = 0
  job.phases = NO_TEXTS
  job.phaseStarts = NO_TIMES
  job.errors = NO_TEXTS
  job.lastError = null
}

export function senderOf(job: Job, diskId: string): Sender | undefined {
  for (const sender of job.senders) if (sender.diskId === diskId) return sender
  return undefined
}

export function plannedDisk(plan: Plan | undefined, diskId: string): PlannedDisk | undefined {
  return plan?.disks.find((disk) => disk.id === diskId)
}

export function plannedTotal(plan: Plan | undefined): number {
  let total = 0
  for (const disk of plan?.disks ?? []) total += disk.plannedBytes
  return Math.min(total, Number.MAX_SAFE_INTEGER)
}

/** Bytes to move: as reported, else as planned; a sender that ended with nothing to move had nothing to move. */
export function totalOf(sender: Sender, plan: Plan | undefined): number {
  if (sender.total > 0 || sender.end === 'completed' || plan === undefined) return sender.total
  return sender.diskId === OWN ? plannedTotal(plan) : (plannedDisk(plan, sender.diskId)?.plannedBytes ?? 0)
}

/** Keeps the known fields only: whatever else a client sends must not take memory. */
export function planOf(document: Registration): Plan {
  const { vm_info: vm, cbt } = document
  return {
    name: vm?.name || undefined,
    path: vm?.path || undefined,
    diskSizeBytes: vm?.disk_size_bytes,
    cbtEnabled: vm?.cbt_enabled ?? false,
    syncType: document.sync_type || undefined,
    cbt: cbt && {
      type: cbt.type ?? '',
      previous_change_id: cbt.previous_change_id ?? '',
      change_id: cbt.change_id ?? '',
    },
    exports: (document.nbd?.exports ?? []).map((nbd) => ({
      name: nbd.name,
      device: nbd.device ?? '',
      connected: nbd.connected ?? false,
      started_at: nbd.started_at ?? '',
    })),
    disks: (document.disks ?? []).map((disk) => ({
      id: disk.id,
      label: disk.label ?? '',
      plannedBytes: disk.planned_bytes,
      origin: disk.origin ?? 'reported',
    })),
  }
}
