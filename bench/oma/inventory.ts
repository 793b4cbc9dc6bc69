/** A database as a large site has it: VM contexts, two running jobs each, a disk and its volume for each job. */

import { openDatabase } from '../../src/db/open.ts'
import { addDisk, addJobs, addVm, connect } from '../../test/support/inventory.ts'
import { keyOf } from '../intake/traffic.ts'

export interface Inventory {
  readonly contexts: number
  readonly jobsPerContext: number
}

const PREFIX = 'migration-vol-'

export function vmName(index: number): string {
  return `vm-${String(index).padStart(5, '0')}`
}

export function jobId(index: number): string {
  return `job-20250905-${String(index).padStart(6, '0')}`
}

/** The VMA knows the disk of job i as `keyOf(i)`. */
export async function fillDatabase(url: string, { contexts, jobsPerContext }: Inventory): Promise<void> {
  const database = await openDatabase(url, { zone: 'UTC', poolSize: 2 })
  await database.migrate()
  await database.close()
  const on = connect(url)
  try {
    for (let at = 0; at < contexts; at += 1) {
      const context = `ctx-${vmName(at)}`
      const jobs = Array.from({ length: jobsPerContext }, (_, i) => at * jobsPerContext + i)
      await addVm(on, { context, name: vmName(at) })
      await addJobs(
        on,
        jobs.map((index) => ({ id: jobId(index), context })),
      )
      await on.run('update vm_replication_contexts set current_job_id = ? where context_id = ?', [
        jobId(jobs[0] ?? 0),
        context,
      ])
      for (const [i, index] of jobs.entries()) {
        const volume = keyOf(index).slice(PREFIX.length)
        await addDisk(on, { job: jobId(index), context, diskId: `disk-${2000 + i}`, volumeId: index + 1, volume })
      }
    }
  } finally {
    await on.close()
  }
}
