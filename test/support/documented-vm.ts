/** The VM Context API's own examples (test/fixtures/documented, as they stand there), and the rows that they tell of. */

import { readFileSync } from 'node:fs'
import type { Connection, SqlValue } from '../../src/db/executor.ts'
import type { VmContextJson } from '../../src/model/wire/vm-contexts.ts'
import type { VmContextDetail } from './contexts.ts'

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/documented/${name}.json`, import.meta.url), 'utf8'))
}

/** The document's list says 2 and shows one of them. */
export const DOCUMENTED_LIST = fixture('vm-contexts') as { count: number; vm_contexts: readonly VmContextJson[] }
export const DOCUMENTED_DETAIL = fixture('vm-context') as VmContextDetail
/** The zone of the documents' `+01:00`. */
export const DOCUMENTED_ZONE = 'Europe/London'

const NOT_IN_THE_ANSWER = { source_vm_path: '/DatabanxDC/vm/pgtest1', v_center_host: '', datacenter: 'DatabanxDC' }

export async function addDocumentedVm(on: Connection): Promise<void> {
  const { context, current_job: job, job_history, disks, cbt_history } = DOCUMENTED_DETAIL
  const vm_context_id = context.context_id
  await insert(on, 'vm_replication_contexts', context)
  await insert(on, 'replication_jobs', { ...NOT_IN_THE_ANSWER, ...job })
  for (const earlier of job_history)
    await insert(on, 'replication_jobs', {
      ...NOT_IN_THE_ANSWER,
      source_vm_id: '',
      source_vm_name: '',
      vm_context_id,
      ...earlier,
    })
  const volume_id = '5dbff3d8-531a-4a80-9977-c5ae25b9c4ae'
  await insert(on, 'ossea_volumes', { id: 160, vm_context_id, volume_id })
  for (const { vmdk_path, ...disk } of disks) await insert(on, 'vm_disks', { ...disk, vm_dk_path: vmdk_path })
  for (const record of cbt_history) await insert(on, 'cbt_history', record)
}

/** A row from an object in the answer's words. */
export async function insert(on: Connection, table: string, row: object): Promise<void> {
  const columns = Object.keys(row)
  const marks = columns.map(() => '?').join(', ')
  await on.run(`insert into ${table} (${columns.join(', ')}) values (${marks})`, Object.values(row).map(column))
}

/** A time loses its offset: the columns hold the zone's wall clock. */
function column(value: unknown): SqlValue {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string') return value.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(\.\d+)?)\+01:00$/, '$1 $2')
  return typeof value === 'number' ? value : null
}
