/** The disks of a job over its life: rows come later than the job, and move on to the VM's next job (POLL-3). */

import type { JobTarget, TargetDisk } from '../db/ports.ts'
import type { PlannedDisk } from '../model/aggregate.ts'
import { traceIdOf } from '../model/trace.ts'
import type { FetchTarget } from '../workers/protocol.ts'
import type { Job } from './job.ts'
import type { Registry } from './registry.ts'

/** What a fetch thread must know of a job's disks. */
export function plannedDisks(target: JobTarget): readonly PlannedDisk[] {
  return target.disks.map((disk) => ({
    diskId: disk.diskId,
    key: disk.exportName ?? '',
    planned: { bytes: disk.capacityBytes, origin: 'capacity' },
  }))
}

/** What was read replaces what was known; a disk whose row has moved on stays the job's own. */
function mergedDisks(known: readonly TargetDisk[], read: readonly TargetDisk[]): readonly TargetDisk[] {
  const byId = new Map(read.map((disk) => [disk.diskId, disk]))
  const kept = known.map((disk) => byId.get(disk.diskId) ?? disk)
  const ids = new Set(known.map((disk) => disk.diskId))
  return [...kept, ...read.filter((disk) => !ids.has(disk.diskId))]
}

/** The same disks under the same export names: what was summed up so far still counts. */
function samePlan(a: readonly TargetDisk[], b: readonly TargetDisk[]): boolean {
  return a.length === b.length && a.every((d, i) => d.diskId === b[i]?.diskId && d.exportName === b[i]?.exportName)
}

/** What a thread is told of a job once, before it is polled. */
export function fetchTarget(job: Job): FetchTarget {
  const { slot, jobId, vma, target, progress, supersededAt } = job
  return {
    slot,
    jobId,
    vma,
    createdAt: target.createdAt,
    plan: plannedDisks(target),
    traceId: traceIdOf(job.correlationId),
    ...(progress === undefined ? {} : { before: progress }),
    ...(supersededAt === undefined ? {} : { supersededAt }),
  }
}

/** Export names may come later than the job (POLL-3): true when there is a new plan, which the thread has to be told. */
export function replan(job: Job, target: JobTarget, jobs: Registry): boolean {
  job.targetStale = false
  const disks = mergedDisks(job.target.disks, target.disks)
  if (JSON.stringify(job.target.disks) === JSON.stringify(disks)) return false
  const same = samePlan(job.target.disks, disks)
  jobs.forgetKeys(job)
  job.target = { ...job.target, disks }
  jobs.rememberKeys(job)
  if (!same) job.progress = undefined
  return !same
}
