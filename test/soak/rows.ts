/** The GUI's side of the fleet: rows in batches, and which jobs the database holds for open. Retried while it is away. */

import { marks, number, text, type Connection, type Executor, type SqlValue } from '../../src/db/executor.ts'
import type { SoakJob } from './plan.ts'

const RETRY_MS = 250

/** Until the database answers, whatever happened to it; `stopAfterMs` is a bound for a database that never comes back. */
export async function again<T>(work: () => Promise<T>, stopAfterMs = 120_000): Promise<T> {
  const end = Date.now() + stopAfterMs
  for (;;) {
    try {
      return await work()
    } catch (cause) {
      if (Date.now() > end) throw cause
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}

/** Their VMs' disks move over to them: there is one row a VM and disk, whose job is the latest (the deployed schema's way). */
export async function addSoakJobs(on: Connection, jobs: readonly SoakJob[]): Promise<void> {
  if (jobs.length === 0) return
  const disks = jobs.flatMap((job) => job.vm.disks.map((disk) => ({ job, disk })))
  await on.transaction(async (inside) => {
    await insert(
      inside,
      'ignore into vm_replication_contexts (context_id, vm_name, vmware_vm_id, vm_path, vcenter_host, datacenter, current_status)',
      jobs.map(({ vm }) => [vm.context, vm.name, 'uuid', `/dc/${vm.name}`, vm.vcenter, 'dc', 'discovered']),
    )
    await insert(
      inside,
      // One that was added when the answer was lost stands already.
      'ignore into replication_jobs (id, vm_context_id, source_vm_id, source_vm_name, source_vm_path, v_center_host, datacenter, replication_type, status, created_at)',
      jobs.map(({ id, vm, startAt }) => [
        id,
        vm.context,
        'uuid',
        vm.name,
        `/dc/${vm.name}`,
        vm.vcenter,
        'dc',
        'incremental',
        'pending',
        clock(startAt),
      ]),
    )
    await insert(
      inside,
      'ignore into ossea_volumes (id, vm_context_id, volume_id, size_gb)',
      disks.map(({ job, disk }) => [disk.volumeId, job.vm.context, disk.volume, Math.ceil(disk.bytes / 2 ** 30)]),
    )
    await insert(
      inside,
      'into vm_disks (vm_context_id, job_id, disk_id, capacity_bytes, ossea_volume_id, sync_status, sync_progress_percent, bytes_synced)',
      disks.map(({ job, disk }) => [job.vm.context, job.id, disk.diskId, disk.bytes, disk.volumeId, 'pending', 0, 0]),
      "on duplicate key update job_id = values(job_id), sync_status = 'pending', sync_progress_percent = 0, bytes_synced = 0",
    )
    for (const { id, vm } of jobs)
      await inside.run(
        "update vm_replication_contexts set current_job_id = ?, current_status = 'replicating' where context_id = ?",
        [id, vm.context],
      )
  })
}

async function insert(on: Executor, into: string, rows: readonly (readonly SqlValue[])[], more = ''): Promise<void> {
  const values = rows.map((row) => `(${marks(row.length)})`).join(', ')
  await on.run(`insert ${into} values ${values} ${more}`, rows.flat())
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(0, 23).replace('T', ' ')
}

const TERMINAL = "('completed', 'failed', 'cancelled')"

export async function openJobIds(on: Connection): Promise<ReadonlySet<string>> {
  const rows = await on.all(`select id from replication_jobs where status not in ${TERMINAL}`)
  return new Set(rows.map((row) => text(row, 'id')))
}

/** Somebody else's hand; false: it had ended before. */
export async function cancel(on: Connection, jobId: string, at: number): Promise<boolean> {
  const changed = await on.run(
    `update replication_jobs set status = 'cancelled', completed_at = ? where id = ? and status not in ${TERMINAL}`,
    [clock(at), jobId],
  )
  return changed > 0
}

export async function countOf(on: Connection, sql: string): Promise<number> {
  const [row] = await on.all(sql)
  return number(row ?? {}, 'n')
}
