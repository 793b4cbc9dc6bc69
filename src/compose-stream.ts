/** The OMA's stream put together: the runtime's changes go to the hub, clients come by websocket or SSE. */

import { randomBytes } from 'node:crypto'
import type { Job } from './actors/job.ts'
import type { JobChange } from './actors/publisher.ts'
import type { Runtime } from './actors/runtime.ts'
import type { Authenticate } from './http/authenticate.ts'
import type { AllowsOrigin } from './http/cors.ts'
import type { LiveChange } from './http/ports.ts'
import type { Route } from './http/route.ts'
import { Gate } from './http/stream/gate.ts'
import { Hub } from './http/stream/hub.ts'
import { streamRoutes, streamWebsocket } from './http/stream/routes.ts'
import { Tickets } from './http/stream/tickets.ts'
import type { WebsocketRoute } from './http/websocket.ts'

export interface StreamOptions {
  readonly runtime: Pick<Runtime, 'publisher' | 'supervisor' | 'get'>
  readonly authenticate: Authenticate
  readonly origins: readonly string[]
  readonly rfc3339: (at: number) => string
  readonly now: () => number
}

export interface Stream {
  readonly hub: Hub
  readonly routes: readonly Route[]
  readonly websocket: WebsocketRoute
  /** Whose pages may come in (WS-5). */
  readonly allowsOrigin: AllowsOrigin
  /** Tells every client that the service goes. */
  close(): void
}

export function composeStream({ runtime, authenticate, origins, rfc3339, now }: StreamOptions): Stream {
  const { publisher, supervisor } = runtime
  const hub = new Hub({
    epoch: publisher.epoch,
    live: {
      refs: function* () {
        for (const job of supervisor.jobs.all()) yield { jobId: job.jobId, vmName: job.target.vmName }
      },
      get: (jobId) => runtime.get(jobId),
    },
    timers: { now, setTimeout: startTimer, clearTimeout: stopTimer },
    rfc3339,
  })
  const stopListening = publisher.listen((job, change) =>
    hub.change(job.jobId, job.target.vmName, liveChange(job, change)),
  )
  const tickets = new Tickets()
  const gate = new Gate({ authenticate, tickets, origins, now })
  const options = { hub, gate, tickets, now, newTicket: () => randomBytes(24).toString('base64url') }
  return {
    hub,
    routes: streamRoutes(options),
    websocket: streamWebsocket(options),
    allowsOrigin: (origin, host) => gate.isOrigin(origin, host),
    close: () => {
      stopListening()
      hub.close()
    },
  }
}

function startTimer(work: () => void, ms: number): NodeJS.Timeout {
  return setTimeout(work, ms).unref()
}

function stopTimer(timer: unknown): void {
  clearTimeout(timer as NodeJS.Timeout | undefined)
}

/** The supervisor's word for a change → the stream's. */
function liveChange(job: Job, change: JobChange): LiveChange {
  switch (change) {
    case 'adopted':
      return 'started'
    case 'status':
      return 'stage'
    case 'fault':
    case 'poller':
    case 'verdict':
      return 'progress'
    case 'ended':
      return job.status === 'completed' ? 'completed' : 'failed'
    default:
      return change
  }
}
