/** The OMA's runtime put together: threads, batchers, supervisor, discovery; one object to start, ask and close. */

import { Discovery } from './discovery.ts'
import { FetchLink } from './fetch-link.ts'
import { Mailbox } from './mailbox.ts'
import { fetchPool } from './pools.ts'
import { Publisher } from './publisher.ts'
import { readiness } from './readiness.ts'
import { Revivals } from './revivals.ts'
import { Slots } from './slots.ts'
import { RuntimeStats, type StatsJson } from './stats.ts'
import { Supervisor } from './supervisor.ts'
import type { SupervisorEvents } from './supervisor-options.ts'
import { WriteBatcher } from './write-batcher.ts'
import type { JobStore, JobTarget } from '../db/ports.ts'
import type { ReadinessJson } from '../http/ports.ts'
import type { CircuitPolicy } from '../machines/circuit.ts'
import type { PollingPolicy } from '../machines/polling.ts'
import { liveJob, type LiveJobJson } from '../model/live.ts'
import type { Logger } from '../telemetry/log.ts'
import type { FetchSettings } from '../workers/protocol.ts'

/** Lost jobs are looked for with every third round of discovery (RECOVER-3). */
const ROUNDS_PER_REVIVAL = 3

export interface RuntimeOptions {
  readonly policy: PollingPolicy
  readonly fetch: FetchSettings
  readonly fetchThreads: number
  readonly discovery: { readonly statuses: readonly string[]; readonly intervalMs: number }
  readonly store: JobStore
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
  readonly stats = new RuntimeStats()

  constructor(options: RuntimeOptions) {
    const { log, now, store, policy } = options
    this.#options = options
    this.#pool = fetchPool(options.fetchThreads)
    this.#mailbox = new Mailbox({
      deliver: (result) => {
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
      onProbed: (vma, error) => this.supervisor.circuits.probed(vma, error),
      onRestart: (thread, cause) => log.error({ err: cause, thread }, 'a fetch thread died and is started again'),
    })
    this.writes = new WriteBatcher(store, {
      onEnded: (jobId, result) => this.supervisor.ended(jobId, result),
      onFault: (what, cause) => log.warn({ err: cause, what }, 'the database did not take a write; it is kept'),
      onDropped: (jobId, cause) => {
        log.error({ err: cause, job_id: jobId }, 'a write was given up')
        this.supervisor.abandoned(jobId)
      },
    })
    this.publisher = new Publisher(options.epoch, (cause) => log.error({ err: cause }, 'a listener to changes failed'))
    const slots = new Slots()
    this.supervisor = new Supervisor({
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
      events: this.#events(),
    })
    this.#revivals = options.revive ? this.#buildRevivals(slots) : undefined
    this.#discovery = this.#buildDiscovery()
    this.#logChanges()
  }

  start(): void {
    this.#started = true
    this.stats.loop.start()
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
    return this.stats.read({
      active: this.supervisor.jobs.size,
      inFlight: this.#fetch.inFlight,
      mailboxDepth: this.#mailbox.depth,
      conflated: this.#mailbox.conflated,
      writesQueued: this.writes.queued,
      databaseDegraded: this.writes.degraded,
      writes: this.writes.stats,
    })
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
    this.stats.loop.stop()
  }

  #markRates(): void {
    this.stats.mark(this.#options.now(), this.writes.stats.rows + this.writes.stats.ends)
  }

  #events(): SupervisorEvents {
    const { log } = this.#options
    const { stats } = this
    return {
      onPoll: (job, { lateMs, tookMs }, error) => {
        stats.poll(lateMs, tookMs, error?.code)
        if (error !== undefined)
          log.debug({ job_id: job.jobId, code: error.code, reason: error.message }, 'poll failed')
      },
      onWrite: (reason) => stats.write(reason),
      onBackward: (job, saw) => {
        stats.backward += 1
        log.debug({ job_id: job.jobId, status: job.status, saw }, 'backward status ignored')
      },
      onUnknownWord: (job, word) => {
        if (stats.unknownWord(word)) log.warn({ job_id: job.jobId, word }, 'unknown status word; the status stays')
      },
      onCrash: (job, cause, { delayMs, suspended }) => {
        stats.restarts += 1
        log.error(
          { err: cause, job_id: job.jobId, delay_ms: delayMs, suspended },
          'a job actor threw; it is started again',
        )
      },
      onVmaDown: (vma, cause) =>
        log.warn(
          { vma, code: cause.code, reason: cause.message },
          'VMA unreachable: its jobs are held until it answers',
        ),
      onVmaUp: (vma, downMs) => {
        log.info({ vma, down_ms: downMs }, 'VMA answers again: its jobs are polled')
        void this.#revivals?.resumed(this.#options.fetch.vmas.findIndex(({ name }) => name === vma))
      },
    }
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
        log.info({ job_id: target.jobId, vm_name: target.vmName, status }, 'job revived: its VMA still reports the run')
        void this.#discovery.runNow()
      },
      onFault: (what, cause) =>
        log.warn({ err: cause, what }, 'a lost job could not be brought back; it is tried again'),
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
        if (adopted > 0 || released > 0) log.info({ active, adopted, released }, 'discovery')
        this.writes.retryNow()
        this.#markRates()
        void this.#revivals?.round()
      },
      onFault: (cause) => log.warn({ err: cause }, 'the database did not answer discovery; the next round tries again'),
    })
  }

  #logChanges(): void {
    const { log } = this.#options
    this.publisher.listen((job, change) => {
      const about = { job_id: job.jobId, vm_name: job.target.vmName }
      if (change === 'adopted')
        log.info({ ...about, status: job.status }, 'Starting progress polling for replication job')
      if (change === 'stage' || change === 'status')
        log.info({ ...about, status: job.status, operation: job.operation }, 'job moved on')
      if (change === 'ended')
        log.info(
          { ...about, status: job.status, error: job.errorMessage || undefined },
          'Job ended, stopping progress polling',
        )
    })
  }
}

/** An unreachable VMA is probed after 1, 2, 4, 8 and then every 10 s, as the settings' base of 5 s makes it (POLL-8). */
function circuitPolicy({ backoffBaseMs }: PollingPolicy): CircuitPolicy {
  return { firstProbeMs: backoffBaseMs / 5, mostProbeMs: backoffBaseMs * 2 }
}
