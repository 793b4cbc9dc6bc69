/** Orders about single jobs (API-4): a job that is not followed yet is looked for at once, as discovery would find it. */

import type { JobStore } from '../db/ports.ts'
import type { PollingControl, PollingOrder } from '../http/ports.ts'
import type { PollingStatusJson } from '../model/wire/service.ts'
import type { Supervisor } from './supervisor.ts'

export interface PollingOrdersOptions {
  readonly supervisor: Supervisor
  readonly store: Pick<JobStore, 'targets'>
  /** The statuses that are polled, as discovery has them. */
  readonly statuses: readonly string[]
  readonly discoverNow: () => Promise<void>
  readonly status: () => PollingStatusJson
}

export class PollingOrders implements PollingControl {
  readonly #options: PollingOrdersOptions

  constructor(options: PollingOrdersOptions) {
    this.#options = options
  }

  start(jobId: string): Promise<PollingOrder> {
    return this.#order(jobId, () => this.#options.supervisor.pollNow(jobId))
  }

  stop(jobId: string): Promise<PollingOrder> {
    return this.#order(jobId, () => this.#options.supervisor.pause(jobId))
  }

  status(): PollingStatusJson {
    return this.#options.status()
  }

  /** The round of discovery that was under way may have begun before the job was there: its row has the last word. */
  async #order(jobId: string, act: () => boolean): Promise<PollingOrder> {
    const { supervisor, store, statuses, discoverNow } = this.#options
    if (act()) return this.#done(jobId)
    await discoverNow()
    if (act()) return this.#done(jobId)
    const [target] = await store.targets([jobId])
    if (target === undefined) return { outcome: 'unknown' }
    const status = target.status.trim().toLowerCase()
    if (!statuses.some((active) => active.toLowerCase() === status)) return { outcome: 'inactive', status }
    supervisor.adopt([target])
    return act() ? this.#done(jobId) : { outcome: 'inactive', status: supervisor.jobs.get(jobId)?.status ?? status }
  }

  #done(jobId: string): PollingOrder {
    return { outcome: 'done', state: this.#options.supervisor.jobs.get(jobId)?.pollState ?? 'stopped' }
  }
}
