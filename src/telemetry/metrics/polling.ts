/** The OMA's jobs, polls and VMAs. */

import { NO_LABELS, type MetricTable } from './table.ts'

const VMA = 'name of the VMA in the settings'
const JOBS = 'src/actors/fleet.ts, one walk over the live jobs a scrape'
const STATS = 'src/actors/stats.ts'

export const JOB_METRICS = {
  sightline_active_jobs: {
    type: 'gauge',
    labels: { status: 'the statuses that are no end' },
    unit: 'jobs',
    help: 'Jobs that are followed, by status.',
    from: JOBS,
  },
  sightline_job_verdicts: {
    type: 'gauge',
    labels: {
      verdict: '`moving`, `slow`, `stalled`, `source_silent`, `vma_unreachable`, `suspended`, `waiting`, `finished`',
    },
    unit: 'jobs',
    help: 'What the jobs in memory are doing (VERDICT-1); ended ones stay a minute as finished.',
    from: JOBS,
  },
  sightline_job_poll_states: {
    type: 'gauge',
    labels: { state: 'states of the polling machine' },
    unit: 'jobs',
    help: 'How the jobs that are followed are polled.',
    from: JOBS,
  },
  sightline_job_ends_total: {
    type: 'counter',
    labels: {
      status: '`completed`, `failed`',
      cause: '`told` by the VMA, `inferred` (POLL-6), `contact_timeout` (POLL-7)',
    },
    unit: 'jobs',
    help: 'Jobs whose end stands in the database.',
    from: STATS,
  },
  sightline_jobs_revived_total: {
    type: 'counter',
    labels: NO_LABELS,
    unit: 'jobs',
    help: 'Jobs that only silence had failed and that came back (RECOVER-3).',
    from: STATS,
  },
  sightline_fleet_transferred_bytes: {
    type: 'gauge',
    labels: NO_LABELS,
    unit: 'bytes',
    help: 'Bytes that the jobs now followed have moved.',
    from: JOBS,
  },
  sightline_fleet_planned_bytes: {
    type: 'gauge',
    labels: NO_LABELS,
    unit: 'bytes',
    help: 'Bytes that the jobs now followed have to move in all.',
    from: JOBS,
  },
  sightline_fleet_throughput_bytes_per_second: {
    type: 'gauge',
    labels: NO_LABELS,
    unit: 'bytes per second',
    help: 'Speeds of the jobs now followed, added.',
    from: JOBS,
  },
  sightline_fleet_eta_seconds: {
    type: 'gauge',
    labels: NO_LABELS,
    unit: 'seconds',
    help: 'Until the last of the jobs with a known ETA is done; NaN where none is known (ETA-1).',
    from: JOBS,
  },
  sightline_fleet_eta_unknown_jobs: {
    type: 'gauge',
    labels: NO_LABELS,
    unit: 'jobs',
    help: 'Jobs now followed whose ETA is not known.',
    from: JOBS,
  },
} satisfies MetricTable

export const POLLING_METRICS = {
  sightline_polls_total: {
    type: 'counter',
    labels: { result: '`ok`, or the code of the error (POLL-4)' },
    unit: 'polls',
    help: 'Polls of jobs that came to a result.',
    from: STATS,
  },
  sightline_poll_duration_seconds: {
    type: 'histogram',
    labels: NO_LABELS,
    unit: 'seconds',
    help: 'From asking for a poll to its result.',
    from: STATS,
  },
  sightline_poll_lateness_seconds: {
    type: 'histogram',
    labels: NO_LABELS,
    unit: 'seconds',
    help: 'From when a poll was due to the arrival of its sample at the job.',
    from: STATS,
  },
  sightline_feed_samples_total: {
    type: 'counter',
    labels: NO_LABELS,
    unit: 'samples',
    help: 'Samples that the change feeds of VMAs brought by themselves; no polls (POLL-10).',
    from: STATS,
  },
  sightline_polls_in_flight: {
    type: 'gauge',
    labels: NO_LABELS,
    unit: 'polls',
    help: 'Polls that were asked for and have no result yet.',
    from: 'src/actors/fetch-link.ts',
  },
  sightline_queue_depth: {
    type: 'gauge',
    labels: { queue: '`poll_results`, `database_rows`, `database_calls`, `job_log`' },
    unit: 'entries',
    help: 'What waits: answers not read, rows and ends not written, calls before the database thread, lines of JobLog.',
    from: 'mailbox.ts, write-batcher.ts, db-client.ts, job-log.ts of src/actors',
  },
  sightline_conflations_total: {
    type: 'counter',
    labels: { queue: '`poll_results`, `database_rows`' },
    unit: 'entries',
    help: 'Entries that a newer one of the same job replaced before they were taken.',
    from: 'src/actors/mailbox.ts, src/actors/write-batcher.ts',
  },
  sightline_backward_statuses_total: {
    type: 'counter',
    labels: NO_LABELS,
    unit: 'samples',
    help: 'Statuses that would have pulled a job back and were ignored (STAT-2).',
    from: STATS,
  },
  sightline_unknown_words_total: {
    type: 'counter',
    labels: NO_LABELS,
    unit: 'samples',
    help: 'Samples with a status word that nobody knows (NORM-2). The word is in the log, once.',
    from: STATS,
  },
  sightline_actor_restarts_total: {
    type: 'counter',
    labels: NO_LABELS,
    unit: 'restarts',
    help: 'Job actors that threw and were started again (RECOVER-2).',
    from: STATS,
  },
  sightline_thread_restarts_total: {
    type: 'counter',
    labels: NO_LABELS,
    unit: 'restarts',
    help: 'Fetch threads that died and were started again.',
    from: STATS,
  },
  sightline_threads_down: {
    type: 'gauge',
    labels: NO_LABELS,
    unit: 'threads',
    help: 'Fetch threads that died and are not back yet.',
    from: 'src/actors/fetch-link.ts',
  },
  sightline_discovery_rounds_total: {
    type: 'counter',
    labels: { result: '`ok`, `failed`' },
    unit: 'rounds',
    help: 'Rounds of discovery; failed ones got no answer from the database (POLL-1).',
    from: STATS,
  },
  sightline_ready: {
    type: 'gauge',
    labels: NO_LABELS,
    unit: '1',
    help: '1 while `/readyz` says ready, else 0.',
    from: 'src/actors/readiness.ts',
  },
} satisfies MetricTable

export const LINK_METRICS = {
  sightline_vma_up: {
    type: 'gauge',
    labels: { vma: VMA },
    unit: '1',
    help: '1 while the VMA can be reached, else 0 (POLL-8).',
    from: 'src/actors/circuits.ts',
  },
  sightline_vma_circuit_state: {
    type: 'gauge',
    labels: { vma: VMA, state: '`closed`, `checking`, `open`, `probing`, `stopped`' },
    unit: '1',
    help: '1 for the state that the circuit of the VMA is in, 0 for the others.',
    from: 'src/actors/circuits.ts',
  },
  sightline_vma_circuit_opens_total: {
    type: 'counter',
    labels: { vma: VMA },
    unit: 'times',
    help: 'How often the VMA became unreachable.',
    from: STATS,
  },
  sightline_vma_feed_state: {
    type: 'gauge',
    labels: { vma: VMA, state: '`starting`, `following`, `absent`, `broken`, `off`' },
    unit: '1',
    help: '1 for how the change feed of the VMA stands, 0 for the others (POLL-10). All but following: its jobs are polled.',
    from: 'src/actors/fetch-link.ts',
  },
  sightline_vma_followed_jobs: {
    type: 'gauge',
    labels: { vma: VMA },
    unit: 'jobs',
    help: 'Jobs that are followed through the VMA.',
    from: JOBS,
  },
  sightline_vma_requests_in_flight: {
    type: 'gauge',
    labels: { vma: VMA },
    unit: 'requests',
    help: 'Requests to the VMA that have no answer yet (POLL-9), told by the fetch threads every 5 s.',
    from: 'src/workers/vma-client.ts',
  },
  sightline_vma_requests_waiting: {
    type: 'gauge',
    labels: { vma: VMA },
    unit: 'requests',
    help: 'Requests that wait because as many as allowed are in flight, told by the fetch threads every 5 s.',
    from: 'src/workers/vma-client.ts',
  },
} satisfies MetricTable
