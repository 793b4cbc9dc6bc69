/** What an OMA did and cost from one moment to another, in its own process. */

import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Oma } from '../../src/compose-oma.ts'
import type { Delays } from '../../src/telemetry/delays.ts'
import type { LatenessByKind } from './lateness.ts'
import { omaCores, threadTimes, type OmaCores } from '../support/threads.ts'

export interface PollFigures {
  readonly active: number
  readonly pollsPerSecond: number
  readonly failed: number
  /** From when a poll was due to the sample's arrival at its actor. */
  readonly lateMs: Delays
  readonly loopMs: Delays
  readonly rowsPerSecond: number
  /** Cores in use: of all threads together, and by thread. */
  readonly cores: number
  readonly threads: OmaCores
  readonly usPerPoll: number
  readonly rssBytes: number
  /** Where some jobs are slow on purpose. */
  readonly lateness?: LatenessByKind
}

/** This file is loaded before an OMA is started: of those threads none is a worker. */
const before: ReadonlySet<number> = new Set(threadTimes().map(({ tid }) => tid))

const round = (value: number, digits: number): number => Number(value.toFixed(digits))

/** Begins now; call what it returns at the end. */
export function measure(oma: Oma): () => PollFigures {
  const from = structuredClone(oma.stats())
  const cpu = process.cpuUsage()
  const byThread = threadTimes()
  const startedAt = performance.now()
  const loop = monitorEventLoopDelay({ resolution: 5 })
  loop.enable()
  oma.runtime.stats.resetLateness()
  return () => {
    loop.disable()
    const seconds = (performance.now() - startedAt) / 1_000
    const after = oma.stats()
    const { user, system } = process.cpuUsage(cpu)
    const polls = after.polls.ok - from.polls.ok
    const threads = omaCores(byThread, threadTimes(), { seconds, before, pid: process.pid })
    const ms = (percentile: number): number => round(loop.percentile(percentile) / 1e6, 1)
    return {
      active: after.active,
      pollsPerSecond: Math.round(polls / seconds),
      failed: sum(after.polls.failed) - sum(from.polls.failed),
      lateMs: after.lateness,
      loopMs: { p50: ms(50), p99: ms(99), max: round(loop.max / 1e6, 1) },
      rowsPerSecond: Math.round((after.writes.rows - from.writes.rows) / seconds),
      cores: round((user + system) / 1e6 / seconds, 3),
      threads: mapped(threads, (cores) => round(cores, 3)),
      usPerPoll: round((user + system) / polls, 1),
      rssBytes: process.memoryUsage.rss(),
    }
  }
}

function sum(counts: Readonly<Partial<Record<string, number>>>): number {
  return Object.values(counts).reduce<number>((total, count) => total + (count ?? 0), 0)
}

function mapped(cores: OmaCores, of: (value: number) => number): OmaCores {
  const { main, fetch, busiestFetch, database, helpers } = cores
  return {
    main: of(main),
    fetch: of(fetch),
    busiestFetch: of(busiestFetch),
    database: of(database),
    helpers: of(helpers),
  }
}
