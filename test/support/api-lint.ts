/**
 * What is wrong with a description of an API: against the official schemas of OpenAPI 3.1 and AsyncAPI 3, and against what
 * a reader needs beyond them. Findings are sentences; none is good.
 */

import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

type Json = Readonly<Record<string, unknown>>

interface Parameter {
  readonly name: string
  readonly in: string
  readonly schema?: object
}

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: Body
  readonly responses?: Readonly<Record<string, Body>>
  readonly security?: readonly Readonly<Record<string, unknown>>[]
}

interface Body {
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>
}

export interface OpenApi {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly securitySchemes?: Json; readonly schemas?: Readonly<Record<string, object>> }
}

/** `GET /path` and its operation. */
export function operationsOf({ paths }: OpenApi): readonly (readonly [string, Operation])[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
  )
}

const validator = new Validator()

export async function lintOpenApi(document: OpenApi): Promise<readonly string[]> {
  const { valid, errors } = await validator.validate({ ...structuredClone(document) })
  const findings = valid ? [] : [`not OpenAPI 3.1: ${JSON.stringify(errors)}`]
  const operations = operationsOf(document)
  const ids = operations.map(([, { operationId }]) => operationId)
  findings.push(...ids.filter((id, i) => ids.indexOf(id) < i).map((id) => `${id} is the id of two operations`))
  for (const [what, operation] of operations)
    for (const fault of operationFaults(what, operation, document)) findings.push(`${what} ${fault}`)
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {}))
    findings.push(...schemaFaults(name, schema))
  return [...findings, ...lostReferences(document)]
}

function* operationFaults(what: string, operation: Operation, document: OpenApi): Iterable<string> {
  const { operationId, summary, parameters = [], requestBody, responses = {}, security } = operation
  const named = Array.from(what.matchAll(/\{(\w+)\}/g), (match) => match[1])
  const told = parameters.filter((each) => each.in === 'path').map(({ name }) => name)
  if (operationId === undefined) yield 'has no operationId'
  if (summary === undefined || summary === '') yield 'has no summary'
  if (String(named) !== String(told)) yield `has the names ${named.join()} in its path and tells of ${told.join()}`
  const statuses = Object.keys(responses)
  if (!statuses.some((status) => /^(2|101)/.test(status))) yield 'tells of no success'
  if (security === undefined) yield 'does not say whom it is open to'
  for (const name of security?.flatMap((each) => Object.keys(each)) ?? [])
    if (document.components?.securitySchemes?.[name] === undefined) yield `names ${name}, which is no security scheme`
  const refusals = [...(security?.length ? ['401', '403'] : []), ...(parameters.length > 0 ? ['400'] : [])]
  for (const status of requestBody === undefined ? refusals : [...refusals, '413', '415'])
    if (!statuses.includes(status)) yield `tells nothing of ${status}`
  for (const { name, schema } of parameters) yield* schemaFaults(name, schema)
  if (requestBody !== undefined) yield* bodyFaults('the body', requestBody)
  for (const [status, body] of Object.entries(responses)) if (status !== '101') yield* bodyFaults(status, body)
}

function* bodyFaults(where: string, { content }: Body): Iterable<string> {
  const [media] = Object.values(content ?? {})
  yield* schemaFaults(where, media?.schema)
}

const ajv = new Ajv2020({ strict: true, strictTypes: false })
formats.default(ajv)

/** OpenAPI's own schema leaves schemas within to JSON Schema 2020-12. */
function* schemaFaults(where: string, schema: object | undefined): Iterable<string> {
  if (schema === undefined) yield `has no schema for ${where}`
  if (schema === undefined || '$ref' in schema) return
  try {
    ajv.compile(schema)
  } catch (error) {
    yield `has a schema for ${where} that is none: ${error instanceof Error ? error.message : String(error)}`
  }
}

const asyncApiSchema: object = JSON.parse(
  readFileSync(new URL(import.meta.resolve('@asyncapi/specs/schemas/3.0.0.json')), 'utf8'),
) as object

// The document brings draft 07 along, which ajv has too: its own has to stay out. Formats are checked where frames are.
const validateAsyncApi = new Ajv({
  strict: false,
  allErrors: true,
  validateFormats: false,
  meta: false,
  validateSchema: false,
}).compile(asyncApiSchema)

export function lintAsyncApi(document: object): readonly string[] {
  validateAsyncApi(document)
  const faults = validateAsyncApi.errors ?? []
  return [...faults.map(({ instancePath, message }) => `${instancePath} ${message}`), ...lostReferences(document)]
}

function lostReferences(document: object): readonly string[] {
  const found = (pointer: string): unknown =>
    pointer
      .slice(2)
      .split('/')
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((at, key) => (at as Json | undefined)?.[key], document)
  const pointers = Array.from(JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g), ([, pointer = '']) => pointer)
  return pointers.filter((pointer) => found(pointer) === undefined).map((pointer) => `${pointer} leads nowhere`)
}
