/** A `sightline` command as a process of its own, for tests: its output by line, its end, and never left behind. */

import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface RunningCli {
  readonly child: ChildProcess
  readonly lines: readonly string[]
  /** The first line, past or to come, that matches. Rejects when the process ends without one, or after `boundMs`. */
  line(pattern: RegExp, boundMs?: number): Promise<string>
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

interface Teardown {
  teardown(handler: () => unknown): unknown
}

export function startCli(t: Teardown, args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCli {
  const file = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const lines: string[] = []
  const heard = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      for (const listener of heard) listener()
    })
  }
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const line = (pattern: RegExp, boundMs = 60_000): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find((text) => pattern.test(text))
        if (found !== undefined) settle(() => resolve(found))
      }
      const giveUp = (why: string) => (): void => {
        settle(() => reject(new Error(`${why} before a line like ${pattern}; it said:\n${lines.join('\n')}`)))
      }
      const timer = setTimeout(giveUp(`${boundMs} ms passed`), boundMs)
      const settle = (then: () => void): void => {
        clearTimeout(timer)
        heard.delete(look)
        then()
      }
      heard.add(look)
      void ended.then(giveUp('the process ended'))
      look()
    })
  return { child, lines, line, ended }
}
