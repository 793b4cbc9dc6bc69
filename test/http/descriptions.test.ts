import t from 'tap'
import { Compile } from 'typebox/compile'
import type { TSchema } from 'typebox'
import { omaAsyncApi, omaOpenApi, vmaOpenApi } from '../../scripts/api-documents.ts'

type Json = Record<string, unknown>
interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: TSchema }[]
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: TSchema }> }>
  readonly security: readonly object[]
}
interface OpenApi {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
}

function operationsOf({ paths }: OpenApi): readonly (readonly [string, Operation])[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  )
}

for (const [name, text] of [
  ['OMA', omaOpenApi()],
  ['VMA', vmaOpenApi()],
] as const) {
  t.test(`[API-5] ${name}: every path is described, and every answer has a schema that can be checked`, async (t) => {
    const document = JSON.parse(text) as OpenApi
    t.match(document.openapi, /^3\.1/)
    const all = operationsOf(document)
    t.equal(new Set(all.map(([, { operationId }]) => operationId)).size, all.length, 'ids are unique')
    for (const [what, { summary, parameters = [], responses }] of all) {
      t.ok(summary, what)
      const named = [...what.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
      t.same(
        parameters.filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name),
        named,
        `${what}: the names of its path`,
      )
      for (const [status, { content }] of Object.entries(responses)) {
        const schema = content?.['application/json']?.schema
        t.ok(schema, `${what}: ${status}`)
        if (schema !== undefined && !('$ref' in schema)) t.doesNotThrow(() => void Compile(schema))
      }
    }
  })
}

t.test('[API-5, SEC-1] what needs a token says so, and orders need their scope', async (t) => {
  const { paths } = JSON.parse(omaOpenApi()) as OpenApi
  t.same(paths['/healthz']?.['get']?.security, [])
  t.same(paths['/api/v1/progress']?.['get']?.security, [{ bearer: ['read'] }])
  t.same(paths['/api/test/start-polling/{jobId}']?.['post']?.security, [{ bearer: ['operate'] }])
  for (const path of ['/api/v1/vm-contexts', '/api/v1/progress/{jobId}/history', '/api/v1/openapi.json'])
    t.ok(paths[path], path)
})

t.test('[API-5, WS-1] the stream: every frame, both ways, and no reference that leads nowhere', async (t) => {
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
  const found = (pointer: string): unknown =>
    pointer
      .slice(2)
      .split('/')
      .reduce<unknown>((at, key) => (at as Json | undefined)?.[key], document)
  for (const [, pointer = ''] of JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)) t.ok(found(pointer), pointer)
})
