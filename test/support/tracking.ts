/** The supervisor under a hand clock: threads and database are lists that a test reads and answers. */

import { SimulatedClock } from 'xstate'
import type { Job } from '../../src/actors/job.ts'
import { Publisher, type JobChange } from '../../src/actors/publisher.ts'
import { Slots } from '../../src/actors/slots.ts'
import { Supervisor } from '../../src/actors/supervisor.ts'
import type { SupervisorEvents, SupervisorOptions } from '../../src/actors/supervisor-options.ts'
import type { JobEnd, JobTarget, ProgressRow, TargetDisk } from '../../src/db/ports.ts'
import type { PollingPolicy } from '../../src/machines/polling.ts'
import type { PollErrorCode } from '../../src/model/errors.ts'
import type { JobProgress } from '../../src/model/progress.ts'
import type { FetchTarget, PollResult } from '../../src/workers/protocol.ts'

export const START = Date.parse('2025-09-09T10:00:00Z')

const STEP_MS = 50

const POLICY: PollingPolicy = {
  intervalMs: 2_000,
  backoffBaseMs: 5_000,
  maxErrors: 5,
  startupGraceMs: 30_000,
  contactTimeoutMs: 300_000,
}

export function disk(fields: Partial<TargetDisk> = {}): TargetDisk {
  return {
    rowId: 1,
    diskId: 'disk-2000',
    exportName: 'migration-vol-1',
    capacityBytes: 1_000,
    syncStatus: 'pending',
    bytesSynced: 0,
    changeId: '',
    ...fields,
  }
}

export function target(jobId: string, fields: Partial<JobTarget> = {}): JobTarget {
  return {
    jobId,
    vmContextId: `ctx-${jobId}`,
    vmName: `vm-${jobId}`,
    vcenterHost: '',
    status: 'replicating',
    currentOperation: '',
    replicationType: '',
    percent: 0,
    bytes: 0,
    totalBytes: 0,
    createdAt: START - 60_000,
    startedAt: null,
    disks: [disk({ exportName: `migration-vol-${jobId}` })],
    ...fields,
  }
}

/** A transfer at `bytes` of 1 000. */
export function transfer(bytes: number, fields: Partial<JobProgress> = {}): JobProgress {
  return {
    status: 'replicating',
    stage: 'Transfer',
    phase: 'Transfer',
    percent: bytes / 10,
    bytes,
    totalBytes: 1_000,
    speedBps: 10,
    etaSeconds: null,
    disksReporting: 1,
    disks: [],
    ...fields,
  }
}

export interface TrackingOptions {
  readonly policy?: Partial<PollingPolicy>
  readonly vmas?: readonly string[]
  readonly vmaOf?: (target: JobTarget) => number
  /** What the database side does with a row: may throw. */
  readonly onRow?: (row: ProgressRow) => void
  readonly onEnd?: (end: JobEnd) => void
  /** The threads' part, where a test has one of its own. */
  readonly fetch?: SupervisorOptions['fetch']
}

export class Tracking {
  readonly clock = new SimulatedClock()
  readonly slots = new Slots()
  readonly supervisor: Supervisor
  readonly publisher = new Publisher('epoch', () => {})
  readonly policy: PollingPolicy
  /** Job ids in the order in which they were asked for and have no answer yet. */
  readonly asked: string[] = []
  readonly probes: number[] = []
  /** VMAs whose change feed tells of their jobs; `feedBreaks` ends that. */
  readonly fed = new Set<number>()
  /** VMAs whose feed was to be asked for again. */
  readonly follows: number[] = []
  readonly told = new Map<number, FetchTarget>()
  readonly rows: ProgressRow[] = []
  readonly ends: JobEnd[] = []
  readonly changes: string[] = []
  /** Reasons of the writes, in order. */
  readonly reasons: string[] = []
  /** Ends that stand in the database: status, and how it became known. */
  readonly counted: string[] = []
  readonly crashes: { readonly jobId: string; readonly delayMs: number; readonly suspended: boolean }[] = []
  #turns: (() => void)[] = []

  constructor({ policy, vmas = ['vma'], vmaOf = () => 0, onRow, onEnd, fetch }: TrackingOptions = {}) {
    this.policy = { ...POLICY, ...policy }
    this.publisher.listen((job: Job, change: JobChange) => this.changes.push(`${job.jobId} ${change}`))
    this.supervisor = new Supervisor({
      policy: this.policy,
      circuit: { firstProbeMs: 1_000, mostProbeMs: 10_000 },
      now: () => this.now(),
      random: () => 0.5,
      clock: this.clock,
      monotonic: () => this.clock.now(),
      defer: (run) => this.#turns.push(run),
      vmas,
      vmaOf,
      slots: this.slots,
      fetch: fetch ?? {
        track: (targets) => targets.forEach((one) => this.told.set(one.slot, one)),
        untrack: (slot) => this.told.delete(slot),
        ask: (slot) => this.asked.push(this.told.get(slot)?.jobId ?? `slot ${slot}`),
        probe: (vma) => this.probes.push(vma),
        follow: (vma) => this.follows.push(vma),
        isFed: (_slot, vma) => this.fed.has(vma),
      },
      writes: {
        row: (_jobId, make) => {
          const row = make()
          onRow?.(row)
          this.rows.push(row)
        },
        end: (end) => {
          this.ends.push(end)
          onEnd?.(end)
        },
        forget: () => {},
      },
      publisher: this.publisher,
      events: this.#events(),
    })
  }

  now(): number {
    return START + this.clock.now()
  }

  adopt(...targets: readonly JobTarget[]): void {
    this.supervisor.adopt(targets)
  }

  job(jobId: string): Job {
    const job = this.supervisor.jobs.get(jobId)
    if (job === undefined) throw new Error(`${jobId} is not followed`)
    return job
  }

  state(jobId: string): string {
    return this.job(jobId).pollState
  }

  answer(jobId: string, progress: JobProgress): void {
    this.#deliver(jobId, (slot) => ({ slot, ok: true, progress }))
  }

  /** The VMA's feed told of it, nobody asked. */
  push(jobId: string, progress: JobProgress): void {
    this.supervisor.deliver({ slot: this.job(jobId).slot, ok: true, progress, pushed: true })
    this.turn()
  }

  feedBreaks(vma: number): void {
    this.fed.delete(vma)
    this.supervisor.fedAnew(vma)
    this.turn()
  }

  fail(jobId: string, code: PollErrorCode, status?: number): void {
    const error = status === undefined ? { code, message: code } : { code, message: code, status }
    this.#deliver(jobId, (slot) => ({ slot, ok: false, error }))
  }

  /** The probe of a VMA brought nothing, or an answer. */
  probed(vma: number, isUp: boolean): void {
    this.supervisor.circuits.probed(vma, isUp ? undefined : { code: 'unreachable', message: 'refused' })
    this.turn()
  }

  /** Everything that was put off to a later turn of the event loop. */
  turn(): void {
    for (let run = this.#turns.shift(); run !== undefined; run = this.#turns.shift()) run()
  }

  /** In small steps: a timer sees the time at which it was due. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.clock.increment(Math.min(STEP_MS, left))
      this.turn()
    }
  }

  /** Time until the job is asked for again; at most `boundMs`. */
  untilAsked(jobId: string, boundMs = 600_000): number {
    const before = this.now()
    while (!this.asked.includes(jobId) && this.now() - before < boundMs) this.pass(50)
    return this.now() - before
  }

  #deliver(jobId: string, result: (slot: number) => PollResult): void {
    const at = this.asked.indexOf(jobId)
    if (at >= 0) this.asked.splice(at, 1)
    this.supervisor.deliver(result(this.job(jobId).slot))
    this.turn()
  }

  #events(): SupervisorEvents {
    return {
      onPoll: () => {},
      onWrite: (reason) => this.reasons.push(reason),
      onEnd: (status, how) => this.counted.push(`${status} ${how}`),
      onBackward: () => {},
      onUnknownWord: () => {},
      onVmaDown: (vma) => this.changes.push(`${vma} down`),
      onVmaUp: (vma) => this.changes.push(`${vma} up`),
      onCrash: (job, _cause, { delayMs, suspended }) => this.crashes.push({ jobId: job.jobId, delayMs, suspended }),
    }
  }
}
