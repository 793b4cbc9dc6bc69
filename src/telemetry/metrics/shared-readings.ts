/** Readings of what both services tell. */

import { LOG_LEVEL_NAMES, type LogLimit } from '../log-limit.ts'
import type { SHARED_METRICS } from './shared.ts'
import { perWord, type Readings, type Sample } from './table.ts'

/** Seconds. */
interface LoopFigures {
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly busySeconds: number
}

export interface SharedInput {
  readonly service: 'oma' | 'vma'
  readonly version: string
  /** By name; undefined: it has not told yet. */
  readonly threads: ReadonlyMap<string, LoopFigures | undefined>
  readonly connections: number
  readonly lines: Pick<LogLimit, 'written' | 'suppressed'>
}

export function sharedReadings(input: SharedInput): Readings<typeof SHARED_METRICS> {
  const { service, version, threads, connections, lines } = input
  const known = [...threads].flatMap(([thread, figures]) => (figures === undefined ? [] : [{ thread, ...figures }]))
  return {
    sightline_build_info: [[{ service, version, node: process.version }, 1]],
    sightline_event_loop_delay_seconds: known.flatMap(({ thread, p50, p99, max }): readonly Sample[] => [
      [{ thread, stat: 'p50' }, p50],
      [{ thread, stat: 'p99' }, p99],
      [{ thread, stat: 'max' }, max],
    ]),
    sightline_event_loop_busy_seconds_total: known.map(({ thread, busySeconds }) => [{ thread }, busySeconds]),
    sightline_http_connections: connections,
    sightline_log_lines_total: perWord('level', LOG_LEVEL_NAMES, (level) => lines.written[level]),
    sightline_log_suppressed_total: perWord('level', ['warn', 'error'], (level) => lines.suppressed[level]),
  }
}
