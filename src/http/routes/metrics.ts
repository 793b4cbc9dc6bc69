/** `/metrics` (MET-1), for Prometheus. */

import { Type } from 'typebox'
import { oneAtATime } from '../one-at-a-time.ts'
import type { Route } from '../route.ts'

export interface MetricsSource {
  readonly contentType: string
  scrape(): Promise<string>
}

/** Its query is let alone, as that of the probes is: a scraper that may not ask sees nothing. */
export function metricsRoute(metrics: MetricsSource, auth: Route['auth']): Route {
  return {
    method: 'GET',
    path: '/metrics',
    summary: 'Metrics in the text format of Prometheus',
    auth,
    schemas: {
      answers: { 200: Type.String({ description: 'docs/telemetry.md tells each of them' }) },
      mediaType: 'text/plain',
    },
    // It is open to whoever reaches the port, and goes through all jobs: those who ask together are answered together.
    handler: oneAtATime(async () => ({
      status: 200,
      body: await metrics.scrape(),
      contentType: metrics.contentType,
    })),
  }
}
