/** A database as a large site has it: VM contexts, two running jobs each, a disk and its volume for each job. */

import type { Connection } from '../../src/db/executor.ts'
import { openDatabase } from '../../src/db/open.ts'
import { addDisks, addJobs, addVms, connect } from '../../test/support/inventory.ts'
import { keyOf } from '../intake/traffic.ts'

export interface Inventory {
  readonly contexts: number
  readonly jobsPerContext: number
  /** By the number of the context; one for all unless told. */
  readonly vcenterOf?: (context: number) => string
}

const PREFIX = 'migration-vol-'

export function vmName(index: number): string {
  return `vm-${String(index).padStart(5, '0')}`
}

export function jobId(index: number): string {
  return `job-20250905-${String(index).padStart(6, '0')}`
}

/** Contexts in one statement. */
const CHUNK = 250

/** The VMA knows the disk of job i as `keyOf(i)`. */
export async function fillDatabase(url: string, inventory: Inventory): Promise<void> {
  const database = await openDatabase(url, { zone: 'UTC', poolSize: 2 })
  await database.migrate()
  await database.close()
  const on = connect(url)
  try {
    for (let from = 0; from < inventory.contexts; from += CHUNK) {
      await addContexts(on, inventory, from, Math.min(inventory.contexts, from + CHUNK))
    }
    await on.run(
      'update vm_replication_contexts set current_job_id = (select min(id) from replication_jobs where vm_context_id = context_id)',
    )
  } finally {
    await on.close()
  }
}

async function addContexts(on: Connection, inventory: Inventory, from: number, to: number): Promise<void> {
  const { jobsPerContext, vcenterOf } = inventory
  const numbers = Array.from({ length: to - from }, (_, i) => from + i)
  const contextOf = (at: number): string => `ctx-${vmName(at)}`
  await addVms(
    on,
    numbers.map((at) => ({
      context: contextOf(at),
      name: vmName(at),
      ...(vcenterOf === undefined ? {} : { vcenter: vcenterOf(at) }),
    })),
  )
  const jobs = numbers.flatMap((at) =>
    Array.from({ length: jobsPerContext }, (_, i) => ({ at, i, index: at * jobsPerContext + i })),
  )
  await addJobs(
    on,
    jobs.map(({ at, index }) => ({ id: jobId(index), context: contextOf(at) })),
  )
  await addDisks(
    on,
    jobs.map(({ at, i, index }) => ({
      job: jobId(index),
      context: contextOf(at),
      diskId: `disk-${2000 + i}`,
      volumeId: index + 1,
      volume: keyOf(index).slice(PREFIX.length),
    })),
  )
}
