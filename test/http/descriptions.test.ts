import t, { type Test } from 'tap'
import { omaAsyncApi, omaOpenApi, vmaOpenApi } from '../../scripts/api-documents.ts'
import { lintAsyncApi, lintOpenApi, operationsOf, type OpenApi } from '../support/api-lint.ts'

type Json = Record<string, unknown>

/** The document with a value at a place, or without what is there. */
function planted(text: string, place: readonly string[], value?: unknown): object {
  const document = JSON.parse(text) as Json
  const parent = place.slice(0, -1).reduce((at, key) => at[key] as Json, document)
  const last = place.at(-1) ?? ''
  if (value === undefined) delete parent[last]
  else parent[last] = value
  return document
}

function tells(t: Test, findings: readonly string[], told: RegExp): void {
  t.ok(
    findings.some((finding) => told.test(finding)),
    `${told}: ${findings.join('; ')}`,
  )
}

for (const [name, text] of [
  ['OMA', omaOpenApi()],
  ['VMA', vmaOpenApi()],
] as const) {
  t.test(
    `[API-5] ${name}: the description is OpenAPI 3.1, and each operation tells all that a reader needs`,
    async (t) => {
      const document = JSON.parse(text) as OpenApi
      t.match(document.openapi, /^3\.1/)
      t.ok(operationsOf(document).length > 3)
      t.same(await lintOpenApi(document), [])
    },
  )
}

t.test('[API-5] faults planted in a description of the REST are found', async (t) => {
  const one = ['paths', '/api/v1/progress/{jobId}', 'get']
  const ok = [...one, 'responses', '200']
  for (const [told, place, value] of [
    [/not OpenAPI 3\.1/, ['info', 'title']],
    [/not OpenAPI 3\.1/, [...one, 'responses', 'teapot'], {}],
    [/has no schema for 200/, [...ok, 'content', 'application/json'], {}],
    [/is none: .*type/, [...ok, 'content', 'application/json', 'schema', 'type'], 'objekt'],
    [/is none: .*unknown keyword/, [...ok, 'content', 'application/json', 'schema', 'propertys'], {}],
    [/^getProgress is the id of two operations/, [...one, 'operationId'], 'getProgress'],
    [/has no operationId/, [...one, 'operationId']],
    [/has no summary/, [...one, 'summary']],
    [/has the names jobId in its path and tells of $/, [...one, 'parameters']],
    [/tells of no success/, ok],
    [/tells nothing of 400/, [...one, 'responses', '400']],
    [/tells nothing of 401/, [...one, 'responses', '401']],
    [/does not say whom it is open to/, [...one, 'security']],
    [/names bearing, which is no security scheme/, [...one, 'security'], [{ bearing: [] }]],
    [/#\/components\/schemas\/Error leads nowhere/, ['components', 'schemas', 'Error']],
  ] as const)
    tells(t, await lintOpenApi(planted(omaOpenApi(), place, value) as OpenApi), told)
})

t.test('[API-5, SEC-1] what needs a token says so, and orders need their scope', async (t) => {
  const { paths } = JSON.parse(omaOpenApi()) as OpenApi
  t.same(paths['/healthz']?.['get']?.security, [])
  t.same(paths['/api/v1/progress']?.['get']?.security, [{ bearer: ['read'] }])
  t.same(paths['/api/v1/stream/sse']?.['get']?.security, [{ bearer: ['read'] }, { ticket: [] }])
  t.same(paths['/api/test/start-polling/{jobId}']?.['post']?.security, [{ bearer: ['operate'] }])
  for (const path of ['/api/v1/vm-contexts', '/api/v1/progress/{jobId}/history', '/api/v1/openapi.json'])
    t.ok(paths[path], path)
})

t.test('[API-5, WS-1] the stream is AsyncAPI 3, with every frame, both ways', async (t) => {
  const document = JSON.parse(omaAsyncApi()) as { asyncapi: string; components: { messages: Json } } & Json
  t.match(document.asyncapi, /^3\./)
  t.same(Object.keys(document.components.messages).toSorted(), [
    'delta',
    'error',
    'event',
    'ping',
    'pong',
    'snapshot',
    'subscribe',
    'unsubscribe',
  ])
  t.same(lintAsyncApi(document), [])
})

t.test('[API-5] faults planted in the description of the stream are found', async (t) => {
  for (const [told, place, value] of [
    [/^\/info must have required property 'version'/, ['info', 'version']],
    [/^\/operations\/sendToClient\/action must be/, ['operations', 'sendToClient', 'action'], 'shout'],
    [/^\/channels\/stream must NOT have additional properties/, ['channels', 'stream', 'adress'], '/'],
    [/^\/components\/messages\/ping\/payload\/type/, ['components', 'messages', 'ping', 'payload', 'type'], 'objekt'],
    [/#\/components\/messages\/pong leads nowhere/, ['components', 'messages', 'pong']],
  ] as const)
    tells(t, lintAsyncApi(planted(omaAsyncApi(), place, value)), told)
})
