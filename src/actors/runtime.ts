/** The OMA's runtime put together: threads, batchers, supervisor, discovery; one object to start, ask and close. */

import { Discovery } from './discovery.ts'
import { FetchLink } from './fetch-link.ts'
import { Histories } from './history.ts'
import { Mailbox } from './mailbox.ts'
import { fetchPool } from './pools.ts'
import { Publisher } from './publisher.ts'
import { RuntimeStats, type StatsJson } from './stats.ts'
import { Supervisor } from './supervisor.ts'
import { WriteBatcher } from './write-batcher.ts'
import type { HistoryStore, JobStore, JobTarget } from '../db/ports.ts'
import type { PollingPolicy } from '../machines/polling.ts'
import { liveJob, type LiveJobJson } from '../model/live.ts'
import type { Logger } from '../telemetry/log.ts'
import type { FetchSettings } from '../workers/protocol.ts'

export interface RuntimeOptions {
  readonly policy: PollingPolicy
  readonly fetch: FetchSettings
  readonly fetchThreads: number
  readonly discovery: { readonly statuses: readonly string[]; readonly intervalMs: number }
  readonly store: JobStore & HistoryStore
  readonly vmaOf: (target: JobTarget) => number
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
  readonly publisher: Publisher
  readonly supervisor: Supervisor
  readonly writes: WriteBatcher
  readonly histories: Histories
  readonly stats = new RuntimeStats()

  constructor(options: RuntimeOptions) {
    const { log, now, store, policy } = options
    this.#options = options
    this.#pool = fetchPool(options.fetchThreads)
    this.#mailbox = new Mailbox({
      deliver: (result) => this.supervisor.deliver(result),
      monotonic: () => performance.now(),
      defer: setImmediate,
    })
    this.#fetch = new FetchLink({
      pool: this.#pool,
      threads: options.fetchThreads,
      settings: options.fetch,
      onResults: (results) => this.#mailbox.post(results),
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
    this.publisher = new Publisher(options.epoch)
    this.histories = new Histories({
      ...options,
      publisher: this.publisher,
      onFault: (cause) => log.warn({ err: cause }, 'histories of jobs are not stored at present; they stay in memory'),
    })
    const { stats } = this
    this.supervisor = new Supervisor({
      policy,
      now,
      random: options.random,
      vmaOf: options.vmaOf,
      fetch: this.#fetch,
      writes: this.writes,
      publisher: this.publisher,
      events: {
        onPoll: (job, lateMs, error) => {
          stats.poll(lateMs, error?.code)
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
      },
    })
    this.#discovery = this.#buildDiscovery()
    this.#logChanges()
  }

  start(): void {
    this.stats.loop.start()
    this.histories.start()
    this.#discovery.start()
  }

  discoverNow(): Promise<void> {
    return this.#discovery.runNow()
  }

  *list(): Generator<LiveJobJson> {
    for (const job of this.supervisor.jobs.all()) yield liveJob(job.view(), this.#options.rfc3339)
  }

  get(jobId: string): LiveJobJson | undefined {
    const job = this.supervisor.jobs.get(jobId)
    return job === undefined ? undefined : liveJob(job.view(), this.#options.rfc3339)
  }

  read(): StatsJson {
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

  /** Stops asking, then writes what is left; in the reverse order of the way of the data. */
  async close(): Promise<void> {
    await this.#discovery.close()
    this.supervisor.stop()
    await this.#fetch.close()
    await this.#pool.close()
    await this.writes.close()
    await this.histories.close()
    this.stats.loop.stop()
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
