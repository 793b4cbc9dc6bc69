/** `/metrics` of both services put together (MET-1): who tells which part. */

import type { Settings } from '../config/schema.ts'
import type { DatabaseClient } from './actors/db-client.ts'
import type { Runtime } from './actors/runtime.ts'
import { isLoopback } from './http/auth.ts'
import type { LongPolls } from './http/long-polls.ts'
import type { OmaRoutesOptions } from './http/oma-routes.ts'
import type { Route } from './http/route.ts'
import type { Hub } from './http/stream/hub.ts'
import { streamReadings } from './http/stream/metrics.ts'
import type { LogLimit } from './telemetry/log-limit.ts'
import type { ServiceLog } from './telemetry/log.ts'
import { OMA_METRICS } from './telemetry/metrics/oma.ts'
import { ServiceMetrics } from './telemetry/metrics/service-metrics.ts'
import { sharedReadings } from './telemetry/metrics/shared-readings.ts'
import { VMA_METRICS } from './telemetry/metrics/vma.ts'
import { packageVersion } from './version.ts'
import { vmaReadings } from './vma/metrics.ts'
import type { RunStore } from './vma/store.ts'
import { LoopWatch } from './workers/loop-watch.ts'

export interface OmaTelemetryOptions {
  readonly settings: Settings
  readonly runtime: Runtime
  readonly database: DatabaseClient
  readonly hub: Hub
  readonly serviceLog: ServiceLog
}

export interface OmaTelemetry {
  readonly routes: Pick<OmaRoutesOptions, 'metrics' | 'levels'>
  /** Open connections; none before the service listens. */
  connections: () => number
  close(): void
}

export function omaTelemetry({ settings, runtime, database, hub, serviceLog }: OmaTelemetryOptions): OmaTelemetry {
  const loop = new LoopWatch()
  const source = new ServiceMetrics(OMA_METRICS, () => ({
    ...sharedReadings({
      service: 'oma',
      version: packageVersion(),
      threads: new Map([
        ['main', loop.read()],
        ...runtime.threads.map((figures, thread) => [`fetch-${thread}`, figures] as const),
        ['database', database.thread],
      ]),
      connections: telemetry.connections(),
      lines: serviceLog.limit,
    }),
    ...runtime.metrics(database.waiting),
    ...streamReadings(hub.read()),
  }))
  const telemetry: OmaTelemetry = {
    routes: {
      metrics: { source, auth: metricsAuth(settings.metricsAuth, settings.omaHttpHost) },
      levels: serviceLog.levels,
    },
    connections: () => 0,
    close: () => {
      loop.close()
      serviceLog.levels.close()
    },
  }
  return telemetry
}

export interface VmaMetricsOptions {
  readonly store: RunStore
  readonly polls: Pick<LongPolls, 'waiting'>
  readonly loop: LoopWatch
  readonly limit: LogLimit
  readonly connections: () => number
}

export function vmaMetrics(options: VmaMetricsOptions): ServiceMetrics<typeof VMA_METRICS> {
  const { store, polls, loop, limit, connections } = options
  return new ServiceMetrics(VMA_METRICS, () => ({
    ...sharedReadings({
      service: 'vma',
      version: packageVersion(),
      threads: new Map([['main', loop.read()]]),
      connections: connections(),
      lines: limit,
    }),
    ...vmaReadings(store, polls.waiting),
  }))
}

/** MET-2. */
export function metricsAuth(who: Settings['metricsAuth'], host: string): Route['auth'] {
  if (who === 'auto') return isLoopback(host) ? 'none' : 'token'
  return who === 'open' ? 'none' : 'token'
}
