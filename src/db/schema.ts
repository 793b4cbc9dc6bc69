/**
 * The tables as deployed (`migratekit_oma`), once, as data: `migrate` creates them from it on both databases, the look-up
 * at start compares a standing database with it (DB-6). Column types are MariaDB's; SQLite takes them as affinities.
 */

import { CONTEXT_STATUSES } from '../model/words.ts'
import { jobHistory } from './own-tables.ts'

export interface Column {
  readonly name: string
  readonly type: string
  /** Without it the table can't be worked with; all others are optional. */
  readonly needed: boolean
  readonly extra: string
}

export interface Table {
  readonly name: string
  readonly columns: readonly Column[]
  /** In MariaDB's words; index prefixes are left out for SQLite. */
  readonly keys: readonly string[]
  readonly references: readonly string[]
  /** We can't start without this table. */
  readonly needed: boolean
}

function need(name: string, type: string, extra = ''): Column {
  return { name, type, needed: true, extra }
}
function may(name: string, type: string, extra = ''): Column {
  return { name, type, needed: false, extra }
}
const AUTO = 'bigint auto'
const NOW = 'default now'
const CONTEXT_STATUS = `enum(${CONTEXT_STATUSES.map((status) => `'${status}'`).join(',')})`
const contextKey = 'foreign key (vm_context_id) references vm_replication_contexts (context_id) on delete cascade'
const jobKey = 'foreign key (job_id) references replication_jobs (id) on delete cascade'

const contexts: Table = {
  name: 'vm_replication_contexts',
  needed: true,
  columns: [
    need('context_id', 'varchar(64)', 'not null primary key'),
    need('vm_name', 'varchar(255)', 'not null'),
    may('vmware_vm_id', 'varchar(255)', "not null default ''"),
    may('vm_path', 'varchar(500)', "not null default ''"),
    may('vcenter_host', 'varchar(255)', "not null default ''"),
    may('datacenter', 'varchar(255)', "not null default ''"),
    need('current_status', CONTEXT_STATUS, "not null default 'discovered'"),
    need('current_job_id', 'varchar(191)'),
    may('total_jobs_run', 'int', 'default 0'),
    may('successful_jobs', 'int', 'default 0'),
    may('failed_jobs', 'int', 'default 0'),
    may('last_successful_job_id', 'varchar(191)'),
    may('cpu_count', 'int'),
    may('memory_mb', 'int'),
    may('os_type', 'varchar(255)'),
    may('power_state', 'varchar(50)'),
    may('vm_tools_version', 'varchar(255)'),
    may('created_at', 'timestamp null', NOW),
    may('updated_at', 'timestamp null', NOW),
    may('first_job_at', 'timestamp null'),
    may('last_job_at', 'timestamp null'),
    may('last_status_change', 'timestamp null', NOW),
  ],
  keys: ['unique (vm_name, vcenter_host)'],
  references: [],
}

const jobs: Table = {
  name: 'replication_jobs',
  needed: true,
  columns: [
    need('id', 'varchar(191)', 'not null primary key'),
    need('vm_context_id', 'varchar(64)'),
    may('source_vm_id', 'longtext', 'not null'),
    may('source_vm_name', 'longtext', 'not null'),
    may('source_vm_path', 'longtext', 'not null'),
    may('v_center_host', 'longtext', 'not null'),
    may('datacenter', 'longtext', 'not null'),
    may('replication_type', 'longtext', 'not null'),
    may('target_network', 'longtext'),
    need('status', 'varchar(191)', "default 'pending'"),
    need('progress_percent', 'double', 'default 0'),
    need('current_operation', 'longtext'),
    need('bytes_transferred', 'bigint', 'default 0'),
    need('total_bytes', 'bigint', 'default 0'),
    may('transfer_speed_bps', 'bigint', 'default 0'),
    may('error_message', 'longtext'),
    may('change_id', 'longtext'),
    may('previous_change_id', 'longtext'),
    may('snapshot_id', 'longtext'),
    may('nbd_port', 'bigint'),
    may('nbd_export_name', 'longtext'),
    may('target_device', 'longtext'),
    may('ossea_config_id', 'bigint'),
    may('created_at', 'datetime(3)', NOW),
    may('updated_at', 'datetime(3)', NOW),
    may('started_at', 'datetime(3)'),
    may('completed_at', 'datetime(3)'),
    may('vma_sync_type', 'varchar(50)'),
    may('vma_current_phase', 'varchar(100)'),
    may('vma_throughput_mbps', 'decimal(10,2)', 'default 0'),
    may('vma_eta_seconds', 'int'),
    may('vma_last_poll_at', 'timestamp null'),
    may('vma_error_classification', 'varchar(50)'),
    may('vma_error_details', 'text'),
    may('setup_progress_percent', 'decimal(5,2)'),
    may('schedule_execution_id', 'varchar(64)'),
    may('vm_group_id', 'varchar(64)'),
    may('scheduled_by', 'varchar(255)'),
  ],
  keys: [
    'index idx_jobs_status_export (status, nbd_export_name(50))',
    'index idx_jobs_status_updated (status, updated_at)',
    'index idx_jobs_status_completed (status, completed_at)',
    'index idx_jobs_context (vm_context_id)',
  ],
  references: [contextKey],
}

const volumes: Table = {
  name: 'ossea_volumes',
  needed: true,
  columns: [
    need('id', AUTO),
    may('vm_context_id', 'varchar(64)'),
    need('volume_id', 'longtext', 'not null'),
    may('volume_name', 'longtext'),
    may('size_gb', 'bigint'),
    may('ossea_config_id', 'bigint'),
    may('volume_type', 'longtext'),
    may('device_path', 'longtext'),
    may('mount_point', 'longtext'),
    may('status', 'varchar(191)'),
    may('created_at', 'datetime(3)', NOW),
    may('updated_at', 'datetime(3)', NOW),
  ],
  keys: ['unique (volume_id(191))'],
  references: [contextKey],
}

const disks: Table = {
  name: 'vm_disks',
  needed: true,
  columns: [
    need('id', AUTO),
    may('vm_context_id', 'varchar(64)'),
    need('job_id', 'varchar(191)'),
    need('disk_id', 'longtext', 'not null'),
    may('vm_dk_path', 'longtext'),
    may('size_gb', 'bigint', 'default 0'),
    may('datastore', 'longtext'),
    may('unit_number', 'bigint', 'default 0'),
    may('label', 'longtext'),
    may('capacity_bytes', 'bigint', 'default 0'),
    may('provisioning_type', 'longtext'),
    need('ossea_volume_id', 'bigint'),
    may('disk_change_id', 'longtext'),
    need('sync_status', 'varchar(191)', "default 'pending'"),
    may('sync_progress_percent', 'double', 'default 0'),
    may('bytes_synced', 'bigint', 'default 0'),
    may('created_at', 'datetime(3)', NOW),
    may('updated_at', 'datetime(3)', NOW),
    may('cpu_count', 'int'),
    may('memory_mb', 'int'),
    may('os_type', 'varchar(255)'),
    may('vm_tools_version', 'varchar(255)'),
    may('network_config', 'text'),
    may('display_name', 'varchar(255)'),
    may('annotation', 'text'),
    may('power_state', 'varchar(50)'),
    may('vmware_uuid', 'varchar(255)'),
    may('bios_setup', 'text'),
  ],
  keys: ['unique (vm_context_id, disk_id(191))', 'index idx_disks_job (job_id)'],
  references: [contextKey, jobKey],
}

const cbt: Table = {
  name: 'cbt_history',
  needed: true,
  columns: [
    need('id', AUTO),
    need('vm_context_id', 'varchar(64)'),
    need('job_id', 'varchar(191)', 'not null'),
    need('disk_id', 'longtext', 'not null'),
    need('change_id', 'longtext', 'not null'),
    may('previous_change_id', 'longtext'),
    need('sync_type', 'longtext', 'not null'),
    may('blocks_changed', 'bigint', 'default 0'),
    may('bytes_transferred', 'bigint', 'default 0'),
    may('sync_duration_seconds', 'bigint', 'default 0'),
    may('sync_success', 'tinyint(1)', 'default 0'),
    may('created_at', 'datetime(3)', NOW),
  ],
  keys: ['index idx_cbt_job (job_id)', 'index idx_cbt_context (vm_context_id, created_at)'],
  references: [contextKey, jobKey],
}

const tracking: Table = {
  name: 'job_tracking',
  needed: false,
  columns: [
    may('id', 'varchar(64)', 'not null primary key'),
    may('parent_job_id', 'varchar(64)'),
    may('job_type', "enum('migration','failover','cleanup','system')", "not null default 'migration'"),
    may('operation', 'varchar(100)', 'not null'),
    may('status', "enum('pending','running','completed','failed','cancelled')", "not null default 'pending'"),
    may('external_job_id', 'varchar(64)'),
    may('metadata', 'json'),
    may('error_message', 'text'),
    may('started_at', 'timestamp null'),
    may('completed_at', 'timestamp null'),
    may('created_at', 'timestamp null', NOW),
    may('updated_at', 'timestamp null', NOW),
    may('percent_complete', 'tinyint unsigned'),
    may('owner', 'varchar(100)'),
    may('context_id', 'varchar(64)'),
    may('job_category', "enum('system','failover','replication','discovery')", "default 'system'"),
  ],
  keys: ['index idx_tracking_external (external_job_id)'],
  references: [],
}

const steps: Table = {
  name: 'job_steps',
  needed: false,
  columns: [
    may('id', AUTO),
    may('job_id', 'varchar(64)', 'not null'),
    may('name', 'varchar(200)', 'not null'),
    may('seq', 'int', 'not null'),
    may('status', "enum('running','completed','failed','skipped')", "not null default 'running'"),
    may('started_at', 'datetime(6)'),
    may('completed_at', 'datetime(6)'),
    may('error_message', 'text'),
    may('metadata', 'json'),
  ],
  keys: ['unique (job_id, seq)'],
  references: ['foreign key (job_id) references job_tracking (id) on delete cascade'],
}

const events: Table = {
  name: 'log_events',
  needed: false,
  columns: [
    may('id', AUTO),
    may('job_id', 'varchar(64)'),
    may('step_id', 'bigint'),
    may('level', "enum('DEBUG','INFO','WARN','ERROR')", 'not null'),
    may('message', 'text', 'not null'),
    may('attrs', 'json'),
    may('ts', 'datetime(6)', 'not null'),
    may('external_job_id', 'varchar(255)'),
  ],
  keys: ['index idx_events_job (job_id, ts)'],
  references: [
    'foreign key (job_id) references job_tracking (id) on delete set null',
    'foreign key (step_id) references job_steps (id) on delete set null',
  ],
}

/** In the order in which they can be created. */
export const TABLES: readonly Table[] = [contexts, jobs, volumes, disks, cbt, tracking, steps, events, jobHistory]

/** Names that other builds of the schema use for the same column. */
export const ALIASES: Readonly<Record<string, string>> = { 'vm_disks.vm_dk_path': 'vmdk_path' }

export type Dialect = 'mysql' | 'sqlite'

/** The statements that create a table that is not there. */
export function createTable(table: Table, dialect: Dialect): readonly string[] {
  const lines = table.columns.map((column) => columnLine(column, dialect))
  const indexes: string[] = []
  for (const key of table.keys) {
    const plain = dialect === 'sqlite' ? key.replaceAll(/\((\d+)\)/g, '') : key
    if (dialect === 'sqlite' && key.startsWith('index'))
      indexes.push(plain.replace(/^index (\w+)/, `create index if not exists $1 on ${table.name}`))
    else lines.push(plain)
  }
  const tail = dialect === 'mysql' ? ' engine=InnoDB default charset=utf8mb4' : ''
  return [`create table if not exists ${table.name} (${[...lines, ...table.references].join(', ')})${tail}`, ...indexes]
}

function columnLine({ name, type, extra }: Column, dialect: Dialect): string {
  if (type === AUTO)
    return dialect === 'mysql'
      ? `${name} bigint not null auto_increment primary key`
      : `${name} integer primary key autoincrement`
  if (dialect === 'mysql')
    return `${name} ${type} ${extra.replace(NOW, type.startsWith('timestamp') ? 'default current_timestamp' : 'default current_timestamp(3)')}`
  const words = /^enum\((.*)\)$/.exec(type)?.[1]
  const rest = extra.replace(NOW, "default (strftime('%Y-%m-%d %H:%M:%f','now','localtime'))")
  return words === undefined
    ? `${name} ${type.replace(' null', '')} ${rest}`
    : `${name} text ${rest} check (${name} in (${words}))`
}
