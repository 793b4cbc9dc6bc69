/**
 * The OMA's GUI, as far as a database sees it (FIELD-NOTES, "Tables as deployed"): a context for each VM and a volume
 * for each disk; then for each job a new row, the VM's disk rows moved to it, and the context pointing at it.
 * A connection of its own: the GUI is another writer of the same tables.
 */

import type { Connection, Executor, KnownColumns, SqlValue } from '../db/executor.ts'
import { marks, text } from '../db/executor.ts'
import { lookUp } from '../db/lookup.ts'
import { wallClock } from '../model/time.ts'
import { GIB } from '../model/units.ts'
import type { DiskPlan, VmPlan } from './plan.ts'
import type { EndedJob, InventoryStore, NewJob, NewVm, RunningJob } from './ports.ts'

export interface InventoryParts {
  readonly connection: Connection
  /** Columns that are not there are left out (DB-6 holds for the GUI's tables as well). */
  readonly known: KnownColumns
  /** IANA zone of the database's wall clock, or `system`. */
  readonly zone: string
  readonly now: () => number
}

export interface DatabaseAddress {
  /** `mysql://user:password@host:3306/name` or `sqlite:<file>`. */
  readonly url: string
  readonly zone: string
}

const CONNECTIONS = 2

const ASKED_AT_ONCE = 500
const ENDED = ['completed', 'failed', 'cancelled']

/** Opens a connection of its own to a database whose tables stand. */
export async function openInventory({ url, zone }: DatabaseAddress): Promise<InventoryStore> {
  const isSqlite = url.startsWith('sqlite:')
  const connection = isSqlite ? await sqliteConnection(url) : await mysqlConnection(url)
  try {
    const { known } = await lookUp(connection, isSqlite ? 'sqlite' : 'mysql')
    return new SqlInventory({ connection, known, zone, now: Date.now })
  } catch (cause) {
    await connection.close()
    throw cause
  }
}

async function sqliteConnection(url: string): Promise<Connection> {
  const { SqliteConnection } = await import('../db/sqlite.ts')
  return new SqliteConnection(url.slice('sqlite:'.length))
}

async function mysqlConnection(url: string): Promise<Connection> {
  const { MysqlConnection } = await import('../db/mysql.ts')
  return new MysqlConnection(url, CONNECTIONS)
}

type Values = Readonly<Record<string, SqlValue>>

class SqlInventory implements InventoryStore {
  readonly #parts: InventoryParts

  constructor(parts: InventoryParts) {
    this.#parts = parts
  }

  async addVms(vms: readonly NewVm[]): Promise<void> {
    const time = this.#time()
    const adding = this.#parts.connection.transaction(async (inside) => {
      for (const { contextId, vm } of vms) {
        await this.#insert(inside, 'vm_replication_contexts', contextRow(contextId, vm, time))
        for (const disk of vm.disks) await this.#insert(inside, 'ossea_volumes', volumeRow(contextId, vm, disk, time))
      }
    })
    await adding.catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`the simulated VMs cannot be added, an empty database is best: ${reason}`, { cause })
    })
  }

  async startJobs(jobs: readonly NewJob[]): Promise<void> {
    const time = this.#time()
    await this.#parts.connection.transaction(async (inside) => {
      for (const job of jobs) {
        await this.#insert(inside, 'replication_jobs', jobRow(job, time))
        if (job.first) await this.#addDisks(inside, job, time)
        else await this.#moveDisks(inside, job, time)
        await this.#pointContext(inside, job, time)
      }
    })
  }

  async ended(jobs: readonly RunningJob[]): Promise<readonly EndedJob[]> {
    const ended: EndedJob[] = []
    for (let from = 0; from < jobs.length; from += ASKED_AT_ONCE) {
      const ids = jobs.slice(from, from + ASKED_AT_ONCE).map((job) => job.jobId)
      const rows = await this.#parts.connection.all(
        `select id, status from replication_jobs where id in (${marks(ids.length)}) and status in (${marks(ENDED.length)})`,
        [...ids, ...ENDED],
      )
      for (const row of rows) ended.push({ jobId: text(row, 'id'), completed: text(row, 'status') === 'completed' })
    }
    return ended
  }

  close(): Promise<void> {
    return this.#parts.connection.close()
  }

  async #addDisks(inside: Executor, job: NewJob, time: string): Promise<void> {
    for (const disk of job.vm.disks) {
      const volumes = await inside.all('select id from ossea_volumes where volume_id = ?', [disk.volumeId])
      const volume = volumes[0]
      if (volume === undefined) throw new Error(`volume ${disk.volumeId} of ${job.vm.name} has no row`)
      await this.#insert(inside, 'vm_disks', diskRow(job, disk, Number(volume['id']), time))
    }
  }

  /** One row a disk for the life of the VM: it goes along from job to job and starts anew. */
  async #moveDisks(inside: Executor, job: NewJob, time: string): Promise<void> {
    await inside.run(
      `update vm_disks set job_id = ?, sync_status = 'pending', sync_progress_percent = 0, bytes_synced = 0, updated_at = ?
        where vm_context_id = ?`,
      [job.jobId, time, job.contextId],
    )
  }

  async #pointContext(inside: Executor, job: NewJob, time: string): Promise<void> {
    await inside.run(
      `update vm_replication_contexts set current_job_id = ?, current_status = 'replicating',
          total_jobs_run = coalesce(total_jobs_run, 0) + 1, first_job_at = coalesce(first_job_at, ?), last_job_at = ?,
          last_status_change = ?, updated_at = ?
        where context_id = ?`,
      [job.jobId, time, time, time, time, job.contextId],
    )
  }

  async #insert(inside: Executor, table: string, values: Values): Promise<void> {
    const known = this.#parts.known.get(table) ?? new Set()
    const columns = Object.keys(values).filter((column) => known.has(column))
    const params = columns.map((column) => values[column] ?? null)
    await inside.run(`insert into ${table} (${columns.join(', ')}) values (${marks(columns.length)})`, params)
  }

  #time(): string {
    return wallClock(this.#parts.now(), this.#parts.zone)
  }
}

function contextRow(contextId: string, vm: VmPlan, time: string): Values {
  return {
    context_id: contextId,
    vm_name: vm.name,
    vmware_vm_id: vm.vmwareId,
    vm_path: vm.path,
    vcenter_host: vm.vcenterHost,
    datacenter: vm.datacenter,
    current_status: 'discovered',
    total_jobs_run: 0,
    successful_jobs: 0,
    failed_jobs: 0,
    cpu_count: vm.cpuCount,
    memory_mb: vm.memoryMb,
    os_type: vm.osType,
    power_state: 'poweredOn',
    vm_tools_version: '12.3.5',
    created_at: time,
    updated_at: time,
    last_status_change: time,
  }
}

function volumeRow(contextId: string, vm: VmPlan, disk: DiskPlan, time: string): Values {
  return {
    vm_context_id: contextId,
    volume_id: disk.volumeId,
    volume_name: `${vm.name}-disk-${disk.unitNumber}`,
    size_gb: Math.ceil(disk.capacityBytes / GIB),
    volume_type: 'DATADISK',
    device_path: `/dev/vd${String.fromCharCode('b'.charCodeAt(0) + disk.unitNumber)}`,
    status: 'attached',
    created_at: time,
    updated_at: time,
  }
}

function jobRow({ jobId, contextId, vm, kind }: NewJob, time: string): Values {
  return {
    id: jobId,
    vm_context_id: contextId,
    source_vm_id: vm.vmwareId,
    source_vm_name: vm.name,
    source_vm_path: vm.path,
    v_center_host: vm.vcenterHost,
    datacenter: vm.datacenter,
    replication_type: kind,
    target_network: 'default',
    status: 'pending',
    progress_percent: 0,
    current_operation: '',
    bytes_transferred: 0,
    total_bytes: 0,
    transfer_speed_bps: 0,
    error_message: '',
    change_id: '',
    previous_change_id: '',
    nbd_port: 10_809,
    nbd_export_name: vm.disks[0]?.exportName ?? '',
    created_at: time,
    updated_at: time,
  }
}

function diskRow({ jobId, contextId, vm }: NewJob, disk: DiskPlan, volumeRowId: number, time: string): Values {
  const network = { name: '', type: '', connected: true, mac_address: vm.macAddress, label: 'Network adapter 1' }
  return {
    vm_context_id: contextId,
    job_id: jobId,
    disk_id: disk.diskId,
    vm_dk_path: disk.vmdkPath,
    vmdk_path: disk.vmdkPath,
    size_gb: Math.ceil(disk.capacityBytes / GIB),
    datastore: disk.datastore,
    unit_number: disk.unitNumber,
    label: `Hard disk ${disk.unitNumber + 1}`,
    capacity_bytes: disk.capacityBytes,
    provisioning_type: disk.thin ? 'thin' : 'thick',
    ossea_volume_id: volumeRowId,
    disk_change_id: '',
    sync_status: 'pending',
    sync_progress_percent: 0,
    bytes_synced: 0,
    cpu_count: vm.cpuCount,
    memory_mb: vm.memoryMb,
    os_type: vm.osType,
    vm_tools_version: '',
    network_config: JSON.stringify([network]),
    display_name: vm.name,
    annotation: '',
    power_state: 'poweredOn',
    vmware_uuid: vm.vmwareId,
    created_at: time,
    updated_at: time,
  }
}
