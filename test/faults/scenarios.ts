/**
 * What goes wrong, and how a whole OMA comes through it: real processes, a real MariaDB, and a VMA that tells the truth.
 * The same scenarios run at two scales: shortened in `npm test`, with the real settings in `npm run test:long`.
 */

import type { Connection } from '../../src/db/executor.ts'
import type { VmaPlan } from '../fakes/scripted-vma-process.ts'
import { endOf, truthOf, type TruthJob } from '../fakes/truth.ts'
import { connect } from '../support/inventory.ts'
import type { MariaDbServer } from '../support/mariadb-server.ts'
import { Service, until } from '../support/service.ts'
import { openDatabase } from '../../src/db/open.ts'
import { addFleet, judge, lostJobs, openJobs, type Verdict } from './fleet.ts'
import { TrueVma } from './true-vma.ts'

/** Milliseconds. */
export interface Scale {
  readonly jobs: number
  readonly transferMs: readonly [number, number]
  readonly settings: Readonly<Record<string, string>>
  readonly kills: number
  readonly databaseAwayMs: number
  readonly vmaAwayMs: number
  /** Bound for the contact timeout to have failed every job. */
  readonly vmaLostMs: number
  /** How long after the last transfer's end all rows have to be right. */
  readonly patienceMs: number
}

export interface Outcome extends Verdict {
  readonly fault: string
  readonly done: string
  /** Jobs that were running when the fault came. */
  readonly atRisk: number
  /** From the return of what was away until every open job had been heard of again; the longest, where there were several. */
  readonly recoveryMs: number
  /** What the scenario itself has to say, where something is not as it should be. */
  readonly remarks: readonly string[]
}

const TOKEN = 'a-token-for-fault-tests'

/** Everything one scenario has, and what it may do to it. */
export class Stage {
  readonly jobs: readonly TruthJob[]
  readonly scale: Scale
  readonly on: Connection
  readonly vma: TrueVma
  readonly #url: string
  readonly #folder: string
  #oma: Service | undefined

  private constructor(scale: Scale, plan: VmaPlan, on: Connection, url: string, folder: string) {
    this.scale = scale
    this.jobs = truthOf(plan)
    this.vma = new TrueVma(plan)
    this.on = on
    this.#url = url
    this.#folder = folder
  }

  static async open(scale: Scale, server: MariaDbServer, name: string, seed: number, folder: string): Promise<Stage> {
    const url = await server.database(name)
    const database = await openDatabase(url, { zone: 'UTC', poolSize: 1 })
    await database.migrate()
    await database.close()
    const on = connect(url)
    const plan = planOf(scale, seed, Date.now() + 2_000)
    const stage = new Stage(scale, plan, on, url, folder)
    try {
      await stage.#begin()
      return stage
    } catch (cause) {
      await stage.close()
      throw cause
    }
  }

  async #begin(): Promise<void> {
    await addFleet(this.on, this.jobs, Date.now() - 1_000)
    await this.vma.start()
    await this.startOma()
    await until(
      'the transfers run',
      async () => ((await this.running()) > this.scale.jobs * 0.9 ? true : undefined),
      60_000,
    )
  }

  async startOma(): Promise<void> {
    this.#oma = await Service.start(
      'oma',
      {
        ...this.scale.settings,
        OMA_API_TOKENS: TOKEN,
        DATABASE_TIME_ZONE: 'UTC',
        DATABASE_URL: this.#url,
        VMA_PROGRESS_CLIENT_URL: this.vma.url,
      },
      this.#folder,
    )
  }

  async killOma(): Promise<void> {
    await this.#oma?.stop('SIGKILL')
  }

  get log(): string {
    return this.#oma?.log ?? ''
  }

  /** Jobs whose bytes move, as their rows tell. */
  async running(): Promise<number> {
    const rows = await this.on.all(
      "select id from replication_jobs where status = 'replicating' and bytes_transferred > 0",
    )
    return rows.length
  }

  /** Time until the OMA has heard of every open job since `from`. */
  async heardOfAll(from: number, boundMs: number): Promise<number> {
    await until(
      'every open job was heard of again',
      async () => ((await this.#unheard(from)) === 0 ? true : undefined),
      boundMs,
    )
    return Date.now() - from
  }

  async #unheard(from: number): Promise<number> {
    const answer = await fetch(`${this.#oma?.url}/api/v1/progress`, { headers: { authorization: `Bearer ${TOKEN}` } })
    const { jobs } = (await answer.json()) as {
      jobs: { completed_at: string | null; vma_last_poll_at: string | null }[]
    }
    const open = jobs.filter((job) => job.completed_at === null)
    const heard = open.filter(
      (job) => job.vma_last_poll_at !== null && Date.parse(job.vma_last_poll_at) >= from - 1_000,
    )
    return jobs.length === 0 && (await openJobs(this.on)) > 0 ? Number.POSITIVE_INFINITY : open.length - heard.length
  }

  async readiness(): Promise<number> {
    return (await fetch(`${this.#oma?.url}/readyz`)).status
  }

  /** Waits for the end of all transfers and judges the rows. */
  async judge(): Promise<Verdict> {
    const last = Math.max(...this.jobs.map(endOf))
    const boundMs = Math.max(0, last - Date.now()) + this.scale.patienceMs
    await until(
      'every job has ended',
      async () => ((await openJobs(this.on)) + (await lostJobs(this.on, this.jobs)) === 0 ? true : undefined),
      boundMs,
    ).catch(() => {})
    return await judge(this.on, this.jobs)
  }

  async close(): Promise<void> {
    await this.#oma?.stop()
    await this.vma.kill()
    await this.on.close()
  }
}

const GIB = 2 ** 30

/** Every disk moves a GiB a second: its size says how long it takes. */
function planOf({ jobs, transferMs }: Scale, seed: number, startAt: number): VmaPlan {
  const bytes = transferMs.map((ms) => Math.floor((ms / 1_000) * GIB)) as [number, number]
  return { seed, jobs, startAt, spreadMs: 1_000, setupMs: 1_000, bytes, bps: [GIB, GIB], failShare: 0.1 }
}

/** Passes without a job being read: the fault itself lasts. */
export function lasting(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
