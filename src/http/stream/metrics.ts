/** The stream's part of `/metrics` (MET-1). */

import type { STREAM_METRICS } from '../../telemetry/metrics/stream.ts'
import type { Readings, Sample } from '../../telemetry/metrics/table.ts'
import type { Format } from './codec.ts'
import type { ServerFrame } from './frames.ts'
import type { StreamStatsJson } from './stats.ts'

/** Total, so that a new type of frame is counted. */
const FRAME_TYPES: Readonly<Record<ServerFrame['type'], true>> = {
  snapshot: true,
  delta: true,
  event: true,
  error: true,
  pong: true,
}
const FORMATS: readonly Format[] = ['json', 'msgpack']

export function streamReadings(stats: StreamStatsJson): Readings<typeof STREAM_METRICS> {
  const sent = new Map(stats.frames.map(({ type, format, count }) => [`${type} ${format}`, count]))
  return {
    sightline_stream_clients: stats.clients,
    sightline_stream_topics: stats.topics,
    sightline_stream_frames_total: Object.keys(FRAME_TYPES).flatMap((type) =>
      FORMATS.map((format): Sample => [{ type, format }, sent.get(`${type} ${format}`) ?? 0]),
    ),
    sightline_stream_collapses_total: stats.collapses,
    sightline_stream_conflated_events_total: stats.conflated_events,
    sightline_stream_closed_total: [
      [{ reason: 'slow' }, stats.slow_closed],
      [{ reason: 'expired' }, stats.expired_closed],
    ],
    sightline_stream_bad_frames_total: stats.bad_frames,
  }
}
