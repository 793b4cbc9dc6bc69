/** The VM contexts of a database as a client reads them, without live progress. */

import type { ContextQuery, ContextStore } from '../../src/db/ports.ts'
import { contextText } from '../../src/http/live-merge.ts'
import type {
  CbtHistoryJson,
  CurrentJobJson,
  JobHistoryJson,
  VmContextJson,
  VmDiskJson,
} from '../../src/model/wire/vm-contexts.ts'

export interface VmContextDetail {
  readonly context: VmContextJson
  readonly current_job: CurrentJobJson | null
  readonly job_history: readonly JobHistoryJson[]
  readonly disks: readonly VmDiskJson[]
  readonly cbt_history: readonly CbtHistoryJson[]
}

const BY_NAME: ContextQuery = { sort: { field: 'vm_name', descending: false } }

export async function listed(
  store: ContextStore,
  query: Partial<ContextQuery> = {},
): Promise<readonly VmContextJson[]> {
  const { json } = await store.contextPage({ ...BY_NAME, ...query })
  return JSON.parse(new TextDecoder().decode(json)) as readonly VmContextJson[]
}

/** One for each vCenter that has the name. */
export async function inFull(store: ContextStore, ...names: readonly string[]): Promise<readonly VmContextDetail[]> {
  const found = await store.contextDetails({ names })
  return found.map((parts) => JSON.parse(contextText(parts, { get: () => undefined }, undefined)) as VmContextDetail)
}
