/** What the log tells of requests (TRACE-1): each one at `debug`, one that failed by our fault at `warn`, an exception as an error. */

import type { HttpRequest } from './http/route.ts'
import type { ServerOptions } from './http/server.ts'
import { tell } from './telemetry/events.ts'
import type { Logger } from './telemetry/log.ts'

/** 503 is what it is there to say. */
const PROBE = '/readyz'

export function requestLog(log: Logger): Pick<ServerOptions, 'onFault' | 'onAnswered'> {
  return {
    onFault: (cause, route, trace) => tell(log, 'http.failed', { err: cause, path: route.path, ...trace?.fields }),
    onAnswered: (status, trace, request) => {
      const level = status >= 500 && request?.route.path !== PROBE ? 'warn' : 'debug'
      if (log.isLevelEnabled(level))
        log[level]({ ...whatOf(request), http_status: status, ...trace?.fields }, 'answered')
    },
  }
}

function whatOf(request: Pick<HttpRequest, 'route' | 'jobId'> | undefined): object {
  if (request === undefined) return {}
  const { route, jobId } = request
  return { method: route.method, path: route.path, ...(jobId !== undefined && { job_id: jobId }) }
}
