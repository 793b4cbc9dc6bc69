/**
 * What goes wrong, and how a whole OMA comes through it: real processes, a real MariaDB, and a VMA that tells the truth.
 * The same scenarios run at two scales: shortened in `npm test`, with the real settings in `npm run test:long`.
 */

import type { Connection } from '../../src/db/executor.ts'
import type { VmaPlan } from '../fakes/scripted-vma-process.ts'
import { endOf, truthOf, type TruthJob } from '../fakes/truth.ts'
import { connect } from '../support/inventory.ts'
import { freePort, type MariaDbServer } from '../support/mariadb-server.ts'
import { Service, until } from '../support/service.ts'
import { openDatabase } from '../../src/db/open.ts'
import { addFleet, judge, lostJobs, openJobs, unloggedJobs, type Verdict } from './fleet.ts'
import { TrueVma } from './true-vma.ts'

/** Milliseconds. */
export interface Scale {
  readonly jobs: number
  /** In the scenarios other than killing the OMA; as many where absent. */
  readonly jobsElsewhere?: number
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
/** Rows of two hundred jobs are made in this time. */
const HEAD_START_MS = 2_000

interface Place {
  readonly server: MariaDbServer
  readonly name: string
  readonly seed: number
  readonly folder: string
}

/** Everything one scenario has, and what it may do to it. */
export class Stage {
  readonly scale: Scale
  readonly on: Connection
  readonly #url: string
  readonly #folder: string
  readonly #vmaPort: number
  #oma: Service | undefined
  #vma: TrueVma | undefined
  #jobs: readonly TruthJob[] = []

  private constructor(scale: Scale, url: string, folder: string, vmaPort: number) {
    this.scale = scale
    this.on = connect(url)
    this.#url = url
    this.#folder = folder
    this.#vmaPort = vmaPort
  }

  static async open(scale: Scale, { server, name, seed, folder }: Place): Promise<Stage> {
    const url = await server.database(name)
    const database = await openDatabase(url, { zone: 'UTC', poolSize: 1 })
    await database.migrate()
    await database.close()
    const stage = new Stage(scale, url, folder, await freePort())
    try {
      await stage.#begin(seed)
      return stage
    } catch (cause) {
      await stage.close()
      throw cause
    }
  }

  /** The transfers begin when all that watches them runs: on a busy machine starting it takes its time. */
  async #begin(seed: number): Promise<void> {
    await this.startOma()
    const createdAt = Date.now()
    const plan = planOf(this.scale, seed, createdAt + HEAD_START_MS)
    this.#jobs = truthOf(plan)
    this.#vma = new TrueVma(this.#vmaPort, plan)
    await this.#vma.start()
    await addFleet(this.on, this.#jobs, createdAt)
    await until('all jobs are heard of', async () => ((await this.#isFollowed()) ? true : undefined), 60_000)
  }

  async #isFollowed(): Promise<boolean> {
    return (await this.running()) + this.#jobs.length - (await openJobs(this.on)) > this.#jobs.length * 0.9
  }

  get jobs(): readonly TruthJob[] {
    return this.#jobs
  }

  get vma(): TrueVma {
    if (this.#vma === undefined) throw new Error('the stage is not open')
    return this.#vma
  }

  async startOma(): Promise<void> {
    this.#oma = await Service.start(
      'oma',
      {
        ...this.scale.settings,
        OMA_API_TOKENS: TOKEN,
        DATABASE_TIME_ZONE: 'UTC',
        DATABASE_URL: this.#url,
        VMA_PROGRESS_CLIENT_URL: `http://127.0.0.1:${this.#vmaPort}`,
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
      async () =>
        (await openJobs(this.on)) + (await lostJobs(this.on, this.jobs)) + (await unloggedJobs(this.on)) === 0
          ? true
          : undefined,
      boundMs,
    ).catch(() => {})
    return await judge(this.on, this.jobs)
  }

  async close(): Promise<void> {
    await this.#oma?.stop()
    await this.#vma?.kill()
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
