/** The OMA's runtime put together: threads, batchers, supervisor, discovery; one object to start, ask and close. */

import { correlationId } from './correlation.ts'
import { Discovery } from './discovery.ts'
import { FetchLink } from './fetch-link.ts'
import { Histories } from './history.ts'
import { JobLog } from './job-log.ts'
import { Mailbox } from './mailbox.ts'
import { fetchPool } from './pools.ts'
import { Publisher } from './publisher.ts'
import { isPushed } from './pushed.ts'
import { readiness } from './readiness.ts'
import { Revivals } from './revivals.ts'
import { logChange, supervisorEvents } from './runtime-log.ts'
import { runtimeReadings, type RuntimeReadings } from './runtime-metrics.ts'
import { Slots } from './slots.ts'
import { RuntimeStats, type Gauges, type StatsJson } from './stats.ts'
import { Supervisor } from './supervisor.ts'
import { WriteBatcher } from './write-batcher.ts'
import type { JobStore, JobTarget } from '../db/ports.ts'
import type { HistoryStore, JobLogStore } from '../db/record-ports.ts'
import type { ReadinessJson } from '../http/ports.ts'
import type { CircuitPolicy } from '../machines/circuit.ts'
import type { PollingPolicy } from '../machines/polling.ts'
import { liveJob, type LiveJobJson } from '../model/live.ts'
import { tell } from '../telemetry/events.ts'
import type { Logger } from '../telemetry/log.ts'
import type { FetchSettings } from '../workers/protocol.ts'

/** Lost jobs are looked for with every third round of discovery (RECOVER-3). */
const ROUNDS_PER_REVIVAL = 3

export interface RuntimeOptions {
  readonly policy: PollingPolicy
  readonly fetch: FetchSettings
  readonly fetchThreads: number
  readonly discovery: { readonly statuses: readonly string[]; readonly intervalMs: number }
  readonly store: JobStore & JobLogStore & HistoryStore
  readonly vmaOf: (target: JobTarget) => number
  /** RECOVER-3. */
  readonly revive: boolean
  readonly epoch: string
  readonly rfc3339: (at: number) => string
  readonly now: () => number
  readonly random: () => number
  readonly log: Logger
}

export class Runtime {
  readonly #options: RuntimeOptions
  readonly #fetch: FetchLink
  readonly #pool: ReturnType<typeof fetchPool>
  readonly #discovery: Discovery
  readonly #mailbox: Mailbox
  readonly #revivals: Revivals | undefined
  #started = false
  readonly publisher: Publisher
  readonly supervisor: Supervisor
  readonly writes: WriteBatcher
  readonly jobLog: JobLog
  readonly histories: Histories
  readonly stats = new RuntimeStats()

  constructor(options: RuntimeOptions) {
    const { log, now, store, policy } = options
    this.#options = options
    this.#pool = fetchPool(options.fetchThreads)
    this.#mailbox = new Mailbox({
      deliver: (result) => {
        if (isPushed(result)) this.stats.pushed += 1
        if (this.#revivals?.deliver(result) !== true) this.supervisor.deliver(result)
      },
      monotonic: () => performance.now(),
      defer: setImmediate,
    })
    this.#fetch = new FetchLink({
      pool: this.#pool,
      threads: options.fetchThreads,
      settings: options.fetch,
      onResults: (results) => this.#mailbox.post(results),
      onFeed: (vma) => this.#heardOfFeed(vma),
      onProbed: (vma, error) => this.supervisor.circuits.probed(vma, error),
      onRestart: (thread, cause) => {
        this.stats.threadRestarts += 1
        tell(log, 'thread.restarted', { err: cause, thread })
      },
    })
    this.writes = new WriteBatcher(store, {
      onEnded: (jobId, result) => {
        this.supervisor.ended(jobId, result)
        if (result.outcome === 'unplanned') void this.#discovery.runNow()
      },
      onFault: (what, cause) => tell(log, 'db.write_failed', { err: cause, what }),
      onDropped: (jobId, cause) => {
        tell(log, 'db.write_given_up', { err: cause, job_id: jobId, correlation_id: correlationId(jobId) })
        this.supervisor.abandoned(jobId)
      },
    })
    this.publisher = new Publisher(options.epoch, (cause) => tell(log, 'listener.failed', { err: cause }))
    this.jobLog = new JobLog({
      store,
      now,
      startupGraceMs: policy.startupGraceMs,
      onFault: (cause, lost) => tell(log, 'job_log.failed', { err: cause, lost }),
    })
    this.publisher.listen((job, change) => this.jobLog.hear(job, change))
    this.histories = new Histories({
      ...options,
      publisher: this.publisher,
      onFault: (cause) => tell(log, 'histories.failed', { err: cause }),
    })
    const slots = new Slots()
    this.supervisor = this.#buildSupervisor(slots)
    this.#revivals = options.revive ? this.#buildRevivals(slots) : undefined
    this.#discovery = this.#buildDiscovery()
    this.publisher.listen((job, change) => logChange(log, job, change))
  }

  start(): void {
    this.#started = true
    this.stats.loop.start()
    this.histories.start()
    this.#discovery.start()
  }

  discoverNow(): Promise<void> {
    return this.#discovery.runNow()
  }

  *list(): Generator<LiveJobJson> {
    const { now, rfc3339 } = this.#options
    // A copy of the list: whoever reads it in slices meets each job once, whatever comes and goes meanwhile.
    const jobs = [...this.supervisor.jobs.all()]
    for (const job of jobs) yield liveJob(job.view(now()), rfc3339)
  }

  get(jobId: string): LiveJobJson | undefined {
    const job = this.supervisor.jobs.get(jobId)
    const { now, rfc3339 } = this.#options
    return job === undefined ? undefined : liveJob(job.view(now()), rfc3339)
  }

  read(): StatsJson {
    this.#markRates()
    return this.stats.read(this.#gauges())
  }

  /** For `/metrics`; `databaseCalls` wait for the database thread. */
  metrics(databaseCalls: number): RuntimeReadings {
    return runtimeReadings({
      jobs: this.supervisor.jobs.all(),
      circuits: this.supervisor.circuits.view(),
      fetch: this.#fetch,
      stats: this.stats,
      gauges: this.#gauges(),
      writes: this.writes.counts,
      isReady: this.ready().status === 'ready',
      databaseCalls,
    })
  }

  #gauges(): Gauges {
    return {
      active: this.supervisor.jobs.size,
      inFlight: this.#fetch.inFlight,
      mailboxDepth: this.#mailbox.depth,
      conflated: this.#mailbox.conflated,
      writesQueued: this.writes.queued,
      databaseDegraded: this.writes.degraded,
      writes: this.writes.stats,
      jobLog: { ...this.jobLog.stats, queued: this.jobLog.queued },
    }
  }

  /** For a watchdog: why the service is beyond help by itself; a database or VMA that is away is no reason. */
  whatIsWrong(): string | undefined {
    return this.#discovery.isStuck ? 'discovery has not come round for minutes' : undefined
  }

  ready(): ReadinessJson {
    return readiness({
      started: this.#started,
      discoveryFailing: this.#discovery.isFailing,
      writesFailing: this.writes.degraded,
      writesQueued: this.writes.queued,
      circuits: this.supervisor.circuits.view(),
      threadsDown: this.#fetch.threadsDown,
      rfc3339: this.#options.rfc3339,
    })
  }

  /** Stops asking, then writes what is left; in the reverse order of the way of the data. */
  async close(): Promise<void> {
    await this.#discovery.close()
    await this.#revivals?.close()
    this.supervisor.stop()
    await this.#fetch.close()
    await this.#pool.close()
    await this.writes.close()
    await this.jobLog.close()
    await this.histories.close()
    this.stats.loop.stop()
  }

  /** How each VMA's change feed stands, in the order of the settings (POLL-10). */
  get feeds(): FetchLink['feeds'] {
    return this.#fetch.feeds
  }

  /** How each fetch thread did when it last told. */
  get threads(): FetchLink['threads'] {
    return this.#fetch.threads
  }

  #heardOfFeed(vma: number): void {
    const feed = this.#fetch.feeds[vma]
    tell(this.#options.log, 'vma.feed', { vma: this.#options.fetch.vmas[vma]?.name, feed })
    this.supervisor.fedAnew(vma)
  }

  #markRates(): void {
    this.stats.mark(this.#options.now(), this.writes.stats.rows + this.writes.stats.ends)
  }

  #buildSupervisor(slots: Slots): Supervisor {
    const options = this.#options
    const { policy, now } = options
    return new Supervisor({
      policy,
      circuit: circuitPolicy(policy),
      now,
      random: options.random,
      defer: setImmediate,
      vmas: options.fetch.vmas.map(({ name }) => name),
      vmaOf: options.vmaOf,
      slots,
      fetch: this.#fetch,
      writes: this.writes,
      publisher: this.publisher,
      events: supervisorEvents(options, {
        stats: this.stats,
        jobLog: this.jobLog,
        onVmaUp: (vma) => void this.#revivals?.resumed(options.fetch.vmas.findIndex(({ name }) => name === vma)),
      }),
    })
  }

  #buildRevivals(slots: Slots): Revivals {
    const { store, vmaOf, now, log, discovery } = this.#options
    return new Revivals({
      store,
      slots,
      fetch: this.#fetch,
      circuits: this.supervisor.circuits,
      vmaOf,
      now,
      intervalMs: discovery.intervalMs * ROUNDS_PER_REVIVAL,
      onRevived: (target, status) => {
        this.stats.revived += 1
        tell(log, 'job.revived', { job_id: target.jobId, vm_name: target.vmName, status })
        void this.#discovery.runNow()
      },
      onFault: (what, cause) => tell(log, 'job.revival_failed', { err: cause, what }),
    })
  }

  #buildDiscovery(): Discovery {
    const { store, discovery, now, log } = this.#options
    return new Discovery({
      store,
      supervisor: this.supervisor,
      ...discovery,
      now,
      onRound: ({ active, adopted, released }) => {
        this.stats.rounds.ok += 1
        if (adopted > 0 || released > 0) tell(log, 'discovery.changed', { active, adopted, released })
        this.writes.retryNow()
        this.#markRates()
        void this.#revivals?.round()
      },
      onFault: (cause) => {
        this.stats.rounds.failed += 1
        tell(log, 'discovery.failed', { err: cause })
      },
    })
  }
}

/** An unreachable VMA is probed after 1, 2, 4, 8 and then every 10 s, as the settings' base of 5 s makes it (POLL-8). */
function circuitPolicy({ backoffBaseMs }: PollingPolicy): CircuitPolicy {
  return { firstProbeMs: backoffBaseMs / 5, mostProbeMs: backoffBaseMs * 2 }
}
