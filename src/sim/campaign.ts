/**
 * Runs the replications of a fleet, job after job, as the OMA's GUI does in real life: it writes a new job's rows, the
 * VM's migratekits start, and a few seconds after the job has ended by the word of the database the next one begins.
 */

import type { Fleet, Migratekit } from './fleet.ts'
import { contextIdAt, jobIdAt } from './ids.ts'
import type { TransferEnd } from './migratekit.ts'
import { kindOf, planRun, type FleetOptions, type RunPlan, type VmPlan } from './plan.ts'
import type { EndedJob, InventoryStore, NewJob, SentOutcome } from './ports.ts'
import type { Random } from './random.ts'

export interface CampaignStats {
  readonly running: number
  readonly started: number
  readonly completed: number
  readonly failed: number
}

export interface CampaignParts {
  readonly options: FleetOptions
  readonly vms: readonly VmPlan[]
  readonly fleet: Fleet
  readonly store: InventoryStore
  readonly random: Random
  /** Told of a round that failed (the database is busy or away); the next round tries again. */
  readonly onTrouble: (error: unknown) => void
  /** Told of each job as it begins, with the key of its first disk. */
  readonly onStarted?: (job: NewJob, key: string) => void
}

interface Running {
  readonly jobId: string
  readonly run: RunPlan
  readonly clients: readonly Migratekit[]
  left: number
  died: boolean
  sent: SentOutcome | null
}

interface Vm {
  readonly plan: VmPlan
  readonly contextId: string
  jobs: number
  /** Completed a full sync: the next ones are incremental. */
  synced: boolean
  nextAt: number
  running: Running | null
}

interface Opening {
  readonly vm: Vm
  readonly job: NewJob
  readonly run: RunPlan
}

const ROUND_MS = 500

export class Campaign {
  readonly #parts: CampaignParts
  readonly #vms: readonly Vm[]
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> = Promise.resolve()
  #closed = false
  #completed = 0
  #failed = 0

  constructor(parts: CampaignParts) {
    const now = Date.now()
    this.#parts = parts
    this.#vms = parts.vms.map((plan) => ({
      plan,
      contextId: contextIdAt(plan.name, now),
      jobs: 0,
      synced: false,
      nextAt: now + plan.firstPauseMs,
      running: null,
    }))
  }

  /** Writes the inventory, starts what is due at once, and goes on by itself until closed. */
  async start(): Promise<void> {
    await this.#parts.store.addVms(this.#vms.map(({ plan, contextId }) => ({ vm: plan, contextId })))
    this.#next()
  }

  stats(): CampaignStats {
    const running = this.#vms.filter((vm) => vm.running !== null).length
    const started = this.#vms.reduce((sum, vm) => sum + vm.jobs, 0)
    return { running, started, completed: this.#completed, failed: this.#failed }
  }

  /** Starts nothing more; the fleet and the store are the caller's to close, after this. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#round
  }

  #next(): void {
    this.#round = this.#look()
      .catch((error: unknown) => this.#parts.onTrouble(error))
      .then(() => {
        if (!this.#closed) this.#timer = setTimeout(() => this.#next(), ROUND_MS)
      })
  }

  async #look(): Promise<void> {
    await this.#endJobs()
    if (!this.#closed) await this.#startJobs()
  }

  async #endJobs(): Promise<void> {
    const byJob = new Map<string, { readonly vm: Vm; readonly running: Running }>()
    for (const vm of this.#vms) if (vm.running !== null) byJob.set(vm.running.jobId, { vm, running: vm.running })
    if (byJob.size === 0) return
    const asked = [...byJob.values()].map(({ running }) => ({ jobId: running.jobId, sent: running.sent }))
    for (const ended of await this.#parts.store.ended(asked)) {
      const known = byJob.get(ended.jobId)
      if (known !== undefined) this.#close(known.vm, known.running, ended)
    }
  }

  #close(vm: Vm, running: Running, ended: EndedJob): void {
    // A job failed from outside may have clients that still run; the next job's need their disks.
    for (const client of running.clients) client.stop()
    if (ended.completed) {
      this.#completed += 1
      vm.synced = true
    } else {
      this.#failed += 1
    }
    vm.running = null
    vm.nextAt = Date.now() + running.run.pauseAfterMs
  }

  async #startJobs(): Promise<void> {
    const now = Date.now()
    const opening = this.#vms.filter((vm) => vm.running === null && vm.nextAt <= now).map((vm) => this.#open(vm, now))
    if (opening.length === 0) return
    await this.#parts.store.startJobs(opening.map(({ job }) => job))
    for (const { vm, job, run } of opening) {
      vm.jobs += 1
      vm.running = this.#launch(vm.plan, job.jobId, run)
      this.#parts.onStarted?.(job, keyOf(vm.plan, job.jobId, 0))
    }
  }

  #open(vm: Vm, now: number): Opening {
    const { plan, contextId } = vm
    const kind = kindOf(this.#parts.options, plan, vm.jobs + 1, vm.synced)
    const run = planRun(this.#parts.options, plan, vm.jobs + 1, kind)
    const jobId = jobIdAt(now, this.#parts.random.hex(7))
    return { vm, run, job: { jobId, contextId, vm: plan, kind, first: vm.jobs === 0 } }
  }

  #launch(vm: VmPlan, jobId: string, run: RunPlan): Running {
    const clients: Migratekit[] = []
    const running: Running = { jobId, run, clients, left: run.transfers.length, died: false, sent: null }
    run.transfers.forEach((transfer, at) => {
      const key = keyOf(vm, jobId, at)
      clients.push(this.#parts.fleet.launch(key, transfer, (end) => clientEnded(running, end)))
    })
    return running
  }
}

function keyOf(vm: VmPlan, jobId: string, disk: number): string {
  return vm.keyedByJob ? jobId : (vm.disks[disk]?.exportName ?? jobId)
}

/** One failure is the job's: its other processes are killed, and no message comes from them. */
function clientEnded(running: Running, end: TransferEnd): void {
  running.left -= 1
  if (end === 'died') running.died = true
  if (end === 'failed') {
    running.sent = 'failed'
    for (const client of running.clients) client.stop()
  } else if (running.left === 0) {
    running.sent = running.died ? 'died' : 'completed'
  }
}
