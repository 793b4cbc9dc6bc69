/** Rows as the GUI makes them, for either database. */

import { marks, text, type Connection, type SqlValue } from '../../src/db/executor.ts'
import { MysqlConnection } from '../../src/db/mysql.ts'
import { SqliteConnection } from '../../src/db/sqlite.ts'

export function connect(url: string): Connection {
  return url.startsWith('sqlite:') ? new SqliteConnection(url.slice('sqlite:'.length)) : new MysqlConnection(url, 2)
}

/** By connection and table; asked once, so rows are added before a test alters their table. */
const columns = new WeakMap<Connection, Map<string, Promise<ReadonlySet<string>>>>()

function columnsOf(on: Connection, table: string): Promise<ReadonlySet<string>> {
  const known = columns.get(on) ?? new Map<string, Promise<ReadonlySet<string>>>()
  columns.set(on, known)
  let asked = known.get(table)
  if (asked === undefined) known.set(table, (asked = askColumns(on, table)))
  return asked
}

async function askColumns(on: Connection, table: string): Promise<ReadonlySet<string>> {
  const rows =
    on instanceof SqliteConnection
      ? await on.all('select name from pragma_table_info(?)', [table])
      : await on.all(
          'select column_name as name from information_schema.columns where table_schema = database() and table_name = ?',
          [table],
        )
  return new Set(rows.map((row) => text(row, 'name')))
}

type Values = Readonly<Record<string, SqlValue>>

/** Rows of the same columns, in one statement; what their table has no column for is left out. */
async function insert(on: Connection, table: string, ...rows: readonly Values[]): Promise<void> {
  const known = await columnsOf(on, table)
  const names = Object.keys(rows[0] ?? {}).filter((name) => known.has(name))
  await on.run(
    `insert into ${table} (${names.join(', ')}) values ${rows.map(() => `(${marks(names.length)})`).join(', ')}`,
    rows.flatMap((row) => names.map((name) => row[name] ?? null)),
  )
}

export interface Vm {
  readonly context: string
  readonly name: string
  readonly vcenter?: string
}

export async function addVm(on: Connection, vm: Vm): Promise<void> {
  await addVms(on, [vm])
}

export async function addVms(on: Connection, vms: readonly Vm[]): Promise<void> {
  await insert(on, 'vm_replication_contexts', ...vms.map(vmValues))
}

function vmValues({ context, name, vcenter = 'vcenter-01' }: Vm): Values {
  return {
    context_id: context,
    vm_name: name,
    vmware_vm_id: 'uuid',
    vm_path: '/dc/vm',
    vcenter_host: vcenter,
    datacenter: 'dc',
    current_status: 'replicating',
  }
}

export interface JobRow {
  readonly id: string
  readonly context: string
  readonly status?: string
  readonly createdAt?: string
}

export async function addJob(on: Connection, job: JobRow): Promise<void> {
  await addJobs(on, [job])
  await on.run('update vm_replication_contexts set current_job_id = ? where context_id = ?', [job.id, job.context])
}

/** Without making one of them its VM's current job. */
export async function addJobs(on: Connection, jobs: readonly JobRow[]): Promise<void> {
  await insert(on, 'replication_jobs', ...jobs.map(jobValues))
}

function jobValues({ id, context, status = 'replicating', createdAt = '2025-09-05 16:24:27.000' }: JobRow): Values {
  return {
    id,
    vm_context_id: context,
    source_vm_id: 'uuid',
    source_vm_name: 'vm',
    source_vm_path: '/dc/vm',
    v_center_host: 'vcenter-01',
    datacenter: 'dc',
    replication_type: 'initial',
    status,
    created_at: createdAt,
  }
}

export interface DiskRow {
  readonly job: string
  readonly context: string
  readonly diskId: string
  readonly volumeId: number
  readonly volume: string
  readonly capacity?: number
}

export async function addDisk(on: Connection, disk: DiskRow): Promise<void> {
  await addDisks(on, [disk])
}

export async function addDisks(on: Connection, disks: readonly DiskRow[]): Promise<void> {
  await insert(on, 'ossea_volumes', ...disks.map(volumeValues))
  await insert(on, 'vm_disks', ...disks.map(diskValues))
}

const CAPACITY = 42_949_672_960

function volumeValues({ context, diskId, volumeId, volume, capacity = CAPACITY }: DiskRow): Values {
  return {
    id: volumeId,
    vm_context_id: context,
    volume_id: volume,
    volume_name: `${context}-${diskId}`,
    size_gb: Math.ceil(capacity / 2 ** 30),
  }
}

function diskValues({ job, context, diskId, volumeId, capacity = CAPACITY }: DiskRow): Values {
  const path = `[ds] ${context}/${diskId}.vmdk`
  return {
    vm_context_id: context,
    job_id: job,
    disk_id: diskId,
    vm_dk_path: path,
    vmdk_path: path,
    capacity_bytes: capacity,
    ossea_volume_id: volumeId,
    unit_number: 0,
  }
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
