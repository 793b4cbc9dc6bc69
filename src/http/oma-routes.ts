/** The OMA's REST, put together from its resources (API-1 … API-5). Paths and fields are contracts. */

import type { ContextStore, JobStore } from '../db/ports.ts'
import type { JobHistories, JobLogs, LiveJobs, PollingControl, ReadinessJson } from './ports.ts'
import { takingNoQuery } from './no-query.ts'
import type { LogLevels } from '../telemetry/log-levels.ts'
import type { Clock, Route } from './route.ts'
import { logLevelRoutes } from './routes/log-level.ts'
import { healthRoutes } from './routes/health.ts'
import { metricsRoute, type MetricsSource } from './routes/metrics.ts'
import { historyRoutes } from './routes/history.ts'
import { logRoutes } from './routes/log.ts'
import { pollingRoutes } from './routes/polling.ts'
import { progressRoutes } from './routes/progress.ts'
import { contextRoutes } from './routes/vm-contexts.ts'

export interface OmaRoutesOptions {
  readonly live: LiveJobs
  readonly histories: JobHistories
  readonly logs: JobLogs
  readonly store: ContextStore & Pick<JobStore, 'targets'>
  readonly polling: PollingControl
  readonly ready: () => ReadinessJson
  readonly metrics: { readonly source: MetricsSource; readonly auth: Route['auth'] }
  readonly levels: Pick<LogLevels, 'view' | 'set'>
  readonly clock: Clock
  /** Told of a database that did not answer. */
  readonly onFault: (what: string, cause: unknown) => void
}

export function omaRoutes(options: OmaRoutesOptions): readonly Route[] {
  const { live, store, polling, ready, metrics, levels, clock, onFault } = options
  return [
    // Probes are let alone: one that failed for a parameter would have the service restarted.
    ...healthRoutes({ live, ready }),
    metricsRoute(metrics.source, metrics.auth),
    ...takingNoQuery(
      [
        ...progressRoutes({ live, clock }),
        ...historyRoutes({ histories: options.histories, clock, onFault }),
        ...logRoutes({ logs: options.logs, clock, onFault }),
        ...contextRoutes({ live, contexts: store, clock, onFault }),
        ...pollingRoutes({ polling, store, clock, onFault }),
        ...logLevelRoutes({ levels, clock }),
      ],
      clock,
    ),
  ]
}
