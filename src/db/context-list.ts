/**
 * The list of VM contexts (API-1, API-2): one query, sent as bytes. Pages go by the key of their last row and not by a
 * number of rows: what is added or removed meanwhile shifts nothing.
 */

import { pick } from '../model/selection.ts'
import { contextJson } from './context-json.ts'
import { marks, text, type KnownColumns, type SqlValue } from './executor.ts'
import type { ContextPage, ContextQuery, ContextSort } from './ports.ts'
import type { ReadContext } from './reads.ts'

export async function contextPage(ctx: ReadContext, query: ContextQuery): Promise<ContextPage> {
  const { sort, limit, fields } = query
  const key = sortKey(sort.field, ctx.known)
  const { where, params } = conditions(query, key)
  const rows = await ctx.on.all(
    `select c.*, ${key} as sort_key from vm_replication_contexts c ${where} order by sort_key ${sort.descending ? 'desc' : 'asc'}, c.context_id${limit === undefined ? '' : ` limit ${limit + 1}`}`,
    params,
  )
  const page = limit === undefined ? rows : rows.slice(0, limit)
  const last = rows.length > page.length ? page.at(-1) : undefined
  const contexts = page.map((row) => pick(contextJson(row, ctx.zone), fields))
  return {
    count: page.length,
    json: new TextEncoder().encode(JSON.stringify(contexts)),
    next: last === undefined ? null : { key: text(last, 'sort_key'), contextId: text(last, 'context_id') },
  }
}

/**
 * What rows are ordered by: text in both databases, as the cursor holds it, and never null. Names go without regard to
 * case; times as the database writes them, a missing one first; statuses by their word (an enum goes by its number).
 */
const SORT_KEYS: Readonly<Record<ContextSort['field'], string>> = {
  vm_name: 'lower(c.vm_name)',
  current_status: "concat(c.current_status, '')",
  last_job_at: "coalesce(concat(c.last_job_at, ''), '')",
  updated_at: "coalesce(concat(c.updated_at, ''), '')",
}

function sortKey(field: ContextSort['field'], known: KnownColumns): string {
  return known.get('vm_replication_contexts')?.has(field) === true ? SORT_KEYS[field] : "''"
}

function conditions(
  { statuses, nameHas, after, sort }: ContextQuery,
  key: string,
): { readonly where: string; readonly params: readonly SqlValue[] } {
  const all: string[] = []
  const params: SqlValue[] = []
  if (statuses !== undefined) {
    all.push(`c.current_status in (${marks(statuses.length)})`)
    params.push(...statuses)
  }
  if (nameHas !== undefined) {
    all.push('instr(lower(c.vm_name), lower(?)) > 0')
    params.push(nameHas)
  }
  if (after !== undefined) {
    all.push(`(${key} ${sort.descending ? '<' : '>'} ? or (${key} = ? and c.context_id > ?))`)
    params.push(after.key, after.key, after.contextId)
  }
  return { where: all.length === 0 ? '' : `where ${all.join(' and ')}`, params }
}
