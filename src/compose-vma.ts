/** The VMA service as a whole: run store, routes and server put together, and the sweep that keeps the store bounded. */

import { randomUUID } from 'node:crypto'
import { admitting } from './http/admission.ts'
import { requireSafeBinding } from './http/auth.ts'
import { authenticator } from './http/authenticate.ts'
import type { Clock } from './http/route.ts'
import { LongPolls } from './http/long-polls.ts'
import { changesRoute } from './http/routes/changes.ts'
import type { ServerOptions, TlsFiles } from './http/server.ts'
import { listen } from './http/uws/server.ts'
import { vmaRoutes } from './http/vma-routes.ts'
import { ChangeFeed } from './vma/change-feed.ts'
import { DEFAULT_LIMITS, RunStore, type StoreLimits } from './vma/store.ts'

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
}

export interface VmaTools extends Pick<ServerOptions, 'onFault' | 'onAnswered'> {
  readonly clock: Clock
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
  const { tokens, limits, ...server } = settings
  requireSafeBinding(settings.host, tokens.length > 0)
  const store = new RunStore({ ...DEFAULT_LIMITS, ...limits })
  const { clock, onFault, onAnswered } = tools
  const auth = tokens.length > 0 ? 'token' : 'none'
  const changes = new ChangeFeed(randomUUID(), store.changes)
  const polls = new LongPolls()
  changes.onChange(() => polls.changed())
  const http = await listen({
    ...server,
    routes: [...vmaRoutes({ intake: store, clock, auth }), changesRoute({ changes, polls, clock, auth })],
    clock,
    onFault,
    ...(onAnswered && { onAnswered }),
    authorize: admitting(authenticator({ tokens }), clock),
  })
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
      await http.close(deadlineMs)
    },
  }
}
