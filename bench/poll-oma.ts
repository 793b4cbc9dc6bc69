/**
 * The OMA as `sightline oma` runs it, measured for SPAN seconds after WARM seconds; prints one JSON line at its end. Made
 * to stand where a rival stands in a harness that gives VMA_PROGRESS_CLIENT_URL and DATABASE_URL (or MARIA_PORT and DB).
 */

import { readdirSync, readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { loadSettings } from '../config/load.ts'
import { startOma } from '../src/compose-oma.ts'
import { createLogger } from '../src/telemetry/log.ts'

const { env } = process
const warmMs = Number(env['WARM'] ?? 10) * 1_000
const spanMs = Number(env['SPAN'] ?? 20) * 1_000
const databaseUrl = env['DATABASE_URL'] ?? `mysql://root@127.0.0.1:${env['MARIA_PORT']}/${env['DB']}`

// What the harness tells others by the prefix of our settings is none of ours.
const { OMA_DSN: _, ...own } = env
const loaded = loadSettings({
  env: { ...own, DATABASE_URL: databaseUrl, OMA_API_TOKENS: 'bench', OMA_HTTP_PORT: '0', LOG_LEVEL: 'warn' },
})
if ('faults' in loaded) throw new Error(JSON.stringify(loaded))
const oma = await startOma(loaded.settings, {
  log: createLogger({ level: 'warn', format: 'json', service: 'oma' }),
  migrate: true,
})
const TICKS_PER_SECOND = 100

/** CPU seconds by thread: the main thread is the process's id. */
function threads(): Map<string, number> {
  return new Map(
    readdirSync('/proc/self/task').map((tid) => {
      const fields = readFileSync(`/proc/self/task/${tid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')
      return [tid, (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND]
    }),
  )
}

await new Promise((resolve) => setTimeout(resolve, warmMs))
const before = {
  stats: structuredClone(oma.stats()),
  threads: threads(),
  cpu: process.cpuUsage(),
  at: performance.now(),
}
const loop = monitorEventLoopDelay({ resolution: 5 })
loop.enable()
oma.runtime.stats.resetLateness()
await new Promise((resolve) => setTimeout(resolve, spanMs))
loop.disable()
const after = { stats: oma.stats(), threads: threads(), cpu: process.cpuUsage(before.cpu), at: performance.now() }
const seconds = (after.at - before.at) / 1_000
const polls = after.stats.polls.ok - before.stats.polls.ok
const ms = (ns: number): number => Math.round(ns / 1e5) / 10
const used = [...after.threads]
  .map(([tid, cpu]) => ({ tid, cores: (cpu - (before.threads.get(tid) ?? 0)) / seconds }))
  .toSorted((a, b) => b.cores - a.cores)
console.log(
  JSON.stringify({
    active: after.stats.active,
    polls_per_s: Math.round(polls / seconds),
    failed: Object.values(after.stats.polls.failed).reduce((sum, n) => sum + n, 0),
    late_ms: after.stats.lateness,
    loop_ms: { p50: ms(loop.percentile(50)), p99: ms(loop.percentile(99)), max: ms(loop.max) },
    rows_per_s: Math.round((after.stats.writes.rows - before.stats.writes.rows) / seconds),
    flushes_per_s: Math.round((after.stats.writes.flushes - before.stats.writes.flushes) / seconds),
    conflated: after.stats.conflated,
    cores: Math.round(((after.cpu.user + after.cpu.system) / 1e6 / seconds) * 1_000) / 1_000,
    main: Math.round((used.find(({ tid }) => Number(tid) === process.pid)?.cores ?? 0) * 1_000) / 1_000,
    others: used
      .filter(({ tid, cores }) => Number(tid) !== process.pid && cores > 0.01)
      .map(({ cores }) => Math.round(cores * 1_000) / 1_000),
    us_per_poll: Math.round(((after.cpu.user + after.cpu.system) / polls) * 10) / 10,
    rss_mb: Math.round(process.memoryUsage.rss() / 1e6),
    heap_mb: Math.round(process.memoryUsage().heapUsed / 1e6),
  }),
)
await oma.close()
