/** The runtime's part of `/metrics` (MET-1): read at the scrape from what is counted anyway. */

import { CIRCUIT_STATES } from '../machines/circuit.ts'
import { POLLING_STATES } from '../machines/polling.ts'
import { POLL_ERROR_CODES } from '../model/errors.ts'
import { FEED_STATES } from '../model/feed-state.ts'
import { WRITE_REASONS } from '../model/throttle.ts'
import { VERDICTS } from '../model/verdict.ts'
import { JOB_STATUSES, isTerminal } from '../model/words.ts'
import type { DATABASE_METRICS } from '../telemetry/metrics/database.ts'
import type { RUNTIME_METRICS } from '../telemetry/metrics/oma.ts'
import type { JOB_METRICS, LINK_METRICS, POLLING_METRICS } from '../telemetry/metrics/polling.ts'
import { oneOfWords, perWord, type Readings, type Sample } from '../telemetry/metrics/table.ts'
import type { CircuitView } from './circuits.ts'
import type { FetchLink } from './fetch-link.ts'
import { fleetOf, type Fleet } from './fleet.ts'
import type { Job } from './job.ts'
import type { Gauges, RuntimeStats } from './stats.ts'
import { WRITTEN_TABLES, type WriteCounts } from './write-counts.ts'

export interface MetricsInput {
  readonly jobs: Iterable<Job>
  readonly circuits: readonly CircuitView[]
  readonly fetch: Pick<FetchLink, 'feeds' | 'requests' | 'threadsDown'>
  readonly stats: RuntimeStats
  readonly gauges: Gauges
  readonly writes: WriteCounts
  readonly isReady: boolean
  /** Calls that wait for the database thread. */
  readonly databaseCalls: number
}

export type RuntimeReadings = Readings<typeof RUNTIME_METRICS>

export function runtimeReadings(input: MetricsInput): RuntimeReadings {
  const fleet = fleetOf(input.jobs)
  return { ...ofJobs(fleet, input.stats), ...ofPolling(fleet, input), ...ofLinks(fleet, input), ...ofDatabase(input) }
}

const ACTIVE_STATUSES = JOB_STATUSES.filter((status) => !isTerminal(status))

function ofJobs(fleet: Fleet, stats: RuntimeStats): Omit<Readings<typeof JOB_METRICS>, 'sightline_job_poll_states'> {
  const ends = [
    ['completed', 'told'],
    ['completed', 'inferred'],
    ['failed', 'told'],
    ['failed', 'contact_timeout'],
  ] as const
  return {
    sightline_active_jobs: perWord('status', ACTIVE_STATUSES, (status) => fleet.statuses.get(status)),
    sightline_job_verdicts: perWord('verdict', VERDICTS, (verdict) => fleet.verdicts.get(verdict)),
    sightline_job_ends_total: ends.map(([status, cause]) => [{ status, cause }, stats.endsOf(status, cause)]),
    sightline_jobs_revived_total: stats.revived,
    sightline_fleet_transferred_bytes: fleet.bytes,
    sightline_fleet_planned_bytes: fleet.totalBytes,
    sightline_fleet_throughput_bytes_per_second: fleet.speedBps,
    sightline_fleet_eta_seconds: fleet.etaSeconds,
    sightline_fleet_eta_unknown_jobs: fleet.withoutEta,
  }
}

type PollingReadings = Readings<typeof POLLING_METRICS> &
  Pick<Readings<typeof JOB_METRICS>, 'sightline_job_poll_states'>

function ofPolling(fleet: Fleet, input: MetricsInput): PollingReadings {
  const { stats, gauges, fetch } = input
  const queues = {
    poll_results: gauges.mailboxDepth,
    database_rows: gauges.writesQueued,
    database_calls: input.databaseCalls,
    job_log: gauges.jobLog.queued,
  }
  const conflations = { poll_results: gauges.conflated, database_rows: gauges.writes.replaced }
  return {
    sightline_job_poll_states: perWord('state', POLLING_STATES, (state) => fleet.pollStates.get(state)),
    sightline_polls_total: perWord('result', ['ok', ...POLL_ERROR_CODES], (result) => stats.pollsOf(result)),
    sightline_poll_duration_seconds: stats.duration,
    sightline_poll_lateness_seconds: stats.latenessSeconds,
    sightline_feed_samples_total: stats.pushed,
    sightline_polls_in_flight: gauges.inFlight,
    sightline_queue_depth: Object.entries(queues).map(([queue, depth]) => [{ queue }, depth]),
    sightline_conflations_total: Object.entries(conflations).map(([queue, count]) => [{ queue }, count]),
    sightline_backward_statuses_total: stats.backward,
    sightline_unknown_words_total: stats.unknownWords,
    sightline_actor_restarts_total: stats.restarts,
    sightline_thread_restarts_total: stats.threadRestarts,
    sightline_threads_down: fetch.threadsDown,
    sightline_discovery_rounds_total: perWord('result', ['ok', 'failed'], (result) => stats.rounds[result]),
    sightline_ready: input.isReady ? 1 : 0,
  }
}

function ofLinks(fleet: Fleet, { circuits, fetch, stats }: MetricsInput): Readings<typeof LINK_METRICS> {
  const { feeds, requests } = fetch
  const perVma = (valueOf: (circuit: CircuitView, vma: number) => number): readonly Sample[] =>
    circuits.map((circuit, vma) => [{ vma: circuit.name }, valueOf(circuit, vma)])
  return {
    sightline_vma_up: perVma(({ isUp }) => (isUp ? 1 : 0)),
    sightline_vma_circuit_state: circuits.flatMap(({ name, state }) =>
      oneOfWords({ vma: name }, CIRCUIT_STATES, state),
    ),
    sightline_vma_circuit_opens_total: perVma(({ name }) => stats.vmaDownsOf(name)),
    sightline_vma_feed_state: circuits.flatMap(({ name }, vma) =>
      oneOfWords({ vma: name }, [...FEED_STATES, 'off'], feeds[vma] ?? 'off'),
    ),
    sightline_vma_followed_jobs: perVma((_, vma) => fleet.ofVma[vma] ?? 0),
    sightline_vma_requests_in_flight: perVma((_, vma) => requests[vma]?.inFlight ?? 0),
    sightline_vma_requests_waiting: perVma((_, vma) => requests[vma]?.waiting ?? 0),
  }
}

function ofDatabase({ gauges, writes }: MetricsInput): Readings<typeof DATABASE_METRICS> {
  const { jobLog } = gauges
  return {
    sightline_db_rows_written_total: WRITTEN_TABLES.flatMap((table) =>
      WRITE_REASONS.map((reason): Sample => [{ table, reason }, writes.rows[table][reason]]),
    ),
    sightline_db_rows_refused_total: gauges.writes.refused,
    sightline_db_rows_given_up_total: gauges.writes.dropped,
    sightline_db_faults_total: gauges.writes.faults,
    sightline_db_degraded: gauges.databaseDegraded ? 1 : 0,
    sightline_db_flush_duration_seconds: writes.flushSeconds,
    sightline_db_flush_rows: writes.flushRows,
    sightline_job_log_rows_total: perWord('result', ['written', 'refused', 'dropped'], (result) => jobLog[result]),
    sightline_job_log_faults_total: jobLog.faults,
  }
}
