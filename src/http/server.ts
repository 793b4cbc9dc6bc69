/** How a server is asked for, whatever web server does the work. */

import type { Admission } from './admission.ts'
import type { AllowsOrigin } from './cors.ts'
import type { Clock, HttpRequest, Route } from './route.ts'
import type { RandomHex, RequestTrace } from './tracing.ts'
import type { WebsocketRoute } from './websocket.ts'

export interface ServerOptions {
  readonly host: string
  /** 0: a free port. */
  readonly port: number
  readonly routes: readonly Route[]
  readonly websockets?: readonly WebsocketRoute[]
  readonly clock: Clock
  /** Asked for routes with `auth: 'token'`; without it they all answer 401. */
  readonly authorize?: (request: HttpRequest) => Admission
  /** Origins whose pages may read answers (WS-5), besides programs, which have none; without it none may. */
  readonly allowsOrigin?: AllowsOrigin
  /** A handler threw or rejected; the client has got a 500. */
  readonly onFault: (error: unknown, route: Pick<Route, 'path'>, trace?: RequestTrace) => void
  /** An answer went out; `request` is missing where its path is none of ours. */
  readonly onAnswered?: (
    status: number,
    trace: RequestTrace | undefined,
    request?: Pick<HttpRequest, 'route' | 'jobId'>,
  ) => void
  /** For the ids of traces and spans; the system's unless given. */
  readonly randomHex?: RandomHex
  readonly tls?: TlsFiles
  /** A body that is not whole by then is answered 408 and its connection closed; 10 s. */
  readonly bodyDeadlineMs?: number
  /** Connections beyond it are closed at once; 10 000. */
  readonly maxConnections?: number
}

export interface TlsFiles {
  readonly keyFile: string
  readonly certFile: string
  readonly caFile?: string
}
