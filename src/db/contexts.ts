/** One or many VM contexts in full (API-1, API-2 `names=`): five queries at most, however many names are asked for. */

import { pick } from '../model/selection.ts'
import { cbtJson, contextJson, currentJobJson, diskJson, historyJson } from './context-json.ts'
import { marks, text, textOrNull, type Row } from './executor.ts'
import { fits } from './limits.ts'
import type { ContextParts, DetailQuery } from './ports.ts'
import type { ReadContext } from './reads.ts'
import { newestFirst } from './roll-up.ts'

const MAX_HISTORY = 10
const MAX_CBT = 20

/** In the order of the names, then of the vCenters. */
export async function contextDetails(ctx: ReadContext, query: DetailQuery): Promise<readonly ContextParts[]> {
  const contexts = await contextsNamed(ctx, query)
  const ids = contexts.map((row) => text(row, 'context_id'))
  if (ids.length === 0) return []
  const { parts } = query
  const wants = (part: keyof NonNullable<typeof parts>): boolean => parts === undefined || parts[part] !== undefined
  const jobs = wants('current_job') ? await currentJobs(ctx, contexts) : NONE
  const history = wants('job_history') ? await newest(ctx, 'replication_jobs', ids, MAX_HISTORY + 1) : NONE
  const disks = wants('disks') ? await disksOf(ctx, contexts) : NONE
  const cbt = wants('cbt_history') ? await newest(ctx, 'cbt_history', ids, MAX_CBT) : NONE
  const { zone } = ctx
  return contexts.map((row) => {
    const id = text(row, 'context_id')
    const current = textOrNull(row, 'current_job_id')
    const job = jobs.get(current ?? '')?.[0]
    const earlier = (history.get(id) ?? []).filter((item) => text(item, 'id') !== current).slice(0, MAX_HISTORY)
    const all = (rows: readonly Row[], json: (row: Row, zone: string) => object, fields?: readonly string[]): string =>
      JSON.stringify(rows.map((item) => pick(json(item, zone), fields)))
    return {
      vmName: text(row, 'vm_name'),
      vcenterHost: text(row, 'vcenter_host'),
      currentJobId: current,
      ...(wants('context') ? { context: JSON.stringify(pick(contextJson(row, zone), parts?.context)) } : {}),
      ...(wants('current_job') ? { currentJob: job === undefined ? null : currentJobJson(job, zone) } : {}),
      ...(wants('job_history') ? { jobHistory: all(earlier, historyJson, parts?.job_history) } : {}),
      ...(wants('disks') ? { disks: (disks.get(id) ?? []).map((item) => diskJson(item, zone)) } : {}),
      ...(wants('cbt_history') ? { cbtHistory: all(cbt.get(id) ?? [], cbtJson, parts?.cbt_history) } : {}),
    }
  })
}

type RowsByKey = ReadonlyMap<string, readonly Row[]>
const NONE: RowsByKey = new Map()

function groupedBy(rows: readonly Row[], key: string): RowsByKey {
  return Map.groupBy(rows, (row) => text(row, key))
}

/**
 * MariaDB compares names without regard to case and trailing spaces, SQLite does not: only equal ones count here. A name
 * that the column can't spell is nobody's.
 */
async function contextsNamed({ on, known, limits }: ReadContext, query: DetailQuery): Promise<readonly Row[]> {
  const limit = limits.get('vm_replication_contexts.vm_name')
  const names = query.names.filter((name) => fits(name, limit))
  if (names.length === 0) return []
  const order = known.get('vm_replication_contexts')?.has('vcenter_host') ? 'vcenter_host, context_id' : 'context_id'
  const rows = await on.all(
    `select * from vm_replication_contexts where vm_name in (${marks(names.length)}) order by ${order}`,
    names,
  )
  const byName = groupedBy(rows, 'vm_name')
  const host = query.vcenter?.toLowerCase()
  return names
    .flatMap((name) => byName.get(name) ?? [])
    .filter((row) => host === undefined || text(row, 'vcenter_host').toLowerCase() === host)
}

async function currentJobs({ on }: ReadContext, contexts: readonly Row[]): Promise<RowsByKey> {
  const ids = contexts.flatMap((row) => textOrNull(row, 'current_job_id') ?? [])
  if (ids.length === 0) return NONE
  return groupedBy(await on.all(`select * from replication_jobs where id in (${marks(ids.length)})`, ids), 'id')
}

/** Without a column for the VM's context the disks are found by the job that has them. */
async function disksOf({ on, known }: ReadContext, contexts: readonly Row[]): Promise<RowsByKey> {
  const columns = known.get('vm_disks')
  const [column, owner] = columns?.has('vm_context_id')
    ? (['vm_context_id', 'context_id'] as const)
    : (['job_id', 'current_job_id'] as const)
  const owners = contexts.flatMap((row) => textOrNull(row, owner) ?? [])
  if (owners.length === 0) return NONE
  const rows = await on.all(
    `select * from vm_disks where ${column} in (${marks(owners.length)}) order by ${columns?.has('unit_number') ? 'unit_number, id' : 'id'}`,
    owners,
  )
  const byOwner = groupedBy(rows, column)
  return new Map(contexts.map((row) => [text(row, 'context_id'), byOwner.get(text(row, owner)) ?? []]))
}

/** The newest rows of each context. They are numbered by their keys alone: a year of jobs with their long texts is not sorted. */
async function newest(
  { on, known }: ReadContext,
  table: 'replication_jobs' | 'cbt_history',
  ids: readonly string[],
  most: number,
): Promise<RowsByKey> {
  const numbered = `select id as numbered_id, row_number() over (partition by vm_context_id order by ${newestFirst(known, table)}) as place from ${table} where vm_context_id in (${marks(ids.length)})`
  const rows = await on.all(
    `select x.* from ${table} x join (${numbered}) n on n.numbered_id = x.id where n.place <= ${most} order by n.place`,
    ids,
  )
  return groupedBy(rows, 'vm_context_id')
}
