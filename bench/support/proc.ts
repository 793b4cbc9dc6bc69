/** What a process costs, as Linux counts it: processor time and memory from /proc. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'

export interface Memory {
  readonly rssBytes: number
  readonly peakRssBytes: number
}

/** Linux tells processor time in ticks; every platform that Node runs on has 100 a second. */
const TICKS_PER_S = 100
/** Places in /proc/PID/stat after the command, which may hold anything: utime and stime of all threads. */
const UTIME = 11
const STIME = 12

/** Seconds of processor time that all threads of a process have had so far. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[UTIME]) + Number(fields[STIME])) / TICKS_PER_S
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1_024
  return { rssBytes: bytes('VmRSS'), peakRssBytes: bytes('VmHWM') }
}

export interface Machine {
  readonly cores: number
  readonly cpu: string
  readonly memoryGib: number
  readonly kernel: string
  readonly node: string
  readonly platform: string
  /** Over the last minute, before the bench began: what others do on this machine. */
  readonly loadBefore: number
  /** Server and client can have a core of their own each. */
  readonly pinned: boolean
}

export function machine(): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    loadBefore: loadAverage(),
    pinned: canPin(),
  }
}

export function loadAverage(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100
}

/** Of this checkout, twelve digits; `+` behind it where tracked files are changed; `unknown` outside of git. */
export function commit(): string {
  const git = (...args: readonly string[]): string =>
    spawnSync('git', ['-C', import.meta.dirname, ...args], { encoding: 'utf8' }).stdout?.trim() ?? ''
  const head = git('rev-parse', '--short=12', 'HEAD')
  if (head === '') return 'unknown'
  // The figures and what is made of them are not what was measured.
  const changed = git('status', '--porcelain', '-uno', '--', ':/', ':!/bench/results', ':!/docs')
  return changed === '' ? head : `${head}+`
}

let pins: boolean | undefined

/** taskset is there and there are two cores to share out. */
export function canPin(): boolean {
  pins ??= availableParallelism() >= 2 && spawnSync('taskset', ['-c', '0,1', 'true'], { stdio: 'ignore' }).status === 0
  return pins
}
