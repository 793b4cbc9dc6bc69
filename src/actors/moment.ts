/** A job as it stands, in the words of its log. */

import type { JobMoment } from '../model/job-log-state.ts'
import type { Job } from './job.ts'
import { writableOf } from './rows.ts'

export function momentOf(job: Job, at: number): JobMoment {
  const { status, operation, percent, bytes, totalBytes, speedBps } = writableOf(job)
  const { progress } = job
  const runs = progress === undefined ? [] : [progress.run ?? '', ...progress.disks.map((disk) => disk.run ?? '')]
  return { at, status, stage: operation, percent, bytes, totalBytes, speedBps, startedAt: job.startedAt ?? null, runs }
}
