/**
 * The fleet as rows: every VM one, whether a job of it is in memory or not. Keyed and replaced row by row, so that what
 * did not change is not drawn again. Knows no clock and no connection.
 */

import type { LiveJob } from '../../../src/client/index.ts'
import { CONTEXT_FIELDS, isRunning, stateOf, type Context, type StateName } from './state.ts'

export interface Row {
  /** The VM context's id; `job:<id>` for a job without one, and for a second running job of one VM. */
  readonly key: string
  readonly name: string
  /** For sorting: `web-9` before `web-10`, whatever the case. */
  readonly sortName: string
  readonly vcenter: string
  readonly state: StateName
  /** Of the job where there is one, else the VM's. */
  readonly status: string
  readonly job: LiveJob | undefined
  readonly context: Context | undefined
}

export class Fleet {
  readonly #rows = new Map<string, Row>()
  readonly #jobs = new Map<string, LiveJob>()
  readonly #contexts = new Map<string, Context>()
  /** VM → its jobs, and the keys of its rows. */
  readonly #jobsOf = new Map<string, Set<string>>()
  readonly #keysOf = new Map<string, readonly string[]>()
  #version = 0

  get rows(): ReadonlyMap<string, Row> {
    return this.#rows
  }

  /** Grows with each change. */
  get version(): number {
    return this.#version
  }

  get jobIds(): readonly string[] {
    return [...this.#jobs.keys()]
  }

  job(jobId: string): LiveJob | undefined {
    return this.#jobs.get(jobId)
  }

  /** The job of a VM that speaks for it: one that runs, else the newest in memory. Without a vCenter, of any. */
  jobNamed(name: string, vcenter?: string): LiveJob | undefined {
    const jobs: LiveJob[] = []
    for (const job of this.#jobs.values()) {
      if (job.vm_name === name && (vcenter === undefined || job.vcenter_host === vcenter)) jobs.push(job)
    }
    jobs.sort(newestFirst)
    return jobs.find(isRunning) ?? jobs[0]
  }

  get contextIds(): readonly string[] {
    return [...this.#contexts.keys()]
  }

  /** Changes of VMs by id; undefined: it is gone. What is as it was makes no new row. */
  applyContexts(changes: Iterable<readonly [string, Context | undefined]>): void {
    for (const [id, context] of changes) {
      const before = this.#contexts.get(id)
      if (isSame(before, context)) continue
      if (context === undefined) this.#contexts.delete(id)
      else this.#contexts.set(id, context)
      this.#remake(id)
    }
  }

  /** Changes of jobs by id; undefined: it has left the memory. */
  apply(changes: Iterable<readonly [string, LiveJob | undefined]>): void {
    const touched = new Set<string>()
    for (const [id, job] of changes) {
      const before = this.#jobs.get(id)
      if (before === job) continue
      if (before !== undefined) touched.add(this.#unlink(before))
      if (job !== undefined) touched.add(this.#link(job))
    }
    for (const owner of touched) this.#remake(owner)
  }

  #unlink(job: LiveJob): string {
    const owner = ownerOf(job)
    this.#jobs.delete(job.job_id)
    this.#jobsOf.get(owner)?.delete(job.job_id)
    return owner
  }

  #link(job: LiveJob): string {
    const owner = ownerOf(job)
    this.#jobs.set(job.job_id, job)
    const jobs = this.#jobsOf.get(owner)
    if (jobs === undefined) this.#jobsOf.set(owner, new Set([job.job_id]))
    else jobs.add(job.job_id)
    return owner
  }

  #remake(owner: string): void {
    this.#version += 1
    const context = this.#contexts.get(owner)
    const jobs = [...(this.#jobsOf.get(owner) ?? [])].flatMap((id) => this.#jobs.get(id) ?? []).toSorted(newestFirst)
    const running = jobs.filter(isRunning)
    const [first = jobs[0], ...others] = running
    const rows: Row[] = []
    if (first !== undefined || context !== undefined) rows.push(this.#rowOf(owner, first, context))
    for (const job of others) rows.push(this.#rowOf(`job:${job.job_id}`, job, context))
    const keys = rows.map((row) => row.key)
    for (const key of this.#keysOf.get(owner) ?? []) if (!keys.includes(key)) this.#rows.delete(key)
    for (const row of rows) this.#rows.set(row.key, row)
    if (keys.length > 0) return void this.#keysOf.set(owner, keys)
    this.#keysOf.delete(owner)
    this.#jobsOf.delete(owner)
  }

  #rowOf(key: string, job: LiveJob | undefined, context: Context | undefined): Row {
    const name = job?.vm_name ?? context?.vm_name ?? ''
    const before = this.#rows.get(key)
    return {
      key,
      name,
      sortName: before?.name === name ? before.sortName : naturalKey(name),
      vcenter: job?.vcenter_host ?? context?.vcenter_host ?? '',
      state: stateOf(job, context),
      status: job?.status ?? context?.current_status ?? '',
      job,
      context,
    }
  }
}

function isSame(a: Context | undefined, b: Context | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return CONTEXT_FIELDS.every((field) => a[field] === b[field])
}

function ownerOf(job: LiveJob): string {
  return job.vm_context_id === '' ? `job:${job.job_id}` : job.vm_context_id
}

function newestFirst(a: LiveJob, b: LiveJob): number {
  return Date.parse(b.created_at) - Date.parse(a.created_at)
}

/** Comparing these as texts costs a hundredth of what a collator does: five thousand rows are sorted within a frame. */
export function naturalKey(name: string): string {
  return name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, '0'))
}
