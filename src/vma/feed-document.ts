/**
 * A job as the change feed tells it (VMA-11): of the document of VMA-4 what an OMA reads, each thing once and nothing that is
 * empty. What changes by time alone is left out, or told with the time at which it ends.
 */

import type { FeedDisk, FeedDocument } from '../model/wire/changes.ts'
import { utcMillis } from '../model/wire/time.ts'
import { diskSpeedAt, etaOf, speedAt, STALLED_MS } from './document.ts'
import { OWN, senderOf, totalOf, type Job, type Sender } from './run.ts'

export function feedDocument(job: Job, now: number): FeedDocument {
  const speedBps = speedAt(job, now)
  const eta = etaOf(job, speedBps) ?? 0
  const disks = disksOf(job, now)
  const { plan, lastError, errors, setupPercent } = job
  return {
    status: job.status,
    sync_type: job.syncType,
    percentage: job.transferring ? job.percent : (setupPercent ?? 0),
    current_operation: job.stage,
    bytes_transferred: job.bytes,
    total_bytes: job.total,
    aggregate: { throughput_bps: Math.round(speedBps), ...untilOf(speedBps, job.movedAt) },
    run: {
      number: job.runNumber,
      started_at: utcMillis(job.startedAt),
      updated_at: utcMillis(job.updatedAt),
      ...(job.heardAt === job.updatedAt ? undefined : { heard_at: utcMillis(job.heardAt) }),
    },
    ...(eta > 0 ? { timing: { eta_seconds: eta } } : undefined),
    ...(setupPercent === null ? undefined : { setup_progress_percent: setupPercent }),
    ...(plan?.cbt === undefined ? undefined : { cbt: { type: plan.cbt.type || job.syncType, ...changeIds(plan.cbt) } }),
    ...(lastError === null ? undefined : { last_error: lastError }),
    ...(lastError === null && errors.length > 0 ? { errors: errors.slice(-1) } : undefined),
    ...(disks.length > 0 ? { disks } : undefined),
  }
}

/** Speeds hold for a minute after the last news of them. */
function untilOf(speedBps: number, newsAt: number): { readonly speed_until?: string } | undefined {
  return speedBps > 0 ? { speed_until: utcMillis(newsAt + STALLED_MS) } : undefined
}

function changeIds(cbt: { readonly previous_change_id?: string; readonly change_id?: string }) {
  return { previous_change_id: cbt.previous_change_id ?? '', change_id: cbt.change_id ?? '' }
}

function disksOf(job: Job, now: number): readonly FeedDisk[] {
  const disks: FeedDisk[] = []
  for (const { id, plannedBytes } of job.plan?.disks ?? []) {
    const sender = senderOf(job, id)
    disks.push(sender === undefined ? notStarted(id, plannedBytes) : diskOf(job, sender, now))
  }
  for (const sender of job.senders) {
    if (sender.diskId !== OWN && !disks.some((disk) => disk.id === sender.diskId)) disks.push(diskOf(job, sender, now))
  }
  return disks
}

function notStarted(id: string, plannedBytes: number): FeedDisk {
  return { id, planned_bytes: plannedBytes, bytes_transferred: 0, throughput_bps: 0, percent: 0, status: 'Queued' }
}

function diskOf(job: Job, sender: Sender, now: number): FeedDisk {
  const speedBps = diskSpeedAt(sender, now)
  return {
    id: sender.diskId,
    planned_bytes: totalOf(sender, job.plan),
    bytes_transferred: sender.bytes,
    throughput_bps: Math.round(speedBps),
    percent: sender.transferring ? sender.percent : 0,
    status: sender.status,
    ...untilOf(speedBps, sender.updatedAt),
  }
}

/** A job's change in JSON without its texts, and a disk. */
const JOB_BYTES = 700
const DISK_BYTES = 250
/** JSON's worst: an escape for each UTF-16 unit. */
const BYTES_PER_UNIT = 6
/** What keys are made of; one byte each. */
const PLAIN = /^[\w.:-]*$/

/** No change of this job takes more in JSON; found without writing it. */
export function mostBytes(job: Job): number {
  const { plan } = job
  let disks = plan?.disks.length ?? 0
  let units = job.status.length + job.stage.length + 2 * job.syncType.length
  units += (job.lastError ?? job.errors.at(-1) ?? '').length
  const { cbt } = plan ?? {}
  if (cbt) units += (cbt.type ?? '').length + (cbt.change_id ?? '').length + (cbt.previous_change_id ?? '').length
  for (const disk of plan?.disks ?? []) units += disk.id.length
  for (const { diskId, status } of job.senders) {
    disks += 1
    units += diskId.length + status.length
  }
  const keyBytes = PLAIN.test(job.key) ? job.key.length : BYTES_PER_UNIT * job.key.length
  return JOB_BYTES + keyBytes + DISK_BYTES * disks + BYTES_PER_UNIT * units
}
