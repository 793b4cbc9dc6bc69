/** The poller's figures (API-4): the documents' metrics, how the VMAs stand, and which jobs nobody asks for. */

import type { PollingStatusJson } from '../model/wire/service.ts'
import { round2 } from '../model/units.ts'
import type { CircuitView } from './circuits.ts'
import type { Job } from './job.ts'
import { RATE_SPAN_MS, type StatsJson } from './stats.ts'

/** Jobs without polls that are listed; all are counted. */
const MAX_LISTED = 100

export interface PollingStatusInput {
  /** Gone through once: some 0.1 µs a job. */
  readonly jobs: Iterable<Job>
  readonly circuits: readonly CircuitView[]
  /** Of the same VMAs. */
  readonly feeds: readonly PollingStatusJson['vmas'][number]['feed'][]
  readonly stats: StatsJson
  readonly rfc3339: (at: number) => string
}

export function pollingStatus({ jobs, circuits, feeds, stats, rfc3339 }: PollingStatusInput): PollingStatusJson {
  const { states, ofVma, idle } = countJobs(jobs)
  const { polls, failed, tookMs, rows } = stats.recent
  const allFailed = Object.values(stats.polls.failed).reduce((sum, count) => sum + count, 0)
  return {
    active_jobs: ofVma.reduce((sum, count) => sum + count, 0),
    jobs_by_state: Object.fromEntries(states),
    window_seconds: RATE_SPAN_MS / 1_000,
    polls_per_second: round2(polls),
    success_rate_percent: polls === 0 ? null : round2((1 - failed / polls) * 100),
    average_response_time_ms: polls === 0 ? null : round2(tookMs / polls),
    database_updates_per_second: round2(rows),
    error_distribution: { ...stats.polls.failed },
    polls_total: stats.polls.ok + allFailed,
    lateness_ms: { ...stats.lateness },
    vmas: circuits.map(({ name, state, isUp, since, cause }, vma) => ({
      name,
      state,
      status: isUp ? ('up' as const) : ('down' as const),
      since: rfc3339(since),
      reason: isUp ? null : (cause?.code ?? 'unreachable'),
      active_jobs: ofVma[vma] ?? 0,
      feed: feeds[vma] ?? 'off',
    })),
    queues: {
      polls_in_flight: stats.inFlight,
      results_waiting: stats.mailboxDepth,
      writes_waiting: stats.writesQueued,
      database_degraded: stats.databaseDegraded,
    },
    suspended_count: (states.get('suspended') ?? 0) + (states.get('paused') ?? 0),
    suspended_jobs: idle.map((job) => idleJob(job, rfc3339)),
  }
}

interface Counts {
  readonly states: ReadonlyMap<string, number>
  /** By index of the VMA. */
  readonly ofVma: readonly number[]
  readonly idle: readonly Job[]
}

function countJobs(jobs: Iterable<Job>): Counts {
  const states = new Map<string, number>()
  const ofVma: number[] = []
  const idle: Job[] = []
  for (const job of jobs) {
    if (job.phase !== 'live') continue
    const state = job.pollState
    states.set(state, (states.get(state) ?? 0) + 1)
    ofVma[job.vma] = (ofVma[job.vma] ?? 0) + 1
    if ((state === 'suspended' || state === 'paused') && idle.length < MAX_LISTED) idle.push(job)
  }
  return { states, ofVma, idle }
}

function idleJob(job: Job, rfc3339: (at: number) => string): PollingStatusJson['suspended_jobs'][number] {
  return {
    job_id: job.jobId,
    vm_name: job.target.vmName,
    state: job.pollState === 'paused' ? 'paused' : 'suspended',
    since: rfc3339(job.verdict.since),
    consecutive_errors: job.errors,
    last_contact_at: job.contactAt === undefined ? null : rfc3339(job.contactAt),
    last_error: job.lastError?.code ?? null,
  }
}
