/** What a process holds at this moment, asked from within it. Run it with `--expose-gc`: what is garbage counts for nothing. */

import { readdirSync, readlinkSync } from 'node:fs'
import { settledMemory } from '../../bench/support/parent.ts'

export type Figures = Readonly<Record<string, number>>

export function processFigures(): Figures {
  const { rss, heapUsed, external, arrayBuffers } = settledMemory()
  const resources = countBy(process.getActiveResourcesInfo())
  const links = openFiles()
  return {
    'RSS MiB': rss / 2 ** 20,
    'heap MiB': heapUsed / 2 ** 20,
    'external MiB': external / 2 ** 20,
    'buffers MiB': arrayBuffers / 2 ** 20,
    sockets: links.filter((link) => link.startsWith('socket:')).length,
    files: links.length,
    timers: (resources.get('Timeout') ?? 0) + (resources.get('Immediate') ?? 0),
    handles: [...resources].reduce((sum, [type, n]) => sum + (type === 'Timeout' || type === 'Immediate' ? 0 : n), 0),
  }
}

/** Of all threads of the process: those of the fetch threads are among them. */
function openFiles(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      // It was the one that listed them.
      return []
    }
  })
}

function countBy(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
