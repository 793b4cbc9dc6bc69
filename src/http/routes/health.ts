/** Health (API-5): open to whoever reaches the port. */

import { HealthSchema, ReadinessSchema } from '../../model/wire/service.ts'
import type { LiveJobs, ReadinessJson } from '../ports.ts'
import type { Route } from '../route.ts'

export interface HealthRoutesOptions {
  readonly live: Pick<LiveJobs, 'count'>
  readonly ready: () => ReadinessJson
}

export function healthRoutes({ live, ready }: HealthRoutesOptions): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/healthz',
      summary: 'Alive',
      auth: 'none',
      schemas: { answers: { 200: HealthSchema } },
      handler: () => ({ status: 200, body: { status: 'ok', service: 'oma', active_jobs: live.count } }),
    },
    {
      method: 'GET',
      path: '/readyz',
      summary: 'Able to work: database, VMAs, workers',
      auth: 'none',
      schemas: { answers: { 200: ReadinessSchema, 503: ReadinessSchema } },
      handler: () => {
        const body = ready()
        return { status: body.status === 'ready' ? 200 : 503, body }
      },
    },
  ]
}
