/** The parameters of the VM context paths (API-2) → what the database is asked. */

import type { ContextQuery, ContextSort, DetailQuery } from '../db/ports.ts'
import { chooseFields, chooseParts, type PartFields } from '../model/selection.ts'
import { DETAIL_PARTS, VmContextSchema, type DetailPart } from '../model/wire/vm-contexts.ts'
import { CONTEXT_STATUSES } from '../model/words.ts'
import { readCursor } from './cursor.ts'
import { DETAIL_QUERY, LIST_QUERY, MAX_LIMIT, MAX_NAMES, SORTS, SORT_FIELDS } from './query-schemas.ts'
import { quoted, StrictQuery } from './strict-query.ts'

const MAX_FIELDS = 100
const LIST_PARAMETERS: readonly string[] = Object.keys(LIST_QUERY.properties)
const DETAIL_PARAMETERS: readonly string[] = Object.keys(DETAIL_QUERY.properties)
/** What `names` goes together with. */
const WITH_NAMES: readonly string[] = ['names', 'vcenter', 'fields']

const CONTEXT_FIELDS: readonly string[] = Object.keys(VmContextSchema.properties)
const PART_FIELDS: Readonly<Record<DetailPart, readonly string[]>> = {
  context: CONTEXT_FIELDS,
  current_job: Object.keys(DETAIL_PARTS.current_job.properties),
  job_history: Object.keys(DETAIL_PARTS.job_history.properties),
  disks: Object.keys(DETAIL_PARTS.disks.properties),
  cbt_history: Object.keys(DETAIL_PARTS.cbt_history.properties),
}

export type Asked =
  | { readonly kind: 'page'; readonly query: ContextQuery; readonly sort: string }
  | { readonly kind: 'bulk'; readonly query: DetailQuery }
  | { readonly kind: 'faults'; readonly faults: readonly string[] }

export function readListQuery(params: URLSearchParams): Asked {
  const query = new StrictQuery(params, LIST_PARAMETERS)
  const asked = query.has('names') ? bulkQuery(query) : pageQuery(query)
  return query.faults.length > 0 ? { kind: 'faults', faults: query.faults } : asked
}

/** One VM's query, or what is wrong with it. */
export function readDetailQuery(
  params: URLSearchParams,
  name: string,
): { readonly query: DetailQuery } | { readonly faults: readonly string[] } {
  const query = new StrictQuery(params, DETAIL_PARAMETERS)
  const read = detailQuery(query, [name])
  return query.faults.length > 0 ? { faults: query.faults } : { query: read }
}

function bulkQuery(query: StrictQuery): Asked {
  for (const name of LIST_PARAMETERS) {
    if (query.has(name) && !WITH_NAMES.includes(name)) query.fault(`${name} does not go together with names`)
  }
  return { kind: 'bulk', query: detailQuery(query, query.list('names', MAX_NAMES) ?? []) }
}

function detailQuery(query: StrictQuery, names: readonly string[]): DetailQuery {
  const vcenter = query.text('vcenter')
  const parts = partsOf(query)
  return { names, ...(vcenter === undefined ? {} : { vcenter }), ...(parts === undefined ? {} : { parts }) }
}

function partsOf(query: StrictQuery): PartFields<DetailPart> | undefined {
  const asked = query.list('fields', MAX_FIELDS)
  if (asked === undefined) return undefined
  const { parts, unknown } = chooseParts(asked, PART_FIELDS)
  if (unknown.length > 0) query.fault(`fields does not know ${unknown.map(quoted).join(', ')}`)
  return parts
}

function pageQuery(query: StrictQuery): Asked {
  if (query.has('vcenter')) query.fault('vcenter goes together with names only')
  const sort = query.text('sort') ?? 'vm_name'
  if (!SORTS.includes(sort)) query.fault(`sort does not know ${quoted(sort)} (${SORTS.join(', ')})`)
  const cursor = query.has('cursor') ? cursorFor(query, sort) : undefined
  const statuses = query.words('status', CONTEXT_STATUSES)
  const nameHas = query.text('q')
  const limit = query.whole('limit', 1, MAX_LIMIT)
  const fields = fieldsOf(query)
  return {
    kind: 'page',
    sort,
    query: {
      sort: sortOf(sort),
      ...(statuses === undefined ? {} : { statuses }),
      ...(nameHas === undefined ? {} : { nameHas }),
      ...(limit === undefined ? {} : { limit }),
      ...(cursor === undefined ? {} : { after: cursor.after }),
      ...(fields === undefined ? {} : { fields }),
    },
  }
}

function sortOf(sort: string): ContextSort {
  const descending = sort.startsWith('-')
  const field = SORT_FIELDS.find((known) => known === (descending ? sort.slice(1) : sort)) ?? 'vm_name'
  return { field, descending }
}

/** A cursor is a place in one order: in another it would skip contexts without a word. */
function cursorFor(query: StrictQuery, sort: string): ReturnType<typeof readCursor> {
  const cursor = readCursor(query.raw('cursor'))
  if (cursor === undefined) query.fault('cursor is none that this list gave')
  else if (cursor.sort !== sort) query.fault(`cursor was given for sort=${cursor.sort}, not ${quoted(sort)}`)
  return cursor
}

function fieldsOf(query: StrictQuery): readonly string[] | undefined {
  const asked = query.list('fields', MAX_FIELDS)
  if (asked === undefined) return undefined
  const { fields, unknown } = chooseFields(asked, CONTEXT_FIELDS)
  if (unknown.length > 0) query.fault(`fields does not know ${unknown.map(quoted).join(', ')}`)
  return fields
}
