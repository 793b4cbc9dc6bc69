/** What both services tell of themselves. */

import { NO_LABELS, type MetricTable } from './table.ts'

export const SHARED_METRICS = {
  sightline_build_info: {
    type: 'gauge',
    labels: { service: '`oma`, `vma`', version: 'of the package', node: 'version of Node' },
    unit: '1',
    help: 'What runs; always 1.',
    from: 'package.json, process.version',
  },
  sightline_event_loop_delay_seconds: {
    type: 'gauge',
    labels: { thread: '`main`; at the OMA also `fetch-0` …, `database`', stat: '`p50`, `p99`, `max`' },
    unit: 'seconds',
    help: 'How late the event loop of a thread was, over its last 10 s.',
    from: 'src/workers/loop-watch.ts in each thread',
  },
  sightline_event_loop_busy_seconds_total: {
    type: 'counter',
    labels: { thread: 'as above' },
    unit: 'seconds',
    help: 'Time in which the event loop of a thread was at work; its rate is the share of one processor.',
    from: 'performance.eventLoopUtilization() in each thread',
  },
  sightline_http_connections: {
    type: 'gauge',
    labels: NO_LABELS,
    unit: 'connections',
    help: 'Open connections of clients, websockets included.',
    from: 'src/http/uws/server.ts',
  },
  sightline_log_lines_total: {
    type: 'counter',
    labels: { level: '`trace` … `fatal`' },
    unit: 'lines',
    help: 'Log lines written.',
    from: 'src/telemetry/log-limit.ts',
  },
  sightline_log_suppressed_total: {
    type: 'counter',
    labels: { level: '`warn`, `error`' },
    unit: 'lines',
    help: 'Log lines left out because the same one had been written often enough in that minute (LOG_REPEAT_LIMIT).',
    from: 'src/telemetry/log-limit.ts',
  },
} satisfies MetricTable
