/** The dashboard for who runs the services. */

import { dashboardJson, type Panel } from './panels.ts'

const AT = 'instance=~"$instance"'
const RATE = '[$__rate_interval]'

function series(title: string, description: string, unit: string, ...queries: Panel['queries']): Panel {
  return { title, description, kind: 'timeseries', unit, queries }
}

const quantile = (q: number, metric: string): string =>
  `histogram_quantile(${q}, sum by (le) (rate(${metric}_bucket{${AT}}${RATE})))`

const HEAD: readonly Panel[] = [
  {
    ...series('Ready', 'What /readyz says; 0: its reasons stand there.', 'short', {
      expr: `min(sightline_ready{${AT}})`,
      legend: 'ready',
    }),
    kind: 'stat',
    below: true,
    alarm: 1,
    warn: 1,
  },
  {
    ...series('Alerts', 'Alerts of Sightline that fire now (docs/alerts.md).', 'short', {
      expr: `count(ALERTS{alertname=~"Sightline.*", alertstate="firing"}) or vector(0)`,
      legend: 'firing',
    }),
    kind: 'stat',
    warn: 1,
    alarm: 3,
  },
  {
    ...series('Uptime', 'Of the service that was started last.', 's', {
      expr: `min(time() - process_start_time_seconds{${AT}})`,
      legend: 'uptime',
    }),
    kind: 'stat',
  },
  {
    ...series('What runs', 'Versions of the services.', 'short', {
      expr: `sightline_build_info{${AT}}`,
      legend: '{{service}} {{version}}',
    }),
    kind: 'table',
    width: 12,
  },
]

const POLLING: readonly Panel[] = [
  {
    ...series(
      'Polls by result',
      'Polls of jobs a second, by how they ended. VMAs whose feed is followed need few.',
      'reqps',
      { expr: `sum by (result) (rate(sightline_polls_total{${AT}}${RATE}))`, legend: '{{result}}' },
      { expr: `sum(rate(sightline_feed_samples_total{${AT}}${RATE}))`, legend: 'told by feeds' },
    ),
    stacked: true,
  },
  {
    ...series(
      'Lateness of polls',
      'From when a poll was due to its sample’s arrival at the job.',
      's',
      { expr: quantile(0.5, 'sightline_poll_lateness_seconds'), legend: 'p50' },
      { expr: quantile(0.99, 'sightline_poll_lateness_seconds'), legend: 'p99' },
    ),
    warn: 1,
    alarm: 2,
  },
  series(
    'Duration of polls',
    'From asking to the result.',
    's',
    { expr: quantile(0.5, 'sightline_poll_duration_seconds'), legend: 'p50' },
    { expr: quantile(0.99, 'sightline_poll_duration_seconds'), legend: 'p99' },
  ),
  series(
    'In flight',
    'Polls asked for, and requests to VMAs: those that wait wait for the limit of POLL-9.',
    'short',
    { expr: `sum(sightline_polls_in_flight{${AT}})`, legend: 'polls' },
    { expr: `sum(sightline_vma_requests_in_flight{${AT}})`, legend: 'requests' },
    { expr: `sum(sightline_vma_requests_waiting{${AT}})`, legend: 'requests that wait' },
  ),
  {
    ...series('How jobs are polled', 'States of the polling machine.', 'short', {
      expr: `sum by (state) (sightline_job_poll_states{${AT}})`,
      legend: '{{state}}',
    }),
    stacked: true,
  },
  series(
    'Oddities',
    'Statuses that would have gone backward, words that nobody knows, entries replaced by newer ones.',
    'cps',
    { expr: `sum(rate(sightline_backward_statuses_total{${AT}}${RATE}))`, legend: 'backward' },
    { expr: `sum(rate(sightline_unknown_words_total{${AT}}${RATE}))`, legend: 'unknown words' },
    { expr: `sum by (queue) (rate(sightline_conflations_total{${AT}}${RATE}))`, legend: 'conflated: {{queue}}' },
  ),
]

const VMAS: readonly Panel[] = [
  series('Circuits', '1 for the state that each VMA’s circuit is in.', 'short', {
    expr: `sum by (vma, state) (sightline_vma_circuit_state{${AT}, state=~"open|checking|probing"})`,
    legend: '{{vma}} {{state}}',
  }),
  series('Change feeds', 'VMAs by how their feed stands; all but following are polled job by job.', 'short', {
    expr: `sum by (state) (sightline_vma_feed_state{${AT}})`,
    legend: '{{state}}',
  }),
  {
    ...series('Updates to VMAs', 'What migratekit sends, by what became of it.', 'reqps', {
      expr: `sum by (result) (rate(sightline_vma_updates_total${RATE}))`,
      legend: '{{result}}',
    }),
    stacked: true,
  },
  series(
    'VMA service',
    'Jobs in memory, and followers of the change feed that wait.',
    'short',
    { expr: 'sum by (instance) (sightline_vma_known_jobs)', legend: 'jobs {{instance}}' },
    { expr: 'sum by (instance) (sightline_vma_waiting_polls)', legend: 'waiting {{instance}}' },
  ),
]

const DATABASE: readonly Panel[] = [
  {
    ...series('Rows written', 'By why they were due (THR-1).', 'wps', {
      expr: `sum by (reason) (rate(sightline_db_rows_written_total{${AT}, table="replication_jobs"}${RATE}))`,
      legend: '{{reason}}',
    }),
    stacked: true,
  },
  {
    ...series(
      'Duration of a flush',
      'All due rows and ends in one go (DB-1).',
      's',
      { expr: quantile(0.5, 'sightline_db_flush_duration_seconds'), legend: 'p50' },
      { expr: quantile(0.99, 'sightline_db_flush_duration_seconds'), legend: 'p99' },
    ),
    warn: 1,
    alarm: 2,
  },
  series('Queues', 'What waits; database_rows grows while the database is away.', 'short', {
    expr: `sum by (queue) (sightline_queue_depth{${AT}})`,
    legend: '{{queue}}',
  }),
  series(
    'Trouble with the database',
    'Faults are tried again; rows given up are not.',
    'cps',
    { expr: `sum(rate(sightline_db_faults_total{${AT}}${RATE}))`, legend: 'faults' },
    { expr: `sum(rate(sightline_db_rows_refused_total{${AT}}${RATE}))`, legend: 'refused' },
    { expr: `sum(rate(sightline_db_rows_given_up_total{${AT}}${RATE}))`, legend: 'given up' },
    { expr: `sum(rate(sightline_job_log_rows_total{${AT}, result="dropped"}${RATE}))`, legend: 'JobLog dropped' },
  ),
]

const STREAM: readonly Panel[] = [
  series(
    'Clients',
    'Of the stream, and all connections.',
    'short',
    { expr: `sum(sightline_stream_clients{${AT}})`, legend: 'stream' },
    { expr: `sum(sightline_http_connections{${AT}})`, legend: 'connections' },
  ),
  {
    ...series('Frames', 'Sent to clients, by type and format.', 'cps', {
      expr: `sum by (type, format) (rate(sightline_stream_frames_total{${AT}}${RATE}))`,
      legend: '{{type}} {{format}}',
    }),
    stacked: true,
  },
  series(
    'Slow clients',
    'Deltas that collapsed to newest states, and clients that were closed.',
    'cps',
    { expr: `sum(rate(sightline_stream_collapses_total{${AT}}${RATE}))`, legend: 'collapses' },
    { expr: `sum by (reason) (rate(sightline_stream_closed_total{${AT}}${RATE}))`, legend: 'closed: {{reason}}' },
  ),
]

const PROCESS: readonly Panel[] = [
  {
    ...series('Delay of event loops', 'By thread, 99 of 100 turns within 10 s.', 's', {
      expr: `max by (instance, thread) (sightline_event_loop_delay_seconds{${AT}, stat="p99"})`,
      legend: '{{instance}} {{thread}}',
    }),
    warn: 0.1,
    alarm: 0.5,
  },
  {
    ...series('Load of threads', 'Share of one processor that each thread’s event loop is at work.', 'percentunit', {
      expr: `sum by (instance, thread) (rate(sightline_event_loop_busy_seconds_total{${AT}}${RATE}))`,
      legend: '{{instance}} {{thread}}',
    }),
    warn: 0.7,
    alarm: 0.9,
  },
  series(
    'Memory',
    'Resident, and the heap of the main thread.',
    'bytes',
    { expr: `sum by (instance) (process_resident_memory_bytes{${AT}})`, legend: '{{instance}} resident' },
    { expr: `sum by (instance) (nodejs_heap_size_used_bytes{${AT}})`, legend: '{{instance}} heap' },
  ),
  series('CPU', 'Processors in use.', 'short', {
    expr: `sum by (instance) (rate(process_cpu_seconds_total{${AT}}${RATE}))`,
    legend: '{{instance}}',
  }),
  series(
    'Restarts',
    'Of job actors, of fetch threads and of the services, within 10 minutes.',
    'short',
    { expr: `sum(increase(sightline_actor_restarts_total{${AT}}[10m]))`, legend: 'actors' },
    { expr: `sum(increase(sightline_thread_restarts_total{${AT}}[10m]))`, legend: 'threads' },
    { expr: `sum by (instance) (changes(process_start_time_seconds{${AT}}[10m]))`, legend: '{{instance}}' },
  ),
  series(
    'Log lines',
    'By level; suppressed ones repeated themselves.',
    'cps',
    { expr: `sum by (level) (rate(sightline_log_lines_total{${AT}}${RATE}))`, legend: '{{level}}' },
    { expr: `sum by (level) (rate(sightline_log_suppressed_total{${AT}}${RATE}))`, legend: '{{level}} suppressed' },
  ),
]

const wide = (panels: readonly Panel[]): readonly Panel[] => panels.map((panel) => ({ width: 8, ...panel }))

export function serviceDashboard(): string {
  return dashboardJson({
    uid: 'sightline-service',
    title: 'Sightline: service',
    description: 'How the services themselves do: polls, VMAs, database, stream, threads. The jobs: Sightline: fleet.',
    variables: [{ name: 'instance', label: 'Service', query: 'label_values(sightline_build_info, instance)' }],
    rows: [
      { title: 'Now', height: 4, panels: HEAD.map((panel) => ({ width: 4, ...panel })) },
      { title: 'Polling', height: 8, panels: wide(POLLING) },
      { title: 'VMAs', height: 8, panels: VMAS },
      { title: 'Database', height: 8, panels: DATABASE },
      { title: 'Stream', height: 8, panels: STREAM },
      { title: 'Process', height: 8, panels: wide(PROCESS) },
    ],
  })
}
