/**
 * The job is the sum of its disks (AGG-1…3), or what the VMA says of the job id as a whole (AGG-4). Sums have no memory
 * of speed: an ETA other than that of a finished transfer is filled in from the rates (job-rates.ts).
 */

import { carryForward, isSameRun, type Planned } from './amounts.ts'
import type { DiskProgress, JobProgress } from './progress.ts'
import type { ProgressSample } from './sample.ts'
import { set, type Changeable } from './present.ts'
import { percentOf } from './units.ts'
import { DISK_STATUS_RANK, diskStatusOf, isTerminal, STATUS_RANK, statusOfWord, type JobStatus } from './words.ts'

/** A disk as the database knows it before any VMA has answered. */
export interface PlannedDisk {
  readonly diskId: string
  /** `migration-vol-<uuid>`; '' while no volume is linked. */
  readonly key: string
  readonly planned: Planned
}

/** One disk's answer; undefined while it has none. `sample` holds source times in our clock. */
export type DiskAnswer = ProgressSample | undefined

/**
 * AGG-1: all disks' answers, in the order of `plan`, summed. A disk that is silent now keeps what it reached;
 * one that never answered counts with its planned bytes and 0 moved (AGG-2).
 */
export function aggregateDisks(
  plan: readonly PlannedDisk[],
  answers: readonly DiskAnswer[],
  before: JobProgress | undefined,
): JobProgress {
  let restarted = false
  const disks = plan.map((disk, i) => {
    const prior = priorOf(disk, i, before)
    const now = diskProgress(disk, answers[i], prior)
    if (!isSameRun(prior, now)) restarted = true
    return now
  })
  const heard = answers.filter((answer) => answer !== undefined)
  const lead = leastAdvanced(heard)
  const bytes = sum(disks, (d) => d.bytes)
  const totalBytes = sum(disks, (d) => d.totalBytes)
  const completed = disks.every((d) => d.status === 'completed')
  const percent = completed
    ? 100
    : (percentOf(bytes, totalBytes) ?? sum(disks, (d) => d.percent) / Math.max(1, disks.length))
  const progress: Changeable<JobProgress> = {
    stage: '',
    phase: '',
    percent: restarted ? percent : Math.max(percent, before?.percent ?? 0),
    bytes,
    totalBytes,
    speedBps: sum(disks, (d) => d.speedBps),
    etaSeconds: completed ? 0 : null,
    disksReporting: reporting(disks),
    disks,
  }
  setWords(progress, heard, lead, statusOver(disks, answers, completed), before)
  // A disk that is silent now still was heard of when it was.
  set(progress, 'updatedAt', pick(disks, 'updatedAt', Math.max) ?? progress.updatedAt)
  return progress
}

/** AGG-4: no export answers, the job id does; its own `disks[]` fill the disks it names. */
export function wholeJob(
  plan: readonly PlannedDisk[],
  sample: ProgressSample,
  before: JobProgress | undefined,
): JobProgress {
  const planned: Planned = { bytes: sum(plan, (d) => d.planned.bytes), origin: 'capacity' }
  const amounts = carryForward(before && { ...before, totalOrigin: 'capacity' }, sample, planned)
  const disks = plan.map((disk, i) => {
    const part = diskProgress(disk, partOf(sample, disk, plan.length), priorOf(disk, i, before))
    return sample.status === 'completed' ? completedWithJob(part) : part
  })
  const progress: Changeable<JobProgress> = {
    stage: '',
    phase: '',
    percent: amounts.percent,
    bytes: amounts.bytes,
    totalBytes: amounts.totalBytes,
    speedBps: sample.speedBps ?? 0,
    etaSeconds: sample.status === 'completed' ? 0 : null,
    disksReporting: reporting(disks),
    disks,
  }
  setWords(progress, [sample], sample, sample.status, before)
  set(progress, 'run', amounts.run)
  return progress
}

function reporting(disks: readonly DiskProgress[]): number {
  let count = 0
  for (const disk of disks) if (disk.reporting) count += 1
  return count
}

/** Nothing of a completed job is left to do, also on a disk that its VMA names otherwise than we do, or not at all. */
function completedWithJob(disk: DiskProgress): DiskProgress {
  if (disk.status === 'completed' || disk.status === 'failed') return disk
  return { ...disk, status: 'completed', percent: 100, speedBps: 0, etaSeconds: 0 }
}

/** The disk as it was; a plan that was read again may have it at another place, and with a key that it had not before. */
function priorOf(disk: PlannedDisk, place: number, before: JobProgress | undefined): DiskProgress | undefined {
  const isIt = (d: DiskProgress): boolean => d.diskId === disk.diskId && (d.key === disk.key || d.key === '')
  const there = before?.disks[place]
  return there !== undefined && isIt(there) ? there : before?.disks.find(isIt)
}

/** A single-disk job's answer is its disk's; of several disks only those named in it, by disk id or by export. */
function partOf(sample: ProgressSample, disk: PlannedDisk, count: number): DiskAnswer {
  const { disks: named, ...rest } = sample
  const part = named?.find((d) => d.id === disk.diskId || d.id === disk.key)
  if (part === undefined) return count === 1 ? rest : undefined
  const { bytes: _, totalBytes: __, percent: ___, speedBps: ____, status: _____, ...shared } = rest
  return { ...shared, ...part, key: sample.key }
}

function diskProgress(disk: PlannedDisk, answer: DiskAnswer, before: DiskProgress | undefined): DiskProgress {
  if (answer === undefined) return silentDisk(disk, before)
  const amounts = carryForward(before, answer, disk.planned)
  const kept = isSameRun(before, answer) ? before : undefined
  const status = diskStatus(answer, kept, amounts.bytes)
  const completed = status === 'completed'
  const progress: Changeable<DiskProgress> = {
    diskId: disk.diskId,
    key: disk.key,
    reporting: true,
    status,
    percent: amounts.percent,
    bytes: amounts.bytes,
    totalBytes: amounts.totalBytes,
    totalOrigin: amounts.totalOrigin,
    speedBps: completed ? 0 : (answer.speedBps ?? 0),
    etaSeconds: completed ? 0 : null,
  }
  set(progress, 'run', amounts.run)
  set(progress, 'startedAt', answer.startedAt ?? kept?.startedAt)
  set(progress, 'updatedAt', answer.updatedAt ?? kept?.updatedAt)
  set(progress, 'syncType', answer.syncType ?? kept?.syncType)
  set(progress, 'changeId', answer.changeId ?? kept?.changeId)
  set(progress, 'previousChangeId', answer.previousChangeId ?? kept?.previousChangeId)
  return progress
}

/**
 * STAT-4; a disk whose bytes move is not pending, whatever the word (the documents' own answer says Queued at 2 %), and
 * within a run an answer that came late takes nothing back.
 */
function diskStatus(answer: ProgressSample, kept: DiskProgress | undefined, bytes: number): DiskProgress['status'] {
  const said = answer.status === undefined ? 'pending' : diskStatusOf(answer.status)
  const status = said === 'pending' && bytes > 0 ? 'syncing' : said
  return kept !== undefined && DISK_STATUS_RANK[kept.status] > DISK_STATUS_RANK[status] ? kept.status : status
}

function silentDisk(disk: PlannedDisk, before: DiskProgress | undefined): DiskProgress {
  if (before !== undefined)
    return before.status === 'completed'
      ? { ...before, key: disk.key }
      : { ...before, key: disk.key, reporting: false, speedBps: 0, etaSeconds: null }
  return {
    diskId: disk.diskId,
    key: disk.key,
    reporting: false,
    status: 'pending',
    percent: 0,
    bytes: 0,
    totalBytes: disk.planned.bytes,
    totalOrigin: disk.planned.origin,
    speedBps: 0,
    etaSeconds: null,
  }
}

/** AGG-3. Silent disks hold back completion, and say nothing else; one that has completed holds back nothing. */
function statusOver(
  disks: readonly DiskProgress[],
  answers: readonly DiskAnswer[],
  completed: boolean,
): JobStatus | undefined {
  if (disks.some((d) => d.status === 'failed')) return 'failed'
  if (completed) return 'completed'
  const working = answers.filter(
    (s, i) => s?.status !== undefined && !isTerminal(s.status) && disks[i]?.status !== 'completed',
  )
  return leastAdvanced(working.filter((s) => s !== undefined))?.status
}

function leastAdvanced(samples: readonly ProgressSample[]): ProgressSample | undefined {
  let least: ProgressSample | undefined
  for (const sample of samples) {
    if (least === undefined || advance(sample) < advance(least)) least = sample
  }
  return least
}

/** Rank first, percent within a rank. */
function advance(sample: ProgressSample): number {
  return (sample.status === undefined ? 0 : STATUS_RANK[sample.status]) * 1_000 + (sample.percent ?? 0)
}

/** Everything that is told and not summed. */
function setWords(
  progress: Changeable<JobProgress>,
  heard: readonly ProgressSample[],
  lead: ProgressSample | undefined,
  status: JobStatus | undefined,
  before: JobProgress | undefined,
): void {
  const failed = heard.find((s) => s.status === 'failed')
  set(progress, 'status', status)
  progress.stage = lead?.stage ?? before?.stage ?? ''
  progress.phase = lead?.phase ?? lead?.stage ?? before?.phase ?? ''
  set(progress, 'setupPercent', lead?.setupPercent ?? before?.setupPercent)
  set(progress, 'syncType', lead?.syncType ?? before?.syncType)
  set(progress, 'startedAt', pick(heard, 'startedAt', Math.min) ?? before?.startedAt)
  set(progress, 'updatedAt', pick(heard, 'updatedAt', Math.max) ?? before?.updatedAt)
  set(progress, 'heardAt', pick(heard, 'heardAt', Math.max) ?? before?.heardAt)
  set(progress, 'error', failed?.error ?? heard.find((s) => s.error !== undefined)?.error)
  const unknown = heard.find(({ statusWord }) => statusWord !== undefined && statusOfWord(statusWord) === undefined)
  set(progress, 'unknownWord', unknown?.statusWord)
}

function pick(
  samples: readonly Pick<ProgressSample, 'startedAt' | 'updatedAt' | 'heardAt'>[],
  name: 'startedAt' | 'updatedAt' | 'heardAt',
  choose: (a: number, b: number) => number,
): number | undefined {
  let best: number | undefined
  for (const sample of samples) {
    const value = sample[name]
    if (value !== undefined) best = best === undefined ? value : choose(best, value)
  }
  return best
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  let total = 0
  for (const item of items) total += of(item)
  return Math.min(total, Number.MAX_SAFE_INTEGER)
}
