/** The OMA's stream (WS-1 … WS-5). */

import { NO_LABELS, type MetricTable } from './table.ts'

const STREAM = 'src/http/stream/stats.ts'

export const STREAM_METRICS = {
  sightline_stream_clients: {
    type: 'gauge',
    labels: NO_LABELS,
    unit: 'clients',
    help: 'Clients of the stream, by websocket or server-sent events.',
    from: STREAM,
  },
  sightline_stream_topics: {
    type: 'gauge',
    labels: NO_LABELS,
    unit: 'topics',
    help: 'Topics that somebody follows, or left a short time ago.',
    from: STREAM,
  },
  sightline_stream_frames_total: {
    type: 'counter',
    labels: { type: '`snapshot`, `delta`, `event`, `error`, `pong`', format: '`json`, `msgpack`' },
    unit: 'frames',
    help: 'Frames sent to clients.',
    from: STREAM,
  },
  sightline_stream_collapses_total: {
    type: 'counter',
    labels: NO_LABELS,
    unit: 'times',
    help: 'How often a client fell behind in a topic and its deltas collapsed to the newest states (WS-4).',
    from: STREAM,
  },
  sightline_stream_conflated_events_total: {
    type: 'counter',
    labels: NO_LABELS,
    unit: 'events',
    help: 'Events, no ends, that clients which were behind did not get.',
    from: STREAM,
  },
  sightline_stream_closed_total: {
    type: 'counter',
    labels: { reason: '`slow` (4408), `expired` (4401)' },
    unit: 'clients',
    help: 'Clients that were closed.',
    from: STREAM,
  },
  sightline_stream_bad_frames_total: {
    type: 'counter',
    labels: NO_LABELS,
    unit: 'frames',
    help: 'Frames of clients that were none.',
    from: STREAM,
  },
} satisfies MetricTable
