/** What a process costs, as Linux counts it: processor time and memory from /proc. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

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
  readonly node: string
  readonly platform: string
  /** Over the last minute, before the bench began: what others do on this machine. */
  readonly loadAverage: number
  /** Server and client each on a core of their own. */
  readonly pinned: boolean
}

export function machine(): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    loadAverage: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    pinned: canPin(),
  }
}

let pins: boolean | undefined

/** taskset is there and there are two cores to share out. */
export function canPin(): boolean {
  pins ??= availableParallelism() >= 2 && spawnSync('taskset', ['-c', '0,1', 'true'], { stdio: 'ignore' }).status === 0
  return pins
}
