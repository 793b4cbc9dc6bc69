/**
 * The rates of one job's transfers, kept beside its progress: they fill in its ETA and what its verdict needs.
 *
 * A ring per disk and none over their sum, because the job ends with its slowest disk (AGG-1): of two disks with 10 GiB
 * left each, at 200 and 2 MB/s, the sum says two minutes and the truth is ninety. And when three of four disks have ended
 * the sum falls to a quarter though no disk is slow; each remaining one is held against its own past. It costs 1 kB a disk.
 * Only a job that is asked as a whole (AGG-4) has a ring for itself.
 */

import { ARRIVED, etaFrom, later, type Eta } from './eta.ts'
import type { Changeable } from './present.ts'
import type { DiskProgress, JobProgress, JobRate } from './progress.ts'
import { RateRing } from './rate.ts'
import { SOURCE_SILENT_MS } from './verdict.ts'
import { isSetupStage, isTransfer } from './words.ts'

export class JobRates {
  /** By disk id. */
  readonly #disks = new Map<string, RateRing>()
  #whole: RateRing | undefined

  /** Takes note of an accepted sum over the disks, and fills in ETA and rate; `now` in our clock, epoch ms. Returns it. */
  ofDisks(progress: JobProgress, now: number): JobProgress {
    const transfers = isTransfer(progress.status, progress.stage)
    let last: Eta | null = ARRIVED
    for (const disk of progress.disks) {
      this.#noteDisk(disk, transfers, now)
      const eta = this.#etaOf(disk, now)
      setEta(disk, eta)
      last = later(last, eta)
    }
    return fill(progress, progress.status === 'completed' ? ARRIVED : last, this.#sum(progress.disks))
  }

  /** The same for a job that was asked as a whole; of its disks only those that its answer names. */
  ofWhole(progress: JobProgress, now: number): JobProgress {
    const transfers = isTransfer(progress.status, progress.stage)
    for (const disk of progress.disks) {
      this.#noteDisk(disk, transfers, now)
      setEta(disk, this.#etaOf(disk, now))
    }
    if (isSetupStage(progress.stage)) this.#whole = undefined
    else if (transfers) this.#whole ??= new RateRing()
    this.#whole?.observe(progress.updatedAt ?? now, progress.bytes, progress.run)
    const eta = progress.status === 'completed' ? ARRIVED : etaAt(progress, this.#whole, now)
    return fill(progress, eta, this.#whole?.summary())
  }

  /** Set-up, also that of a next run, is no transfer: its minutes without a byte are no standstill. */
  #noteDisk(disk: DiskProgress, transfers: boolean, now: number): void {
    if (!disk.reporting) return
    const setup = disk.status === 'snapshotting' || (disk.status === 'pending' && !transfers)
    if (setup) this.#disks.delete(disk.diskId)
    else this.#ringOf(disk.diskId).observe(disk.updatedAt ?? now, disk.bytes, disk.run)
  }

  #ringOf(diskId: string): RateRing {
    let ring = this.#disks.get(diskId)
    if (ring === undefined) {
      ring = new RateRing()
      this.#disks.set(diskId, ring)
    }
    return ring
  }

  #etaOf(disk: DiskProgress, now: number): Eta | null {
    return disk.status === 'completed' ? ARRIVED : etaAt(disk, this.#disks.get(disk.diskId), now)
  }

  /** The speeds of the disks that remain; the last byte may have been one of a disk that has ended. */
  #sum(disks: readonly DiskProgress[]): JobRate | undefined {
    let bps: number | null = null
    let usualBps: number | null = 0
    let movedAt: number | undefined
    for (const disk of disks) {
      const rate = this.#disks.get(disk.diskId)?.summary()
      if (rate === undefined) continue
      movedAt = Math.max(movedAt ?? rate.movedAt, rate.movedAt)
      if (disk.status === 'completed') continue
      if (rate.bps !== null) bps = (bps ?? 0) + rate.bps
      usualBps = usualBps === null || rate.usualBps === null ? null : usualBps + rate.usualBps
    }
    return movedAt === undefined ? undefined : { bps, usualBps: usualBps || null, movedAt }
  }
}

/** An answer that was lost on the way takes no ETA away; a source that fell silent does. */
function etaAt(
  { bytes, totalBytes }: Pick<JobProgress, 'bytes' | 'totalBytes'>,
  ring: RateRing | undefined,
  now: number,
): Eta | null {
  if (totalBytes <= 0) return null
  if (bytes >= totalBytes) return ARRIVED
  return ring === undefined || now - ring.headAt >= SOURCE_SILENT_MS
    ? null
    : etaFrom(totalBytes - bytes, ring.summary())
}

/** Sums are made anew for each answer: they are filled in place, a copy of twenty fields would be half the work again. */
function setEta(disk: Changeable<DiskProgress>, eta: Eta | null): void {
  disk.etaSeconds = eta?.seconds ?? null
}

function fill(progress: Changeable<JobProgress>, eta: Eta | null, rate: JobRate | undefined): JobProgress {
  progress.etaSeconds = eta?.seconds ?? null
  if (eta !== null) {
    progress.etaLowSeconds = eta.low
    progress.etaHighSeconds = eta.high
  }
  if (rate !== undefined) progress.rate = { bps: rate.bps, usualBps: rate.usualBps, movedAt: rate.movedAt }
  return progress
}
