/** The stream's ways in: the websocket, tickets for it, and the fallback by server-sent events. */

import { Type } from 'typebox'
import { ErrorSchema } from '../../model/wire/answers.ts'
import { utcMillis } from '../../model/wire/time.ts'
import { errorAnswer, invalidQuery } from '../answers.ts'
import { takingNoQuery } from '../no-query.ts'
import type { ByteSink, HttpAnswer, HttpRequest, Route, StreamHandlers } from '../route.ts'
import { StrictQuery } from '../strict-query.ts'
import type { UpgradeRequest, Upgrade, WebsocketRoute } from '../websocket.ts'
import type { Admitted, Gate } from './gate.ts'
import type { Hub } from './hub.ts'
import { Session } from './session.ts'
import { positionsOf, SseConnection } from './sse.ts'
import type { Tickets } from './tickets.ts'
import { parseTopics, type Topic } from './topics.ts'

const STREAM_PATH = '/api/v1/stream'
const MAX_MESSAGE_BYTES = 65_536
/** Every event's id holds a position of each. */
const MAX_SSE_TOPICS = 64
/** uWS pings in time, so that whoever is there answers. */
const IDLE_SECONDS = 60
/** Above our own budget and a large snapshot: past it even the frame that closes a connection would be dropped. */
const MAX_BUFFERED_BYTES = 67_108_864

const ticket = Type.Optional(Type.String({ description: 'A one-time ticket, in place of a token' }))
const WEBSOCKET_QUERY = Type.Object({ ticket })
const SSE_QUERY = Type.Object({
  topics: Type.Optional(
    Type.String({ description: `jobs, job:<id> or vm:<name>, at most ${MAX_SSE_TOPICS}; jobs unless said otherwise` }),
  ),
  last_event_id: Type.Optional(Type.String({ description: 'Where the header of that name can’t be sent' })),
  ticket,
})
const WEBSOCKET_PARAMETERS: readonly string[] = Object.keys(WEBSOCKET_QUERY.properties)
const SSE_PARAMETERS: readonly string[] = Object.keys(SSE_QUERY.properties)
const TicketSchema = Type.Object({
  ticket: Type.String({ description: 'Opens one connection' }),
  expires_at: Type.String({ format: 'date-time', description: 'UTC, RFC 3339' }),
})
const EventsSchema = Type.String({ description: 'Events whose data are the frames of asyncapi.json, as JSON' })

export interface StreamRoutesOptions {
  readonly hub: Hub
  readonly gate: Gate
  readonly tickets: Tickets
  readonly now: () => number
  /** What nobody can guess. */
  readonly newTicket: () => string
}

export function streamWebsocket(options: StreamRoutesOptions): WebsocketRoute {
  return {
    path: STREAM_PATH,
    maxPayloadBytes: MAX_MESSAGE_BYTES,
    idleSeconds: IDLE_SECONDS,
    maxBufferedBytes: MAX_BUFFERED_BYTES,
    admit: (request) => admit(options, request),
  }
}

function admit(options: StreamRoutesOptions, request: UpgradeRequest): Upgrade | Promise<Upgrade> {
  const admitted = options.gate.admit(request)
  const decide = (decided: Admitted | HttpAnswer): Upgrade => upgradeOr(decided, options, request)
  return admitted instanceof Promise ? admitted.then(decide) : decide(admitted)
}

function upgradeOr(
  admitted: Admitted | HttpAnswer,
  { hub, gate, now }: StreamRoutesOptions,
  request: UpgradeRequest,
): Upgrade {
  if ('status' in admitted) return { refused: admitted }
  const { faults } = new StrictQuery(new URLSearchParams(request.query), WEBSOCKET_PARAMETERS)
  if (faults.length > 0) return { refused: invalidQuery(faults, now()) }
  const chosen = gate.chosen(request.protocols)
  if ('status' in chosen) return { refused: chosen }
  if (!hub.isOpen) return { refused: tooMany(now()) }
  return { protocol: chosen.protocol, open: (socket) => new Session(hub, socket, chosen.format, admitted.expiresAt) }
}

export function streamRoutes(options: StreamRoutesOptions): readonly Route[] {
  const { tickets, now, newTicket } = options
  const routes: readonly Route[] = [
    {
      method: 'POST',
      path: `${STREAM_PATH}/tickets`,
      summary: 'A one-time ticket for the stream',
      auth: 'token',
      schemas: { answers: { 200: TicketSchema } },
      handler: ({ bearerExpiresAt }) => {
        const ticket = newTicket()
        const expiresAt = tickets.issue(ticket, now(), bearerExpiresAt)
        return {
          status: 200,
          headers: { 'Cache-Control': 'no-store' },
          body: { ticket, expires_at: utcMillis(expiresAt) },
        }
      },
    },
    {
      method: 'GET',
      path: STREAM_PATH,
      summary: 'The stream of changes, as a websocket',
      auth: 'token',
      orTicket: true,
      query: true,
      schemas: { query: WEBSOCKET_QUERY, answers: { 426: ErrorSchema, 503: ErrorSchema } },
      handler: ({ query }) => {
        const { faults } = new StrictQuery(query, WEBSOCKET_PARAMETERS)
        if (faults.length > 0) return invalidQuery(faults, now())
        return errorAnswer(426, 'upgrade required', now(), { details: 'this is a websocket' }, { Upgrade: 'websocket' })
      },
    },
    {
      method: 'GET',
      path: `${STREAM_PATH}/sse`,
      summary: 'The stream of changes, as server-sent events',
      // The gate asks for the token itself: a ticket opens it too.
      auth: 'none',
      orTicket: true,
      headers: ['authorization', 'host', 'last-event-id', 'origin'],
      query: true,
      schemas: {
        query: SSE_QUERY,
        mediaType: 'text/event-stream',
        answers: { 200: EventsSchema, 400: ErrorSchema, 503: ErrorSchema },
      },
      handler: (request) => serverSentEvents(options, request),
    },
  ]
  return takingNoQuery(routes, { now })
}

/** `?topics=jobs,vm:pgtest1`; `jobs` by default. `last_event_id=` stands in where a client can't send the header. */
function serverSentEvents(options: StreamRoutesOptions, request: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
  const admitted = options.gate.admit({
    authorization: request.header('authorization'),
    origin: request.header('origin'),
    host: request.header('host'),
    query: request.query.toString(),
  })
  const decide = (decided: Admitted | HttpAnswer): HttpAnswer =>
    'status' in decided ? decided : eventsFor(options, request, decided)
  return admitted instanceof Promise ? admitted.then(decide) : decide(admitted)
}

function eventsFor({ hub, now }: StreamRoutesOptions, request: HttpRequest, { expiresAt }: Admitted): HttpAnswer {
  const { faults } = new StrictQuery(request.query, SSE_PARAMETERS, ['topics'])
  if (faults.length > 0) return invalidQuery(faults, now())
  const topics = topicsOf(request.query.getAll('topics'))
  if (typeof topics === 'string') return errorAnswer(400, 'bad topics', now(), { details: topics })
  if (topics.length > MAX_SSE_TOPICS) {
    return errorAnswer(400, 'bad topics', now(), { details: `at most ${MAX_SSE_TOPICS} topics` })
  }
  if (!hub.isOpen) return tooMany(now())
  const lastEventId = request.header('last-event-id') || (request.query.get('last_event_id') ?? '')
  return {
    status: 200,
    contentType: 'text/event-stream',
    headers: {
      'Cache-Control': 'no-store',
      // nginx would keep events back until a buffer is full.
      'X-Accel-Buffering': 'no',
    },
    body: '',
    stream: (sink) => openEvents({ hub, sink, topics, lastEventId, expiresAt }),
  }
}

interface Events {
  readonly hub: Hub
  readonly sink: ByteSink
  readonly topics: readonly Topic[]
  readonly lastEventId: string
  readonly expiresAt: number
}

function openEvents({ hub, sink, topics, lastEventId, expiresAt }: Events): StreamHandlers {
  const since = positionsOf(lastEventId, topics.length)
  const client = hub.attach(new SseConnection(sink, topics, since), 'json', expiresAt)
  const refusals = topics.map((topic, i) => hub.subscribe(client, [topic], since[i]))
  if (refusals.some((refusal) => refusal !== undefined)) {
    hub.detach(client)
    sink.end()
  }
  return { drained: () => hub.drained(client), closed: () => hub.detach(client) }
}

/** Several `topics=`, or one with commas; a comma of a VM's name is none between topics. */
function topicsOf(values: readonly string[]): readonly Topic[] | string {
  const texts = values.flatMap((value) => value.split(/,(?=(?:jobs$|jobs,|job:|vm:))/)).filter((text) => text !== '')
  return parseTopics(texts.length === 0 ? ['jobs'] : texts)
}

function tooMany(now: number): HttpAnswer {
  return errorAnswer(503, 'too many stream clients', now, undefined, { 'Retry-After': '5' })
}
