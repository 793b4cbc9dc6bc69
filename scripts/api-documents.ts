/** docs/openapi-*.json and docs/asyncapi.json: the services' descriptions of themselves, from their routes tables. */

import { openApiOf } from '../src/http/openapi.ts'
import { omaRoutes } from '../src/http/oma-routes.ts'
import { HttpRequest, type Route } from '../src/http/route.ts'
import { changesRoute } from '../src/http/routes/changes.ts'
import { metricsRoute } from '../src/http/routes/metrics.ts'
import { withDescriptions } from '../src/http/routes/descriptions.ts'
import { streamRoutes } from '../src/http/stream/routes.ts'
import { vmaRoutes } from '../src/http/vma-routes.ts'
import { packageVersion } from '../src/version.ts'

/** What handlers are given; only the tables are looked at here. */
const UNUSED = {} as never
const CLOCK = { now: () => 0 }

/** Every route of the OMA, as src/compose-oma.ts serves them. */
function omaTable(): readonly Route[] {
  const rest = omaRoutes({
    live: UNUSED,
    histories: UNUSED,
    logs: UNUSED,
    store: UNUSED,
    polling: UNUSED,
    ready: UNUSED,
    metrics: { source: UNUSED, auth: 'token' },
    levels: UNUSED,
    clock: CLOCK,
    onFault: UNUSED,
  })
  const stream = streamRoutes({ hub: UNUSED, gate: UNUSED, tickets: UNUSED, now: CLOCK.now, newTicket: UNUSED })
  return withDescriptions([...rest, ...stream], packageVersion(), CLOCK)
}

function served(path: string): string {
  const route = omaTable().find((each) => each.path === path)
  const answer = route?.handler(new HttpRequest(route, { names: [], values: [] }, {}, ''))
  if (answer === undefined || answer instanceof Promise || typeof answer.body !== 'string')
    throw new Error(`no ${path}`)
  return pretty(JSON.parse(answer.body))
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`
}

export function omaOpenApi(): string {
  return served('/api/v1/openapi.json')
}

export function omaAsyncApi(): string {
  return served('/api/v1/asyncapi.json')
}

export function vmaOpenApi(): string {
  const changes = changesRoute({ changes: UNUSED, polls: UNUSED, clock: CLOCK, auth: 'token' })
  const routes = [...vmaRoutes({ intake: UNUSED, clock: CLOCK, auth: 'token' }), changes, metricsRoute(UNUSED, 'token')]
  const description = 'Takes migratekit’s progress updates and serves them.'
  return pretty(openApiOf(routes, { title: 'Sightline VMA', description, version: packageVersion() }))
}
