/** Which rows are shown, and in which order. */

import type { Row } from './fleet.ts'
import { isRunning, STATES } from './state.ts'

export const GROUPS = ['all', 'running', 'moving', 'slow', 'stalled', 'silent', 'waiting', 'failed'] as const
export type Group = (typeof GROUPS)[number]

export const SORTS = ['attention', 'name', 'progress', 'moved', 'speed', 'eta'] as const
export type Sort = (typeof SORTS)[number]

export interface Query {
  /** Parts of the VM's or vCenter's name, or of the job's id, parted by blanks: all have to be there. */
  readonly search: string
  readonly group: Group
  /** A status of jobs or VMs; '' for any. */
  readonly status: string
  readonly sort: Sort
  readonly descending: boolean
}

export const EVERYTHING: Query = { search: '', group: 'all', status: '', sort: 'attention', descending: false }

/** `silent` is all of which nothing new is heard: the numbers of those rows are old. */
export function isIn(group: Group, row: Row): boolean {
  if (group === 'all') return true
  if (group === 'running') return row.job !== undefined && isRunning(row.job)
  if (group === 'silent') return STATES[row.state].isStale
  return row.state === group
}

export function select(rows: Iterable<Row>, query: Query): readonly Row[] {
  const words = query.search.toLowerCase().split(/\s+/).filter(Boolean)
  const chosen: Row[] = []
  for (const row of rows) {
    if (isIn(query.group, row) && (query.status === '' || row.status === query.status) && hasAll(row, words))
      chosen.push(row)
  }
  return chosen.sort(comparison(query))
}

function hasAll(row: Row, words: readonly string[]): boolean {
  if (words.length === 0) return true
  const text = `${row.name} ${row.vcenter} ${row.job?.job_id ?? ''}`.toLowerCase()
  return words.every((word) => text.includes(word))
}

type Comparison = (a: Row, b: Row) => number

/** Rows that have no such number come last, whichever way is up. */
function comparison({ sort, descending }: Query): Comparison {
  const sign = descending ? -1 : 1
  if (sort === 'name') return (a, b) => sign * byName(a, b)
  if (sort === 'attention') return (a, b) => sign * (attention(a) - attention(b)) || byName(a, b)
  const value = VALUES[sort]
  return (a, b) => {
    const [x, y] = [value(a), value(b)]
    if (x === undefined || y === undefined) {
      return Number(x === undefined) - Number(y === undefined) || byName(a, b)
    }
    return sign * (x - y) || byName(a, b)
  }
}

const VALUES: Readonly<Record<Exclude<Sort, 'name' | 'attention'>, (row: Row) => number | undefined>> = {
  progress: ({ job }) => job?.progress_percent,
  moved: ({ job }) => job?.bytes_transferred,
  speed: ({ job }) => (job !== undefined && isRunning(job) ? job.transfer_speed_bps : undefined),
  eta: ({ job }) => (job !== undefined && isRunning(job) ? (job.eta_high_seconds ?? undefined) : undefined),
}

/** A failure of which no job is left in memory is history: it does not stand before what runs. */
function attention(row: Row): number {
  return row.job === undefined ? STATES.idle.rank : STATES[row.state].rank
}

function byName(a: Row, b: Row): number {
  if (a.sortName !== b.sortName) return a.sortName < b.sortName ? -1 : 1
  return a.key < b.key ? -1 : Number(a.key > b.key)
}

/** The statuses that rows have, sorted. */
export function statusesOf(rows: Iterable<Row>): readonly string[] {
  const found = new Set<string>()
  for (const row of rows) if (row.status !== '') found.add(row.status)
  return [...found].toSorted()
}
