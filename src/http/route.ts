/**
 * The routes table: everything a server answers, as data. The server is built from it, and so are 404, 405 with Allow,
 * and the descriptions of the API. Nothing here knows of a web server.
 */

import type { TObject, TSchema } from 'typebox'
import type { RequestTrace } from './tracing.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** Headers that a handler may ask for. */
export type HeaderName =
  | 'accept'
  | 'accept-encoding'
  | 'authorization'
  | 'host'
  | 'if-none-match'
  | 'last-event-id'
  | 'origin'
  | 'traceparent'

/** What a bearer may do: look, or start and stop things. */
export const SCOPES = ['read', 'operate'] as const
export type Scope = (typeof SCOPES)[number]

export interface BodyRule {
  readonly maxBytes: number
  /** Accepted media types, without parameters; a request that names none is accepted. */
  readonly contentTypes: readonly string[]
}

/** What goes in and comes out, as JSON Schema: the description of the API is built from it. */
export interface RouteSchemas {
  /** Strings by parameter name. */
  readonly query?: TObject
  readonly body?: TSchema
  /** By status; errors that every route may answer (401, 403, 404, 405, 500), and what any bad path or query gets, need no entry. */
  readonly answers: Readonly<Record<number, TSchema>>
  /** Of what is answered 200; JSON unless it says otherwise. */
  readonly mediaType?: string
}

export interface Route {
  readonly method: Method
  /** `/api/v1/progress/{jobId}`; a GET answers HEAD too. */
  readonly path: string
  readonly summary: string
  /** token: only once the server's `authorize` let it in. */
  readonly auth: 'none' | 'token'
  /** What its bearer needs; `read` unless it says otherwise. */
  readonly scope?: Scope
  /** A one-time ticket of the stream opens it as well. */
  readonly orTicket?: boolean
  readonly body?: BodyRule
  /** Only these can be read from the request: what isn't asked for is not copied. */
  readonly headers?: readonly HeaderName[]
  /** The handler reads the query string. */
  readonly query?: boolean
  readonly schemas?: RouteSchemas
  readonly handler: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>
  /** Told the status of each request that was refused before it came to the handler. */
  readonly refused?: (status: number) => void
}

/** An object is sent as JSON; text and bytes go as they are, as JSON unless `contentType` says otherwise. */
export interface HttpAnswer {
  readonly status: number
  readonly body: string | Uint8Array | object
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
  /** The response goes on after its headers, instead of `body`: called once with what it is written to. */
  readonly stream?: (sink: ByteSink) => StreamHandlers
}

/** The server's end of a response that goes on. After its end every call does nothing. */
export interface ByteSink {
  /** Returns the bytes that wait for the client, this chunk included. */
  write(chunk: Uint8Array): number
  bufferedAmount(): number
  end(): void
}

export interface StreamHandlers {
  /** Nothing waits for the client any more. */
  drained(): void
  /** The client went. Not called after `end`. */
  closed(): void
}

/** The service's clock, epoch ms. */
export interface Clock {
  now(): number
}

/** Side by side: an object with a field for each name would cost more than all the rest of reading a request. */
export interface PathParams {
  readonly names: readonly string[]
  readonly values: readonly string[]
}

/** A request as handlers see it: plain copies, good for as long as the handler likes. */
export class HttpRequest {
  readonly route: Route
  readonly #params: PathParams
  readonly #headers: Readonly<Partial<Record<HeaderName, string>>>
  readonly #rawQuery: string
  #query: URLSearchParams | undefined
  /** UTF-8 text; '' where the route takes none. */
  body = ''
  /** Set while its bearer is still being verified. */
  admission: Promise<HttpAnswer | undefined> | undefined
  /** Which trace it belongs to, and its own name (TRACE-1). */
  trace: RequestTrace | undefined
  /** Go with its answer, whatever that is. */
  answerHeaders: Readonly<Record<string, string>> | undefined
  /** Epoch ms from which on its bearer's token is good no more. */
  bearerExpiresAt = Infinity
  /** Called when the client goes before an answer that comes later. */
  onAbandoned: (() => void) | undefined

  constructor(
    route: Route,
    params: PathParams,
    headers: Readonly<Partial<Record<HeaderName, string>>>,
    rawQuery: string,
  ) {
    this.route = route
    this.#params = params
    this.#headers = headers
    this.#rawQuery = rawQuery
  }

  /** Percent-decoded, 1 to 255 characters, no control characters. */
  param(name: string): string {
    const { names, values } = this.#params
    const value = values[names.indexOf(name)]
    if (value === undefined) throw new Error(`the path ${this.route.path} has no {${name}}`)
    return value
  }

  /** The job that the path names, for log lines. */
  get jobId(): string | undefined {
    const { names, values } = this.#params
    return values[names.indexOf('jobId')]
  }

  /** '' when absent. */
  header(name: HeaderName): string {
    return this.#headers[name] ?? ''
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.#rawQuery)
    return this.#query
  }
}
