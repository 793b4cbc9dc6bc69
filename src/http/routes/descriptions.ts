/** The service's description of itself (API-5), made once from the routes that it serves. */

import { Type } from 'typebox'
import { asyncApiOf } from '../asyncapi.ts'
import { openApiOf, type ServiceInfo } from '../openapi.ts'
import { takingNoQuery } from '../no-query.ts'
import type { Clock, Route } from '../route.ts'

const OMA_INFO: Omit<ServiceInfo, 'version'> = {
  title: 'Sightline OMA',
  description: 'Live progress of VMware to OSSEA (Apache CloudStack) migrations.',
}

const Description = Type.Object({}, { additionalProperties: true })

/** The routes and two more, which describe all of them. */
export function withDescriptions(routes: readonly Route[], version: string, clock: Clock): readonly Route[] {
  const info = { ...OMA_INFO, version }
  const all: readonly Route[] = [
    ...routes,
    ...takingNoQuery(
      [
        described('/api/v1/openapi.json', 'This API, as OpenAPI 3.1', () => JSON.stringify(openApiOf(all, info))),
        described('/api/v1/asyncapi.json', 'The stream, as AsyncAPI 3', () => JSON.stringify(asyncApiOf(info))),
      ],
      clock,
    ),
  ]
  return all
}

function described(path: string, summary: string, make: () => string): Route {
  let text: string | undefined
  return {
    method: 'GET',
    path,
    summary,
    auth: 'token',
    schemas: { answers: { 200: Description } },
    handler: () => ({ status: 200, body: (text ??= make()) }),
  }
}
