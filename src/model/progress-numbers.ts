/**
 * The numbers of a job's progress as a run of doubles. From one answer to the next nearly always nothing else changes, and
 * a thread hands over a few dozen doubles in a tenth of the time that an object of forty fields takes.
 */

import type { Changeable } from './present.ts'
import type { DiskProgress, JobProgress, JobRate } from './progress.ts'

/** Before the numbers of a packed result: slot, seat, their count, and 1 where nobody asked for it (POLL-10). */
export const PACKED_HEAD = 4

const OF_JOB = 13
const OF_DISK = 6

/** How many doubles a progress of so many disks takes. */
export function numbersOf({ disks }: JobProgress): number {
  return OF_JOB + OF_DISK * disks.length
}

/** Everything but the numbers is the same, and the same numbers are there: `readNumbers` turns the one into the other. */
export function differsInNumbersOnly(a: JobProgress, b: JobProgress): boolean {
  return (
    a.stage === b.stage &&
    a.phase === b.phase &&
    a.status === b.status &&
    a.syncType === b.syncType &&
    a.startedAt === b.startedAt &&
    a.run === b.run &&
    a.error === b.error &&
    a.unknownWord === b.unknownWord &&
    a.disksReporting === b.disksReporting &&
    isThere(a.setupPercent) === isThere(b.setupPercent) &&
    isThere(a.etaLowSeconds) === isThere(b.etaLowSeconds) &&
    isThere(a.etaHighSeconds) === isThere(b.etaHighSeconds) &&
    isThere(a.rate) === isThere(b.rate) &&
    isThere(a.updatedAt) === isThere(b.updatedAt) &&
    isThere(a.heardAt) === isThere(b.heardAt) &&
    a.disks.length === b.disks.length &&
    a.disks.every((disk, i) => isSameDisk(disk, b.disks[i]))
  )
}

function isSameDisk(a: DiskProgress, b: DiskProgress | undefined): boolean {
  return (
    b !== undefined &&
    a.diskId === b.diskId &&
    a.key === b.key &&
    a.reporting === b.reporting &&
    a.status === b.status &&
    a.totalOrigin === b.totalOrigin &&
    a.run === b.run &&
    a.startedAt === b.startedAt &&
    a.syncType === b.syncType &&
    a.changeId === b.changeId &&
    a.previousChangeId === b.previousChangeId &&
    isThere(a.updatedAt) === isThere(b.updatedAt)
  )
}

/** Writes `numbersOf` doubles from `at` on; what is null or absent is NaN. */
export function writeNumbers(progress: JobProgress, into: Float64Array, at: number): void {
  const { rate, disks } = progress
  into[at] = progress.percent
  into[at + 1] = progress.bytes
  into[at + 2] = progress.totalBytes
  into[at + 3] = progress.speedBps
  into[at + 4] = progress.etaSeconds ?? NaN
  into[at + 5] = progress.etaLowSeconds ?? NaN
  into[at + 6] = progress.etaHighSeconds ?? NaN
  into[at + 7] = progress.updatedAt ?? NaN
  into[at + 8] = progress.heardAt ?? NaN
  into[at + 9] = progress.setupPercent ?? NaN
  into[at + 10] = rate?.bps ?? NaN
  into[at + 11] = rate?.usualBps ?? NaN
  into[at + 12] = rate?.movedAt ?? NaN
  let next = at + OF_JOB
  for (const disk of disks) {
    into[next] = disk.percent
    into[next + 1] = disk.bytes
    into[next + 2] = disk.totalBytes
    into[next + 3] = disk.speedBps
    into[next + 4] = disk.etaSeconds ?? NaN
    into[next + 5] = disk.updatedAt ?? NaN
    next += OF_DISK
  }
}

/**
 * Turns a progress into the one that `writeNumbers` wrote, which differed from it in numbers only. In place: a new object for
 * each answer would live for just one interval, long enough for the collector to take it for long-lived.
 */
export function readNumbers(into: JobProgress, from: Float64Array, at: number): void {
  const progress: Changeable<JobProgress> = into
  const number = (i: number): number => from[at + i] ?? NaN
  progress.percent = number(0)
  progress.bytes = number(1)
  progress.totalBytes = number(2)
  progress.speedBps = number(3)
  progress.etaSeconds = orNull(number(4))
  if (isThere(into.etaLowSeconds)) progress.etaLowSeconds = number(5)
  if (isThere(into.etaHighSeconds)) progress.etaHighSeconds = number(6)
  if (isThere(into.updatedAt)) progress.updatedAt = number(7)
  if (isThere(into.heardAt)) progress.heardAt = number(8)
  if (isThere(into.setupPercent)) progress.setupPercent = number(9)
  const rate: Changeable<JobRate> | undefined = into.rate
  if (rate !== undefined) {
    rate.bps = orNull(number(10))
    rate.usualBps = orNull(number(11))
    rate.movedAt = number(12)
  }
  let next = at + OF_JOB
  for (const disk of into.disks) {
    readDisk(disk, from, next)
    next += OF_DISK
  }
}

function readDisk(into: DiskProgress, from: Float64Array, at: number): void {
  const disk: Changeable<DiskProgress> = into
  disk.percent = from[at] ?? NaN
  disk.bytes = from[at + 1] ?? NaN
  disk.totalBytes = from[at + 2] ?? NaN
  disk.speedBps = from[at + 3] ?? NaN
  disk.etaSeconds = orNull(from[at + 4] ?? NaN)
  if (isThere(into.updatedAt)) disk.updatedAt = from[at + 5] ?? NaN
}

/** `before`, turned into `after`, where they differ in numbers only; else `after` itself. */
export function keptInPlace(before: JobProgress | undefined, after: JobProgress, scratch: Float64Array): JobProgress {
  if (before === undefined || numbersOf(after) > scratch.length || !differsInNumbersOnly(before, after)) return after
  writeNumbers(after, scratch, 0)
  readNumbers(before, scratch, 0)
  return before
}

function isThere(value: unknown): boolean {
  return value !== undefined
}

function orNull(number: number): number | null {
  return Number.isNaN(number) ? null : number
}
