/** The OMA service put together from its rooms: database thread, runtime, HTTP. The only file that knows them all. */

import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { packageRoot } from '../config/files.ts'
import type { Settings } from '../config/schema.ts'
import { DatabaseClient } from './actors/db-client.ts'
import { JobEvents } from './actors/job-events.ts'
import { PollingOrders } from './actors/polling-control.ts'
import { pollingStatus } from './actors/polling-status.ts'
import { databasePool } from './actors/pools.ts'
import { Runtime, type RuntimeOptions } from './actors/runtime.ts'
import type { StatsJson } from './actors/stats.ts'
import { omaTelemetry } from './compose-metrics.ts'
import { composeStream } from './compose-stream.ts'
import { databaseUrl } from './database-url.ts'
import type { Database, JobTarget } from './db/ports.ts'
import { admitting } from './http/admission.ts'
import { requireSafeBinding } from './http/auth.ts'
import { omaRoutes } from './http/oma-routes.ts'
import type { LiveJobs, PollingControl } from './http/ports.ts'
import type { Hub } from './http/stream/hub.ts'
import type { StreamStatsJson } from './http/stream/stats.ts'
import { withDescriptions } from './http/routes/descriptions.ts'
import { listen } from './http/uws/server.ts'
import { webRoutes } from './http/web/routes.ts'
import type { LiveJobJson } from './model/live.ts'
import { rfc3339 } from './model/time.ts'
import { hasCredentials, omaAuthenticator } from './oma-access.ts'
import { requestLog } from './request-log.ts'
import { serverTls, serviceUrl } from './service-url.ts'
import { tell } from './telemetry/events.ts'
import { plainServiceLog, type Logger, type ServiceLog } from './telemetry/log.ts'
import { packageVersion } from './version.ts'
import { vmaTarget } from './vma-target.ts'
import type { FetchSettings } from './workers/protocol.ts'

export type OmaStats = StatsJson

export interface Oma {
  readonly port: number
  readonly url: string
  readonly runtime: Runtime
  readonly database: Database
  jobs(): readonly LiveJobJson[]
  stats(): OmaStats
  whatIsWrong(): string | undefined
  streamStats(): StreamStatsJson
  close(): Promise<void>
}

export interface OmaOptions {
  readonly log: Logger
  /** Of that logger: its level, which can be changed, and its counts. */
  readonly serviceLog?: ServiceLog
  readonly now?: () => number
  readonly random?: () => number
  /** Create missing tables at start: for the embedded database; a deployed one is not ours to change. */
  readonly migrate?: boolean
  /** The built dashboard; dist/web of this package. */
  readonly webFolder?: string
}

/** How long a database that is away at start is waited for between two tries. */
const OPEN_RETRY_MS = 2_000

/** Starts the OMA. A database or VMA that is away is told in a sentence and waited for; HTTP is up meanwhile. */
export async function startOma(settings: Settings, options: OmaOptions): Promise<Oma> {
  const { log, now = Date.now, random = Math.random, serviceLog = plainServiceLog(log) } = options
  requireSafeBinding(settings.omaHttpHost, hasCredentials(settings))
  const dashboard = await webRoutes(options.webFolder ?? join(packageRoot(), 'dist', 'web'))
  const authenticate = omaAuthenticator(settings, { log, clock: { now } })
  const pool = databasePool()
  const database = new DatabaseClient(pool, databaseSettings(settings))
  const rfc = (at: number): string => rfc3339(at, settings.databaseTimeZone)
  const runtime = new Runtime(runtimeOptions(settings, database, { log, now, random, rfc3339: rfc }))
  const stream = composeStream({ runtime, authenticate, origins: settings.streamOrigins, rfc3339: rfc, now })
  const telemetry = omaTelemetry({ settings, runtime, database, hub: stream.hub, serviceLog })
  const rest = omaRoutes({
    live: liveJobsOf(runtime, stream.hub),
    histories: runtime.histories,
    logs: new JobEvents({ store: database, isLive: (id) => runtime.get(id) !== undefined, rfc3339: rfc }),
    store: database,
    polling: pollingOf(runtime, settings, database),
    ready: () => runtime.ready(),
    ...telemetry.routes,
    clock: { now },
    onFault: (what, cause) => tell(log, 'http.unreadable', { err: cause, what }),
  })
  const server = await listen({
    host: settings.omaHttpHost,
    port: settings.omaHttpPort,
    routes: [...withDescriptions([...rest, ...stream.routes], packageVersion(), { now }), ...dashboard],
    websockets: [stream.websocket],
    clock: { now },
    ...serverTls(settings.omaTlsCert, settings.omaTlsKey),
    authorize: admitting(authenticate, { now }),
    allowsOrigin: stream.allowsOrigin,
    ...requestLog(log),
  })
  telemetry.connections = () => server.connections
  const opening = new Opening(database, options.migrate ?? settings.database.dialect === 'sqlite', log)
  opening.run(() => runtime.start())
  return {
    port: server.port,
    url: serviceUrl(settings.omaHttpHost, server.port, settings.omaTlsCert !== undefined),
    runtime,
    database,
    jobs: () => [...runtime.list()],
    stats: () => runtime.read(),
    whatIsWrong: () => runtime.whatIsWrong(),
    streamStats: () => stream.hub.read(),
    close: async () => {
      opening.stop()
      stream.close()
      await server.close()
      await runtime.close()
      await database.close().catch((cause: unknown) => tell(log, 'db.close_failed', { err: cause }))
      await pool.close()
      telemetry.close()
    },
  }
}

interface Surroundings {
  readonly log: Logger
  readonly now: () => number
  readonly random: () => number
  readonly rfc3339: (at: number) => string
}

function runtimeOptions(settings: Settings, store: Database, around: Surroundings): RuntimeOptions {
  return {
    ...around,
    policy: {
      intervalMs: settings.pollIntervalMs,
      backoffBaseMs: settings.backoffBaseMs,
      maxErrors: settings.maxErrors,
      startupGraceMs: settings.startupGraceMs,
      contactTimeoutMs: settings.contactTimeoutMs,
    },
    fetch: fetchSettings(settings),
    fetchThreads: settings.fetchThreads,
    discovery: { statuses: settings.activeStatuses, intervalMs: settings.discoveryIntervalMs },
    store,
    vmaOf: vmaChooser(settings),
    revive: settings.revive,
    epoch: randomUUID(),
  }
}

function pollingOf(runtime: Runtime, settings: Settings, store: Database): PollingControl {
  const { supervisor } = runtime
  return new PollingOrders({
    supervisor,
    store,
    statuses: settings.activeStatuses,
    discoverNow: () => runtime.discoverNow(),
    status: () =>
      pollingStatus({
        jobs: supervisor.jobs.all(),
        circuits: supervisor.circuits.view(),
        feeds: runtime.feeds,
        stats: runtime.read(),
        rfc3339: (at) => rfc3339(at, settings.databaseTimeZone),
      }),
  })
}

function liveJobsOf(runtime: Runtime, hub: Hub): LiveJobs {
  return {
    get count() {
      return runtime.supervisor.jobs.size
    },
    epoch: hub.epoch,
    get seq() {
      return hub.seq
    },
    list: () => runtime.list(),
    get: (jobId) => runtime.get(jobId),
  }
}

/** A token for one run where none is configured: the API is never open. */
export function oneRunToken(): string {
  return randomBytes(24).toString('base64url')
}

/** Tries until the database is there. */
class Opening {
  readonly #database: Database
  readonly #migrate: boolean
  readonly #log: Logger
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(database: Database, migrate: boolean, log: Logger) {
    this.#database = database
    this.#migrate = migrate
    this.#log = log
  }

  run(opened: () => void): void {
    this.#open().then(
      () => {
        if (!this.#stopped) opened()
      },
      (cause: unknown) => {
        tell(this.#log, 'db.not_open', { err: cause })
        if (!this.#stopped) this.#timer = setTimeout(() => this.run(opened), OPEN_RETRY_MS)
      },
    )
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  async #open(): Promise<void> {
    if (this.#migrate) await this.#database.migrate()
    const { missing } = await this.#database.open()
    if (missing.length > 0) tell(this.#log, 'db.lacks', { missing })
  }
}

function databaseSettings(settings: Settings): { url: string; zone: string; poolSize: number } {
  const { database, databaseTimeZone, databasePoolSize } = settings
  return { url: databaseUrl(database), zone: databaseTimeZone, poolSize: databasePoolSize }
}

function fetchSettings(settings: Settings): FetchSettings {
  const { vmas, maxConcurrentPerVma, httpTimeoutMs, followFeeds } = settings
  return { vmas: vmas.map(vmaTarget), maxConcurrent: maxConcurrentPerVma, timeoutMs: httpTimeoutMs, feed: followFeeds }
}

/** A vCenter's jobs go to the VMA that the settings map it to; the rest to the first. */
function vmaChooser({ vmas, vcenters }: Settings): (target: JobTarget) => number {
  const byName = new Map(vmas.map((vma, i) => [vma.name, i]))
  return (target) => byName.get(vcenters[target.vcenterHost] ?? '') ?? 0
}
