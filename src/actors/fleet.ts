/** The jobs in memory, summed up: one walk of some 0.2 µs a job, for who asks now and then. */

import type { PollingState } from '../machines/polling.ts'
import { etaHolds, type VerdictState } from '../model/verdict.ts'
import type { JobStatus } from '../model/words.ts'
import type { Job } from './job.ts'

export interface Fleet {
  /** Jobs that are followed. */
  readonly statuses: ReadonlyMap<JobStatus, number>
  readonly pollStates: ReadonlyMap<PollingState, number>
  /** By index of the VMA. */
  readonly ofVma: readonly number[]
  /** Of all in memory, also of those that ended a moment ago. */
  readonly verdicts: ReadonlyMap<VerdictState, number>
  readonly bytes: number
  readonly totalBytes: number
  readonly speedBps: number
  /** Of the last to arrive among those that have one; NaN where none has. */
  readonly etaSeconds: number
  readonly withoutEta: number
}

export function fleetOf(jobs: Iterable<Job>): Fleet {
  const statuses = new Map<JobStatus, number>()
  const pollStates = new Map<PollingState, number>()
  const verdicts = new Map<VerdictState, number>()
  const ofVma: number[] = []
  const sum = { bytes: 0, totalBytes: 0, speedBps: 0, etaSeconds: Number.NaN, withoutEta: 0 }
  for (const job of jobs) {
    const isLive = job.phase === 'live'
    add(verdicts, isLive ? job.verdict.state : 'finished')
    if (!isLive) continue
    add(statuses, job.status)
    add(pollStates, job.pollState)
    ofVma[job.vma] = (ofVma[job.vma] ?? 0) + 1
    const { progress, target } = job
    sum.bytes += progress?.bytes ?? target.bytes
    sum.totalBytes += progress?.totalBytes ?? target.totalBytes
    sum.speedBps += progress?.speedBps ?? 0
    const eta = etaHolds(job.verdict.state, job.status) ? (progress?.etaSeconds ?? null) : null
    if (eta === null) sum.withoutEta += 1
    else sum.etaSeconds = Number.isNaN(sum.etaSeconds) ? eta : Math.max(sum.etaSeconds, eta)
  }
  return { statuses, pollStates, verdicts, ofVma, ...sum }
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
