/** A service as a real process, started as a person would start it and stopped by its handle. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const MAIN = ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))]
const START_MS = 20_000

export class Service {
  readonly url: string
  readonly #process: ChildProcess
  readonly #lines: readonly string[]

  private constructor(url: string, child: ChildProcess, lines: readonly string[]) {
    this.url = url
    this.#process = child
    this.#lines = lines
  }

  /** Runs `sightline NAME` on any free port and waits until its log tells the URL; `command` is another one than ours. */
  static async start(
    name: 'oma' | 'vma',
    env: Readonly<Record<string, string>>,
    cwd: string,
    command: readonly string[] = MAIN,
  ): Promise<Service> {
    const child = spawn(process.execPath, [...command, name], {
      cwd,
      env: { ...ownEnvironment(), OMA_HTTP_PORT: '0', VMA_HTTP_PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const lines: string[] = []
    let rest = ''
    const read = (chunk: Buffer): void => {
      const parts = (rest + chunk.toString('utf8')).split('\n')
      rest = parts.pop() ?? ''
      lines.push(...parts)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    const url = await until(
      `${name} is up`,
      async () => {
        if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${lines.join('\n')}`)
        return lines.map((line) => /"url":"(https?:[^"]+)"/.exec(line)?.[1]).find((found) => found !== undefined)
      },
      START_MS,
    ).catch((cause: unknown) => {
      child.kill('SIGKILL')
      throw new Error(`${name} said: ${lines.join('\n')}`, { cause })
    })
    return new Service(url, child, lines)
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null
  }

  get log(): string {
    return this.#lines.join('\n')
  }

  /** Asks it to stop as systemd would; the exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.isRunning) {
      const exited = once(this.#process, 'exit')
      this.#process.kill(signal)
      await exited
    }
    return this.#process.exitCode
  }
}

/** The test runner's loaders are not the service's business: it starts as it would from a shell. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...env } = process.env
  return env
}

/** Asks again and again until there is something; fails with what it waited for. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  boundMs = 15_000,
  everyMs = 50,
): Promise<T> {
  const end = Date.now() + boundMs
  for (;;) {
    const found = await ask()
    if (found !== undefined) return found
    if (Date.now() > end) throw new Error(`waited ${boundMs} ms in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}
