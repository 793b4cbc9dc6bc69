/** The VM contexts: the documented answers (API-1), and what the documents wish for on the same two paths (API-2). */

import { Type } from 'typebox'
import type { ContextParts, ContextQuery, ContextStore, DetailQuery } from '../../db/ports.ts'
import { ErrorSchema } from '../../model/wire/answers.ts'
import { VmContextBulkSchema, VmContextDetailSchema, VmContextListSchema } from '../../model/wire/vm-contexts.ts'
import { errorAnswer, invalidQuery } from '../answers.ts'
import { readDetailQuery, readListQuery } from '../context-query.ts'
import { cursorOf } from '../cursor.ts'
import { contextText } from '../live-merge.ts'
import type { LiveJobs } from '../ports.ts'
import { DETAIL_QUERY, LIST_QUERY } from '../query-schemas.ts'
import type { Clock, HttpAnswer, HttpRequest, Route } from '../route.ts'

export interface ContextRoutesOptions {
  readonly live: Pick<LiveJobs, 'get'>
  readonly contexts: ContextStore
  readonly clock: Clock
  /** Told of a database that did not answer; the client gets a 500 as documented. */
  readonly onFault: (what: string, cause: unknown) => void
}

export function contextRoutes(options: ContextRoutesOptions): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/vm-contexts',
      summary: 'All VM contexts, a page of them, or some in full',
      auth: 'token',
      query: true,
      schemas: {
        query: LIST_QUERY,
        answers: { 200: Type.Union([VmContextListSchema, VmContextBulkSchema]), 400: ErrorSchema, 500: ErrorSchema },
      },
      handler: (request) => list(options, request),
    },
    {
      method: 'GET',
      path: '/api/v1/vm-contexts/{vm_name}',
      summary: 'One VM context with its jobs, disks and CBT history',
      auth: 'token',
      query: true,
      schemas: {
        query: DETAIL_QUERY,
        answers: { 200: VmContextDetailSchema, 400: ErrorSchema, 404: ErrorSchema, 409: ErrorSchema, 500: ErrorSchema },
      },
      handler: (request) => detail(options, request),
    },
  ]
}

async function list(options: ContextRoutesOptions, request: HttpRequest): Promise<HttpAnswer> {
  const asked = readListQuery(request.query)
  if (asked.kind === 'faults') return invalidQuery(asked.faults, options.clock.now())
  try {
    return asked.kind === 'bulk'
      ? await bulk(options, asked.query)
      : await page(options.contexts, asked.query, asked.sort)
  } catch (cause) {
    options.onFault('list of VM contexts', cause)
    return errorAnswer(500, 'Failed to retrieve VM contexts', options.clock.now())
  }
}

/** Bytes all the way: what the database's thread wrote is framed and sent. */
async function page(contexts: ContextStore, query: ContextQuery, sort: string): Promise<HttpAnswer> {
  const { count, json, next } = await contexts.contextPage(query)
  const tail = next === null ? '}' : `,"next_cursor":${JSON.stringify(cursorOf(sort, next))}}`
  const body = Buffer.concat([Buffer.from(`{"count":${count},"vm_contexts":`), json, Buffer.from(tail)])
  return { status: 200, body }
}

/** Each context becomes bytes by itself: 100 of them (1.2 MB) take 1 ms so, and 6 ms joined as text. */
async function bulk({ contexts, live }: ContextRoutesOptions, query: DetailQuery): Promise<HttpAnswer> {
  const found = await contexts.contextDetails(query)
  const names = new Set(found.map(({ vmName }) => vmName))
  const missing = query.names.filter((name) => !names.has(name))
  const entries = found.map((parts, i) => Buffer.from(`${i === 0 ? '' : ','}${contextText(parts, live, query.parts)}`))
  const head = Buffer.from(`{"count":${found.length},"vm_contexts":[`)
  const tail = Buffer.from(`],"not_found":${JSON.stringify(missing)}}`)
  return { status: 200, body: Buffer.concat([head, ...entries, tail]) }
}

async function detail(options: ContextRoutesOptions, request: HttpRequest): Promise<HttpAnswer> {
  const { contexts, live, clock, onFault } = options
  const name = request.param('vm_name')
  const asked = readDetailQuery(request.query, name)
  if ('faults' in asked) return invalidQuery(asked.faults, clock.now())
  try {
    const found = await contexts.contextDetails(asked.query)
    const [first] = found
    if (first === undefined) return unknownVm(name, asked.query.vcenter, clock)
    if (found.length > 1) return ambiguous(name, found, clock)
    return { status: 200, body: contextText(first, live, asked.query.parts) }
  } catch (cause) {
    onFault('VM context', cause)
    return errorAnswer(500, 'Failed to retrieve VM context', clock.now())
  }
}

function unknownVm(name: string, vcenter: string | undefined, clock: Clock): HttpAnswer {
  const extras = vcenter === undefined ? undefined : { details: `in the vCenter ${vcenter}` }
  return errorAnswer(404, `VM context not found for: ${name}`, clock.now(), extras)
}

/** ADR 0014: a name that stands for two VMs is answered by neither. */
function ambiguous(name: string, found: readonly ContextParts[], clock: Clock): HttpAnswer {
  const vcenters = found.map(({ vcenterHost }) => vcenterHost).join(', ')
  const details = `the name stands in ${vcenters}: say which one by ?vcenter=`
  return errorAnswer(409, `VM name is not unique: ${name}`, clock.now(), { details })
}
