/** Paths that take no query parameters, and say so instead of ignoring one (API-2). */

import { invalidQuery } from './answers.ts'
import type { Clock, Route } from './route.ts'
import { StrictQuery } from './strict-query.ts'

/** Refuses every parameter, before the handler and after the bearer is known. Routes that read their query stay as they are. */
export function takingNoQuery(routes: readonly Route[], clock: Clock): readonly Route[] {
  return routes.map((route) => {
    if (route.query !== undefined) return route
    const handler: Route['handler'] = (request) => {
      const { faults } = new StrictQuery(request.query, [])
      return faults.length > 0 ? invalidQuery(faults, clock.now()) : route.handler(request)
    }
    return { ...route, query: true, handler }
  })
}
