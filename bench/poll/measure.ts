/** What an OMA did and cost from one moment to another, in its own process. */

import { readdirSync, readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Oma } from '../../src/compose-oma.ts'
import type { Delays } from '../../src/telemetry/delays.ts'

export interface PollFigures {
  readonly active: number
  readonly pollsPerSecond: number
  readonly failed: number
  /** From when a poll was due to the sample's arrival at its actor. */
  readonly lateMs: Delays
  readonly loopMs: Delays
  readonly rowsPerSecond: number
  /** Cores in use: all threads, the main thread, and the busiest of the others. */
  readonly cores: number
  readonly mainCores: number
  readonly otherCores: readonly number[]
  readonly usPerPoll: number
  readonly rssBytes: number
}

const TICKS_PER_S = 100
const UTIME = 11

/** CPU seconds by thread; the main thread has the process's id. */
function threads(): ReadonlyMap<number, number> {
  return new Map(
    readdirSync('/proc/self/task').map((tid) => {
      const stat = readFileSync(`/proc/self/task/${tid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return [Number(tid), (Number(fields[UTIME]) + Number(fields[UTIME + 1])) / TICKS_PER_S]
    }),
  )
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits))

/** Begins now; call what it returns at the end. */
export function measure(oma: Oma): () => PollFigures {
  const before = structuredClone(oma.stats())
  const cpu = process.cpuUsage()
  const byThread = threads()
  const startedAt = performance.now()
  const loop = monitorEventLoopDelay({ resolution: 5 })
  loop.enable()
  oma.runtime.stats.resetLateness()
  return () => {
    loop.disable()
    const seconds = (performance.now() - startedAt) / 1_000
    const after = oma.stats()
    const { user, system } = process.cpuUsage(cpu)
    const polls = after.polls.ok - before.polls.ok
    const used = [...threads()].map(([tid, at]) => ({ tid, cores: (at - (byThread.get(tid) ?? 0)) / seconds }))
    const ms = (percentile: number): number => round(loop.percentile(percentile) / 1e6, 1)
    return {
      active: after.active,
      pollsPerSecond: Math.round(polls / seconds),
      failed: sum(after.polls.failed) - sum(before.polls.failed),
      lateMs: after.lateness,
      loopMs: { p50: ms(50), p99: ms(99), max: round(loop.max / 1e6, 1) },
      rowsPerSecond: Math.round((after.writes.rows - before.writes.rows) / seconds),
      cores: round((user + system) / 1e6 / seconds, 3),
      mainCores: round(used.find(({ tid }) => tid === process.pid)?.cores ?? 0, 3),
      otherCores: used
        .filter(({ tid, cores }) => tid !== process.pid && cores > 0.01)
        .map(({ cores }) => round(cores, 3))
        .toSorted((a, b) => b - a),
      usPerPoll: round((user + system) / polls, 1),
      rssBytes: process.memoryUsage.rss(),
    }
  }
}

function sum(counts: Readonly<Partial<Record<string, number>>>): number {
  return Object.values(counts).reduce<number>((total, count) => total + (count ?? 0), 0)
}
