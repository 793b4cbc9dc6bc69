/** Rows as the GUI makes them, for either database. */

import type { Connection } from '../../src/db/executor.ts'
import { MysqlConnection } from '../../src/db/mysql.ts'
import { SqliteConnection } from '../../src/db/sqlite.ts'

export function connect(url: string): Connection {
  return url.startsWith('sqlite:') ? new SqliteConnection(url.slice('sqlite:'.length)) : new MysqlConnection(url, 2)
}

export interface Vm {
  readonly context: string
  readonly name: string
}

export async function addVm(on: Connection, { context, name }: Vm): Promise<void> {
  await on.run(
    `insert into vm_replication_contexts (context_id, vm_name, vmware_vm_id, vm_path, vcenter_host, datacenter, current_status) values (?, ?, 'uuid', '/dc/vm', 'vcenter-01', 'dc', 'replicating')`,
    [context, name],
  )
}

export interface JobRow {
  readonly id: string
  readonly context: string
  readonly status?: string
  readonly createdAt?: string
}

export async function addJob(
  on: Connection,
  { id, context, status = 'replicating', createdAt = '2025-09-05 16:24:27.000' }: JobRow,
): Promise<void> {
  await on.run(
    `insert into replication_jobs (id, vm_context_id, source_vm_id, source_vm_name, source_vm_path, v_center_host, datacenter, replication_type, status, created_at) values (?, ?, 'uuid', 'vm', '/dc/vm', 'vcenter-01', 'dc', 'initial', ?, ?)`,
    [id, context, status, createdAt],
  )
  await on.run('update vm_replication_contexts set current_job_id = ? where context_id = ?', [id, context])
}

export interface DiskRow {
  readonly job: string
  readonly context: string
  readonly diskId: string
  readonly volumeId: number
  readonly volume: string
  readonly capacity?: number
}

export async function addDisk(
  on: Connection,
  { job, context, diskId, volumeId, volume, capacity = 42_949_672_960 }: DiskRow,
): Promise<void> {
  await on.run('insert into ossea_volumes (id, vm_context_id, volume_id) values (?, ?, ?)', [volumeId, context, volume])
  await on.run(
    'insert into vm_disks (vm_context_id, job_id, disk_id, capacity_bytes, ossea_volume_id) values (?, ?, ?, ?, ?)',
    [context, job, diskId, capacity, volumeId],
  )
}

export const DOCUMENTED_JOB = 'job-20250905-162427'

/** The documents' own case: the job, its disk and the volume behind its export. */
export async function addDocumentedJob(on: Connection): Promise<void> {
  await addVm(on, { context: 'ctx-pgtest1', name: 'pgtest1' })
  await addJob(on, { id: DOCUMENTED_JOB, context: 'ctx-pgtest1' })
  await addDisk(on, {
    job: DOCUMENTED_JOB,
    context: 'ctx-pgtest1',
    diskId: 'disk-2000',
    volumeId: 160,
    volume: 'c290646c-41ba-4d50-a31f-f497320ca0bd',
  })
}
