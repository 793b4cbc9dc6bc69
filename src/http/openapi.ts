/** OpenAPI 3.1 out of a routes table: the schemas that validate requests and answers are the ones that are told (API-5). */

import type { TObject, TSchema } from 'typebox'
import { ErrorSchema } from '../model/wire/answers.ts'
import type { Route } from './route.ts'
import { paramNames } from './table.ts'

export interface ServiceInfo {
  readonly title: string
  readonly description: string
  readonly version: string
}

type Json = Readonly<Record<string, unknown>>

/** The whole document, ready to be sent as JSON. */
export function openApiOf(routes: readonly Route[], info: ServiceInfo): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const path = (paths[route.path] ??= {})
    path[route.method.toLowerCase()] = operation(route)
  }
  return {
    openapi: '3.1.0',
    info,
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A token of the settings, or a JWT.' },
      },
      schemas: { Error: ErrorSchema },
    },
  }
}

function operation(route: Route): Json {
  const parameters = [...pathParameters(route), ...queryParameters(route.schemas?.query)]
  return {
    operationId: operationId(route),
    summary: route.summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: requestBody(route) }),
    responses: responses(route),
    security: route.auth === 'token' ? [{ bearer: [route.scope ?? 'read'] }] : [],
  }
}

/** `GET /api/v1/progress/{jobId}/history` → `getProgressJobIdHistory`. */
function operationId({ method, path }: Route): string {
  const words = path
    .replace(/^\/api\/(v1\/)?/, '')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
  return method.toLowerCase() + words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('')
}

function pathParameters({ path }: Route): readonly Json[] {
  return paramNames(path).map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  }))
}

function queryParameters(query: TObject | undefined): readonly Json[] {
  if (query === undefined) return []
  const required = new Set<string>(query.required ?? [])
  return Object.entries(query.properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.has(name),
    schema,
  }))
}

function requestBody({ body, schemas }: Route): Json {
  const schema = schemas?.body ?? {}
  const content = Object.fromEntries((body?.contentTypes ?? []).map((type) => [type, { schema }]))
  return { required: true, content }
}

function responses({ schemas, auth, body }: Route): Json {
  const all: Record<string, Json> = { default: ERROR }
  const refusals = [...(auth === 'token' ? ['401', '403'] : []), ...(body === undefined ? [] : ['413', '415'])]
  for (const status of refusals) all[status] = ERROR
  for (const [status, schema] of Object.entries(schemas?.answers ?? {})) all[status] = response(status, schema)
  return all
}

const ERROR: Json = {
  description: 'Refused or failed (API-6)',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
}

function response(status: string, schema: TSchema): Json {
  return {
    description: status.startsWith('2') ? 'Done' : 'Refused or failed',
    content: { 'application/json': { schema } },
  }
}
