/** Processes that belong together: who is left of a group, and how a group ends. */

import { readFileSync, readdirSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

/** Sends a signal to every process of the group; one that is gone already is no fault. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Ends what is left of a group: asked first, killed after a second. */
export async function endGroup(group: number): Promise<void> {
  signalGroup(group, 'SIGTERM')
  for (let tries = 0; tries < 50 && membersOf(group).length > 0; tries += 1) await wait(20)
  signalGroup(group, 'SIGKILL')
}

/** Command lines of the group's living processes. Read from /proc: where that is missing, none is seen. */
export function membersOf(group: number): string[] {
  return processIds().flatMap((pid) => {
    try {
      // After the command in parentheses, which may hold anything: state, parent, group.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const [state, , itsGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      // A dead process that nobody has fetched yet (Z) holds nothing any more.
      if (Number(itsGroup) !== group || state === 'Z' || state === 'X') return []
      return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim() || `process ${pid}`]
    } catch {
      // Gone while it was looked at.
      return []
    }
  })
}

function processIds(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
}
