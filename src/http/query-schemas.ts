/** What the VM context paths take (API-2): names and meaning. The reading is `context-query.ts`'s. */

import { Type } from 'typebox'
import { CONTEXT_STATUSES } from '../model/words.ts'

/** Contexts of one page; without `limit` all of them come. */
export const MAX_LIMIT = 1_000
/** Names of one bulk request. */
export const MAX_NAMES = 100
export const SORT_FIELDS = ['vm_name', 'last_job_at', 'updated_at', 'current_status'] as const
export const SORTS: readonly string[] = SORT_FIELDS.flatMap((field) =>
  field === 'current_status' ? [field] : [field, `-${field}`],
)

const some = (description: string) => Type.Optional(Type.String({ description }))

export const LIST_QUERY = Type.Object({
  status: some(`Only these, separated by commas: ${CONTEXT_STATUSES.join(', ')}`),
  q: some('Part of the VM’s name, whatever its case'),
  sort: Type.Optional(Type.Enum([...SORTS], { description: 'vm_name unless said otherwise; - turns it round' })),
  limit: some(`Contexts of one page, 1 to ${MAX_LIMIT}; all of them without it`),
  cursor: some('next_cursor of the page before, with the same sort'),
  fields: some('Only these fields, separated by commas; with names as for one VM context'),
  names: some(`These VMs in full, at most ${MAX_NAMES}, separated by commas`),
  vcenter: some('With names: only this vCenter’s'),
})

export const DETAIL_QUERY = Type.Object({
  vcenter: some('Which one, where a name stands in several vCenters'),
  fields: some('Only these parts or fields, separated by commas: context.vm_name,current_job,disks.sync_status'),
})
