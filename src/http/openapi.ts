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
      securitySchemes: { bearer: BEARER, ...(routes.some(({ orTicket }) => orTicket) ? { ticket: TICKET } : {}) },
      schemas: { Error: ErrorSchema },
    },
  }
}

const BEARER: Json = { type: 'http', scheme: 'bearer', description: 'A token of the settings, or a JWT.' }
const TICKET: Json = { type: 'apiKey', in: 'query', name: 'ticket', description: 'A one-time ticket of the stream.' }

function operation(route: Route): Json {
  const parameters = [...pathParameters(route), ...queryParameters(route.schemas?.query)]
  return {
    operationId: operationId(route),
    summary: route.summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: requestBody(route) }),
    responses: responses(route),
    security: security(route),
  }
}

function isGuarded({ auth, orTicket }: Route): boolean {
  return auth === 'token' || orTicket === true
}

function security(route: Route): readonly Json[] {
  const byToken = isGuarded(route) ? [{ bearer: [route.scope ?? 'read'] }] : []
  return route.orTicket === true ? [...byToken, { ticket: [] }] : byToken
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
  return Object.entries(query.properties)
    .filter(([name]) => name !== TICKET['name'])
    .map(([name, schema]) => ({
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

function responses(route: Route): Json {
  const { schemas, body, path, query } = route
  const all: Record<string, Json> = { default: ERROR }
  if (query !== undefined || paramNames(path).length > 0) all['400'] = ERROR
  if (isGuarded(route)) all['401'] = all['403'] = ERROR
  if (body !== undefined) all['413'] = all['415'] = ERROR
  for (const [status, schema] of Object.entries(schemas?.answers ?? {}))
    all[status] = response(status, schema, status === '200' ? schemas?.mediaType : undefined)
  if ('426' in all) all['101'] = { description: 'The websocket is open' }
  return all
}

const ERROR: Json = {
  description: 'Refused or failed (API-6)',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
}

function response(status: string, schema: TSchema, mediaType = 'application/json'): Json {
  return {
    description: status.startsWith('2') ? 'Done' : 'Refused or failed',
    content: { [mediaType]: { schema } },
  }
}
