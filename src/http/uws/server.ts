/**
 * The one file that loads uWebSockets.js: a routes table becomes a server. uWS answers malformed requests (400), overlong
 * headers (431), senders of slow headers (cut after some 10 s) and the Date header by itself.
 *
 * Three of its rules shape this file: a request object is dead after the first await; a response is dead once aborted
 * or ended; everything that is written outside a handler's first synchronous part goes through `cork`.
 */

import { randomFillSync } from 'node:crypto'
import * as uWS from 'uWebSockets.js'
import { answerTo, type Admission } from '../admission.ts'
import * as answers from '../answers.ts'
import { BodyCollector, textOf } from '../body.ts'
import { corsHeaders, preflightAnswer } from '../cors.ts'
import { bodyRefusal, hasMuchToSend, readRequest } from '../request.ts'
import type { HttpAnswer, HttpRequest, Route } from '../route.ts'
import type { ServerOptions, TlsFiles } from '../server.ts'
import { allowedMethods, colonPattern, paramNames } from '../table.ts'
import { randomHexFrom, RequestTrace } from '../tracing.ts'
import { withRequestId, writeAnswer, type Manner } from './answer.ts'
import { Pending } from './pending.ts'
import { mountWebsocket } from './websocket.ts'

declare module 'uWebSockets.js' {
  interface TemplatedApp {
    /** uWS takes host, port and options together; its types know them only in pairs. */
    listen(
      host: string,
      port: number,
      options: number,
      opened: (socket: uWS.us_listen_socket | false) => void,
    ): TemplatedApp
  }
}

const BODY_DEADLINE_MS = 10_000
const MAX_CONNECTIONS = 10_000
const SWEEP_MS = 500
const DRAIN_CHECK_MS = 20
const RANDOM_HEX = randomHexFrom(randomFillSync)
/** LIBUS_LISTEN_EXCLUSIVE_PORT: without it uWS shares a port with whoever has it. */
const EXCLUSIVE_PORT = 1

/** Starts to listen; rejects with a sentence that names host and port when that is not possible. */
export async function listen(options: ServerOptions): Promise<HttpServer> {
  const server = new HttpServer(options)
  await server.open()
  return server
}

export class HttpServer {
  readonly #options: ServerOptions
  readonly #app: uWS.TemplatedApp
  readonly #pending = new Set<Pending>()
  readonly #bodyDeadlineMs: number
  #socket: uWS.us_listen_socket | undefined
  #sweep: NodeJS.Timeout | undefined
  #connections = 0
  #isClosing = false
  #port = 0

  constructor(options: ServerOptions) {
    this.#options = options
    this.#bodyDeadlineMs = options.bodyDeadlineMs ?? BODY_DEADLINE_MS
    this.#app = createApp(options.tls)
    this.#limitConnections(options.maxConnections ?? MAX_CONNECTIONS)
    for (const route of options.websockets ?? []) mountWebsocket(this.#app, route, options)
    for (const route of options.routes) this.#register(route)
    for (const [path, allow] of allowedMethods(options.routes)) this.#registerRefusal(path, allow)
    this.#app.any('/*', (res, req) => this.#refuse(res, req, answers.notFound(this.#now())))
  }

  get port(): number {
    return this.#port
  }

  get connections(): number {
    return this.#connections
  }

  open(): Promise<void> {
    const { host, port } = this.#options
    return new Promise((resolve, reject) => {
      const opened = (socket: uWS.us_listen_socket | false): void => {
        if (socket === false) {
          reject(new Error(`cannot listen on ${host}:${port}: port in use, or not an address of this machine`))
          return
        }
        this.#socket = socket
        this.#port = uWS.us_socket_local_port(socket)
        this.#sweep = setInterval(() => this.#cutSlowSenders(), Math.min(SWEEP_MS, this.#bodyDeadlineMs))
        this.#sweep.unref()
        resolve()
      }
      this.#app.listen(host, port, EXCLUSIVE_PORT, opened)
    })
  }

  /** No new connections; what is being answered may finish within `deadlineMs`; then every connection is closed. */
  async close(deadlineMs = 10_000): Promise<void> {
    if (this.#socket === undefined) return
    this.#isClosing = true
    uWS.us_listen_socket_close(this.#socket)
    this.#socket = undefined
    for (let waited = 0; this.#pending.size > 0 && waited < deadlineMs; waited += DRAIN_CHECK_MS) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_MS))
    }
    clearInterval(this.#sweep)
    this.#app.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #now(): number {
    return this.#options.clock.now()
  }

  #limitConnections(most: number): void {
    this.#app.filter((res, change) => {
      this.#connections += change
      if (change > 0 && this.#connections > most) res.close()
    })
  }

  #register(route: Route): void {
    const names = paramNames(route.path)
    const pattern = colonPattern(route.path)
    const serve = (res: uWS.HttpResponse, req: uWS.HttpRequest): void => this.#serve(route, names, res, req, false)
    if (route.method === 'GET') {
      this.#app.get(pattern, serve)
      this.#app.head(pattern, (res, req) => this.#serve(route, names, res, req, true))
    } else if (route.method === 'POST') this.#app.post(pattern, serve)
    else if (route.method === 'PUT') this.#app.put(pattern, serve)
    else this.#app.del(pattern, serve)
  }

  #registerRefusal(path: string, allow: string): void {
    this.#app.any(colonPattern(path), (res, req) => {
      const preflight = preflightAnswer(req, this.#options.allowsOrigin)
      this.#refuse(res, req, preflight ?? answers.methodNotAllowed(allow, this.#now()))
    })
  }

  #serve(route: Route, names: readonly string[], res: uWS.HttpResponse, req: uWS.HttpRequest, isHead: boolean): void {
    const request = readRequest(route, names, req)
    if (request === undefined) return this.#refuse(res, req, answers.badPath(this.#now()), route, isHead)
    request.answerHeaders = corsHeaders(req, this.#options.allowsOrigin)
    request.trace = this.#traceOf(req)
    const admission = this.#admit(request)
    if (admission instanceof Promise) request.admission = admission
    else if (admission !== undefined) return this.#refuse(res, req, admission, route, isHead)
    if (route.body === undefined) return this.#run(request, res, undefined, isHead)
    const refusal = bodyRefusal(route.body, req, this.#now())
    if (refusal !== undefined) return this.#refuse(res, req, refusal, route, isHead)
    this.#receive(request, res, route.body.maxBytes)
  }

  #admit(request: HttpRequest): Admission {
    const { authorize, onFault } = this.#options
    if (request.route.auth === 'none') return undefined
    try {
      if (authorize !== undefined) return authorize(request)
    } catch (error) {
      onFault(error, request.route, request.trace)
    }
    return answers.unauthorized(this.#now())
  }

  /** The usual body comes whole in the first chunk, in the same turn: then nothing is kept of it. */
  #receive(request: HttpRequest, res: uWS.HttpResponse, maxBytes: number): void {
    const pending = this.#awaited(request, res)
    let body: BodyCollector | undefined
    res.onData((chunk, isLast) => {
      if (pending.isOver) return
      if (body === undefined && isLast && chunk.byteLength <= maxBytes) {
        return this.#received(request, pending, textOf(Buffer.from(chunk)))
      }
      if (body === undefined) {
        body = new BodyCollector(maxBytes)
        pending.deadline = this.#now() + this.#bodyDeadlineMs
        this.#pending.add(pending)
      }
      if (!body.add(chunk)) this.#giveUp(pending, answers.bodyTooLarge(maxBytes, this.#now()))
      else if (isLast) this.#received(request, pending, body.text())
    })
  }

  #received(request: HttpRequest, pending: Pending, text: string | undefined): void {
    pending.deadline = Infinity
    if (text === undefined) return this.#giveUp(pending, answers.bodyNotText(this.#now()))
    request.body = text
    this.#run(request, pending.res, pending, false)
  }

  #run(request: HttpRequest, res: uWS.HttpResponse, pending: Pending | undefined, isHead: boolean): void {
    let answer: HttpAnswer | Promise<HttpAnswer>
    try {
      answer = answerTo(request)
    } catch (error) {
      answer = this.#fault(error, request)
    }
    if (answer instanceof Promise) return this.#runOn(answer, pending ?? this.#awaited(request, res), isHead)
    if (pending !== undefined) this.#settle(pending)
    writeAnswer(res, this.#encoded(answer, request), this.#manner(request, isHead))
    this.#options.onAnswered?.(answer.status, request.trace, request)
  }

  #manner({ answerHeaders: headers, trace }: HttpRequest, isHead: boolean): Manner {
    return { isHead, closes: this.#isClosing, headers, trace }
  }

  #awaited(request: HttpRequest, res: uWS.HttpResponse): Pending {
    const pending = new Pending(request, res)
    res.onAborted(() => {
      this.#settle(pending)
      request.onAbandoned?.()
    })
    return pending
  }

  #runOn(promise: Promise<HttpAnswer>, pending: Pending, isHead: boolean): void {
    const { request, res } = pending
    this.#pending.add(pending)
    const finish = (answer: HttpAnswer): void => {
      if (pending.isOver) return
      this.#settle(pending)
      const encoded = this.#encoded(answer, request)
      res.cork(() => writeAnswer(res, encoded, this.#manner(request, isHead)))
      this.#options.onAnswered?.(answer.status, request.trace, request)
    }
    promise.then(finish, (error: unknown) => finish(this.#fault(error, request)))
  }

  /** Before anything is written: an exception between two writes would take the whole process down. */
  #encoded(answer: HttpAnswer, request: HttpRequest): HttpAnswer {
    if (answers.isPayload(answer.body)) return answer
    try {
      return { ...answer, body: JSON.stringify(withRequestId(answer.body, answer.status, request.trace)) }
    } catch (error) {
      return this.#encoded(this.#fault(error, request), request)
    }
  }

  #fault(error: unknown, { route, trace }: HttpRequest): HttpAnswer {
    this.#options.onFault(error, route, trace)
    return answers.internalError(this.#now())
  }

  #traceOf(req: uWS.HttpRequest): RequestTrace {
    return new RequestTrace(req, this.#options.randomHex ?? RANDOM_HEX)
  }

  /** Before the request was taken: in the handler's first part, so without cork. */
  #refuse(res: uWS.HttpResponse, req: uWS.HttpRequest, answer: HttpAnswer, route?: Route, isHead?: boolean): void {
    route?.refused?.(answer.status)
    const trace = this.#traceOf(req)
    writeAnswer(res, answer, {
      isHead: isHead ?? req.getMethod() === 'head',
      closes: this.#isClosing || hasMuchToSend(req),
      headers: corsHeaders(req, this.#options.allowsOrigin),
      trace,
    })
    this.#options.onAnswered?.(answer.status, trace, route && { route, jobId: undefined })
  }

  /** What is still to come of the body is not waited for: the connection closes. */
  #giveUp(pending: Pending, answer: HttpAnswer): void {
    this.#settle(pending)
    const { request, res } = pending
    request.route.refused?.(answer.status)
    res.cork(() => writeAnswer(res, answer, { ...this.#manner(request, false), closes: true }))
    this.#options.onAnswered?.(answer.status, request.trace, request)
  }

  #settle(pending: Pending): void {
    pending.isOver = true
    this.#pending.delete(pending)
  }

  #cutSlowSenders(): void {
    const now = this.#now()
    for (const pending of this.#pending) {
      if (pending.deadline <= now) this.#giveUp(pending, answers.bodyTooSlow(this.#bodyDeadlineMs, now))
    }
  }
}

function createApp(tls: TlsFiles | undefined): uWS.TemplatedApp {
  if (tls === undefined) return uWS.App()
  const ca = tls.caFile === undefined ? {} : { ca_file_name: tls.caFile }
  try {
    return uWS.SSLApp({ key_file_name: tls.keyFile, cert_file_name: tls.certFile, ...ca })
  } catch (error) {
    throw new Error(`cannot use the TLS files ${tls.keyFile} and ${tls.certFile}`, { cause: error })
  }
}
