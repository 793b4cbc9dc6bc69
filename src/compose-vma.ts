/** The VMA service as a whole: run store, routes and server put together, and the sweep that keeps the store bounded. */

import { randomUUID } from 'node:crypto'
import type { Settings } from '../config/schema.ts'
import { metricsAuth, vmaMetrics } from './compose-metrics.ts'
import { admitting } from './http/admission.ts'
import { requireSafeBinding } from './http/auth.ts'
import { authenticator } from './http/authenticate.ts'
import type { Clock } from './http/route.ts'
import { LongPolls } from './http/long-polls.ts'
import { changesRoute } from './http/routes/changes.ts'
import { metricsRoute } from './http/routes/metrics.ts'
import type { ServerOptions, TlsFiles } from './http/server.ts'
import { listen } from './http/uws/server.ts'
import { vmaRoutes } from './http/vma-routes.ts'
import { LogLimit } from './telemetry/log-limit.ts'
import { ChangeFeed } from './vma/change-feed.ts'
import { DEFAULT_LIMITS, RunStore, type StoreLimits } from './vma/store.ts'
import { LoopWatch } from './workers/loop-watch.ts'

export interface VmaSettings {
  readonly host: string
  /** 0: a free port. */
  readonly port: number
  /** Plain or `sha256:<hex>`; needed on any address but this machine's own (SEC-1). */
  readonly tokens: readonly string[]
  readonly limits?: Partial<StoreLimits>
  readonly tls?: TlsFiles
  readonly bodyDeadlineMs?: number
  readonly maxConnections?: number
  /** Who may read /metrics (MET-2); without tokens everybody. */
  readonly metricsAuth?: Settings['metricsAuth']
}

export interface VmaTools extends Pick<ServerOptions, 'onFault' | 'onAnswered'> {
  readonly clock: Clock
  /** Of the process's log; its counts are told by /metrics. */
  readonly limit?: LogLimit
}

export interface Vma {
  readonly port: number
  readonly store: RunStore
  /** How many wait for a change. */
  readonly polls: Pick<LongPolls, 'waiting'>
  close(deadlineMs?: number): Promise<void>
  /** For a watchdog: the loop that serves and forgets has stopped turning. */
  whatIsWrong(): string | undefined
}

const SWEEP_MS = 1_000
const SWEEP_OVERDUE_MS = 60_000

export async function startVma(settings: VmaSettings, tools: VmaTools): Promise<Vma> {
  const { tokens, limits, metricsAuth: who = 'auto', ...server } = settings
  requireSafeBinding(settings.host, tokens.length > 0)
  const store = new RunStore({ ...DEFAULT_LIMITS, ...limits })
  const { clock, onFault, onAnswered, limit = new LogLimit(0) } = tools
  const auth = tokens.length > 0 ? 'token' : 'none'
  const changes = new ChangeFeed(randomUUID(), store.changes)
  const polls = new LongPolls()
  changes.onChange(() => polls.changed())
  const loop = new LoopWatch()
  let connections = (): number => 0
  const metrics = vmaMetrics({ store, polls, loop, limit, connections: () => connections() })
  const http = await listen({
    ...server,
    routes: [
      ...vmaRoutes({ intake: store, clock, auth }),
      changesRoute({ changes, polls, clock, auth }),
      metricsRoute(metrics, auth === 'none' ? auth : metricsAuth(who, settings.host)),
    ],
    clock,
    onFault,
    ...(onAnswered && { onAnswered }),
    authorize: admitting(authenticator({ tokens }), clock),
  })
  connections = () => http.connections
  let sweptAt = performance.now()
  const sweep = setInterval(() => {
    store.sweep(clock.now())
    sweptAt = performance.now()
  }, SWEEP_MS)
  sweep.unref()
  return {
    port: http.port,
    store,
    polls,
    whatIsWrong: () =>
      performance.now() - sweptAt > SWEEP_OVERDUE_MS ? 'the store has not been swept for a minute' : undefined,
    close: async (deadlineMs) => {
      clearInterval(sweep)
      polls.close()
      loop.close()
      await http.close(deadlineMs)
    },
  }
}
