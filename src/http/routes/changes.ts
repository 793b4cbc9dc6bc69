/** The VMA's change feed (VMA-11): what changed after a revision, at once or as soon as something does. */

import { Packr } from 'msgpackr'
import { Type } from 'typebox'
import { ErrorSchema } from '../../model/wire/answers.ts'
import { ChangesSchema, type ChangesAnswer } from '../../model/wire/changes.ts'
import type { ProgressChanges } from '../../vma/ports.ts'
import { errorAnswer } from '../answers.ts'
import type { LongPolls } from '../long-polls.ts'
import type { Clock, HttpAnswer, HttpRequest, Route } from '../route.ts'
import { StrictQuery } from '../strict-query.ts'

const MAX_WAIT_MS = 30_000
const MAX_LIMIT = 10_000
const DEFAULT_LIMIT = 1_000

const some = (description: string) => Type.Optional(Type.String({ description }))
const QUERY = Type.Object({
  since: some('`revision` of the answer before; without it, and where it is of another epoch, a full listing comes'),
  wait: some(`Milliseconds to wait for a change, 0 to ${MAX_WAIT_MS}; 0 unless said otherwise`),
  limit: some(`Changes of one answer, 1 to ${MAX_LIMIT}; ${DEFAULT_LIMIT} unless said otherwise`),
})

export interface ChangesRouteOptions {
  readonly changes: ProgressChanges
  readonly polls: LongPolls
  readonly clock: Clock
  readonly auth: Route['auth']
}

/** Its path wins over `/api/v1/progress/{jobId}`: a job of that name is read as `%63hanges`. */
export function changesRoute(options: ChangesRouteOptions): Route {
  return {
    method: 'GET',
    path: '/api/v1/progress/changes',
    summary: 'What changed after a revision; MessagePack where Accept asks for application/msgpack',
    auth: options.auth,
    headers: ['accept'],
    query: true,
    schemas: { query: QUERY, answers: { 200: ChangesSchema, 400: ErrorSchema, 503: ErrorSchema } },
    handler: (request) => serve(options, request),
  }
}

interface Asked {
  readonly since: string
  readonly limit: number
  readonly format: Format
}

function serve(options: ChangesRouteOptions, request: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
  const { changes, polls, clock } = options
  const query = new StrictQuery(request.query, Object.keys(QUERY.properties))
  const since = query.text('since') ?? ''
  const waitMs = query.whole('wait', 0, MAX_WAIT_MS) ?? 0
  const limit = query.whole('limit', 1, MAX_LIMIT) ?? DEFAULT_LIMIT
  if (query.faults.length > 0)
    return errorAnswer(400, 'invalid query', clock.now(), { details: query.faults.join('; ') })
  const asked: Asked = { since, limit, format: formatOf(request.header('accept')) }
  if (waitMs === 0) return answer(options, asked)
  const standing = changes.standing(since, limit)
  if (standing === 'far_behind') return answer(options, asked)
  if (polls.isFull) return tooMany(polls.maxWaiting, clock.now())
  const due = new Promise<void>((resolve) => {
    request.onAbandoned = polls.wait(waitMs, standing === 'behind', resolve)
  })
  return due.then(() => answer(options, asked))
}

function tooMany(most: number, now: number): HttpAnswer {
  return errorAnswer(503, 'too many waiting requests', now, { details: `at most ${most}` }, { 'Retry-After': '1' })
}

function answer({ changes, clock }: ChangesRouteOptions, { since, limit, format }: Asked): HttpAnswer {
  const page = changes.page(since, limit, clock.now())
  return { status: 200, ...encoded(page, format), headers: NOT_STORED }
}

/** An answer to a GET that nobody on the way may give again. */
const NOT_STORED = { 'Cache-Control': 'no-store' } as const

type Format = 'json' | 'msgpack'

const packr = new Packr({ useRecords: false })

function encoded(page: ChangesAnswer, format: Format): Pick<HttpAnswer, 'body' | 'contentType'> {
  if (format === 'json') return { body: JSON.stringify(page) }
  return { body: packr.pack(page), contentType: 'application/msgpack' }
}

const MSGPACK_TYPES = new Set(['application/msgpack', 'application/x-msgpack', 'application/vnd.msgpack'])
const JSON_TYPES = new Set(['application/json', 'application/*', '*/*'])

/** The first of the two that Accept names, not counting what it refuses by q=0; JSON when it names neither. */
function formatOf(accept: string): Format {
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
    if (parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) continue
    if (MSGPACK_TYPES.has(type)) return 'msgpack'
    if (JSON_TYPES.has(type)) return 'json'
  }
  return 'json'
}
