/** What each figure of a soak may do. Why so much stands beside it; docs/reliability.md tells the criterion. */

import type { Allowances } from './verdict.ts'

/** A database pool opens connections when they are first needed, and keeps them. */
const POOL = 12
/** Numbers of a fleet that comes and goes at random swing by some percent. */
const SWINGS = 0.1

const PROCESS: Allowances = {
  // V8 returns memory late, and its heap grows into what it is given: generous.
  'RSS MiB': { share: 0.15, atLeast: 48 },
  'heap MiB': { share: SWINGS, atLeast: 8, stays: 32 },
  'external MiB': { share: 0.2, atLeast: 8 },
  'buffers MiB': { share: 0.2, atLeast: 8 },
  sockets: { share: SWINGS, atLeast: 8, stays: POOL },
  files: { share: SWINGS, atLeast: 8, stays: POOL },
  timers: { share: 0.2, atLeast: 20, stays: 3 },
  handles: { share: SWINGS, atLeast: 6, stays: 3 },
}

const OMA: Allowances = {
  actors: { share: SWINGS, atLeast: 50, stays: 0 },
  'job objects': { share: SWINGS, atLeast: 50, stays: 0 },
  histories: { share: SWINGS, atLeast: 50, stays: 0 },
  clients: { share: 0.3, atLeast: 8, stays: 0 },
  topics: { share: 0.3, atLeast: 60, stays: 0 },
  'polls out': { stays: 0 },
  mailbox: { stays: 0 },
  'rows waiting': { stays: 0 },
  'log waiting': { stays: 0 },
  threads: { share: 0, atLeast: 1, stays: 0 },
}

const VMA: Allowances = {
  jobs: { share: SWINGS, atLeast: 50, stays: 0 },
  'long polls': { share: 0, atLeast: 2, stays: 0 },
}

function named(prefix: string, allowances: Allowances): Allowances {
  return Object.fromEntries(Object.entries(allowances).map(([name, of]) => [`${prefix} ${name}`, of]))
}

const ALL: Allowances = { ...named('oma', { ...PROCESS, ...OMA }), ...named('vma', { ...PROCESS, ...VMA }) }

/**
 * Jobs are shown for a minute after their end and topics linger as long: before some minutes have passed everything still
 * grows for that reason alone. A shorter run judges what is left at the end, and no slope.
 */
const FEWEST_MS = 5 * 60_000

export function allowancesFor(forMs: number): Allowances {
  if (forMs >= FEWEST_MS) return ALL
  return Object.fromEntries(
    Object.entries(ALL).map(([name, { stays }]) => [name, stays === undefined ? {} : { stays }]),
  )
}
