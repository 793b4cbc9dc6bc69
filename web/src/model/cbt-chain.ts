/** The change ids of each disk as a chain: every incremental sync has to begin where the good one before it ended. */

import type { CbtHistoryJson } from '../../../src/model/wire/vm-contexts.ts'

/**
 * `start`: the first one of all, or the oldest one that is still told. `holds`: begins where the one before ended.
 * `breaks`: names another change id than the one before left: what changed between was not copied. `restart`: a full copy,
 * which needs none before it. `untold`: the sync
 * kept no change id, so that nothing can be said of it.
 */
export type LinkKind = 'start' | 'holds' | 'breaks' | 'restart' | 'untold'

export interface ChainLink {
  readonly sync: CbtHistoryJson
  readonly kind: LinkKind
}

export interface Chain {
  readonly diskId: string
  /** Oldest first. */
  readonly links: readonly ChainLink[]
  readonly isBroken: boolean
}

/** `history` in any order. A failed sync leaves no change id that the next one could begin at. */
export function chainsOf(history: readonly CbtHistoryJson[]): readonly Chain[] {
  const byDisk = Map.groupBy(history, (sync) => sync.disk_id)
  return [...byDisk.keys()].toSorted().map((diskId) => {
    const links = linksOf((byDisk.get(diskId) ?? []).toSorted(oldestFirst))
    return { diskId, links, isBroken: links.some(({ kind }) => kind === 'breaks') }
  })
}

function linksOf(syncs: readonly CbtHistoryJson[]): readonly ChainLink[] {
  let reached: string | undefined
  return syncs.map((sync) => {
    const kind = kindOf(sync, reached)
    if (sync.sync_success && sync.change_id !== '') reached = sync.change_id
    return { sync, kind }
  })
}

function kindOf(sync: CbtHistoryJson, reached: string | undefined): LinkKind {
  if (sync.previous_change_id === '' && sync.change_id === '') return 'untold'
  if (reached === undefined) return 'start'
  if (sync.previous_change_id === '') return sync.sync_type === 'incremental' ? 'breaks' : 'restart'
  return sync.previous_change_id === reached ? 'holds' : 'breaks'
}

function oldestFirst(a: CbtHistoryJson, b: CbtHistoryJson): number {
  return Date.parse(a.created_at) - Date.parse(b.created_at) || a.id - b.id
}
