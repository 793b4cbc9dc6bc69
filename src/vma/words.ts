/** What the VMA needs to know of a sender's words, looked up once per distinct word. */

import { STAGES, STATUS_RANK, isClosingStage, isSetupStage, setupStatusOfStage, statusOfWord } from '../model/words.ts'

/**
 * setup: before the first byte · transfer: bytes move (any word we do not know) · closing: after the last byte ·
 * done and error: old clients' stage words that speak of the job's end.
 */
export type StageKind = 'setup' | 'transfer' | 'closing' | 'done' | 'error'

/** Order of kinds within a run; the end words have no place of their own. */
export const KIND_RANK: Readonly<Record<StageKind, number>> = { setup: 0, transfer: 1, closing: 2, done: 2, error: 2 }

/** Clients may send any word: beyond this many they are worked out anew each time, so that memory stays bounded. */
const MAX_REMEMBERED = 512
const words = new Map<string, string>()
const stages = new Map<string, StageWord>()
const ranks = new Map<string, number>()

/**
 * One copy of a word for all jobs: JSON.parse makes a new one per update, and a job would keep half a dozen of them.
 */
export function shared(word: string): string {
  const known = words.get(word)
  if (known !== undefined) return known
  if (words.size < MAX_REMEMBERED) words.set(word, word)
  return word
}

const lists = new Map<string, readonly string[]>()

/** One copy of a list of words for all jobs, too: their phases are nearly always the same ones. It must never be changed. */
export function sharedList(list: readonly string[]): readonly string[] {
  const key = JSON.stringify(list)
  const known = lists.get(key)
  if (known !== undefined) return known
  if (lists.size < MAX_REMEMBERED) lists.set(key, list)
  return list
}

const jsons = new Map<string, string>()

/** A word in JSON. */
export function wordJson(word: string): string {
  const known = jsons.get(word)
  if (known !== undefined) return known
  const json = JSON.stringify(word)
  if (jsons.size < MAX_REMEMBERED) jsons.set(word, json)
  return json
}

export interface StageWord {
  readonly kind: StageKind
  /** Place in the documented order (STAT-1); -1 for a stage that is not in it. */
  readonly place: number
  /** STAT-2 rank of the status that the stage means by itself. */
  readonly rank: number
}

export function stageWord(stage: string): StageWord {
  let known = stages.get(stage)
  if (known === undefined) {
    known = readStage(stage)
    if (stages.size < MAX_REMEMBERED) stages.set(stage, known)
  }
  return known
}

function readStage(stage: string): StageWord {
  const kind = kindOf(stage)
  const place = STAGES.findIndex((name) => name.toLowerCase() === stage.trim().toLowerCase())
  return {
    kind,
    place,
    rank: STATUS_RANK[setupStatusOfStage(stage) ?? (kind === 'closing' ? 'finalizing' : 'replicating')],
  }
}

function kindOf(stage: string): StageKind {
  if (isSetupStage(stage)) return 'setup'
  if (isClosingStage(stage)) return 'closing'
  if (statusOfWord(stage) === 'failed') return 'error'
  return /^\s*completed?\s*$/i.test(stage) ? 'done' : 'transfer'
}

/** STAT-2 rank of a status word; undefined for a word that NORM-2 does not know. */
export function statusRank(word: string): number | undefined {
  const known = ranks.get(word)
  if (known !== undefined) return known
  const status = statusOfWord(word)
  if (status === undefined) return undefined
  const rank = STATUS_RANK[status]
  if (ranks.size < MAX_REMEMBERED) ranks.set(word, rank)
  return rank
}
