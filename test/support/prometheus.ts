/** A real Prometheus and a real Alertmanager on free ports of this machine, started for a test and stopped by their handles. */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ROOT } from '../arch/source-files.ts'
import { freePort } from './mariadb-server.ts'
import { until } from './service.ts'

/** Where `scripts/setup.mjs --tests` puts what it takes out of Debian's packages. */
const TOOLS = join(ROOT, '.tools')
const ENV = { ...process.env, PATH: `${process.env['PATH']}${delimiter}${TOOLS}` }
const START_MS = 30_000

/** What `promtool` said, and whether it was content. */
export function promtool(args: readonly string[], input = ''): { readonly ok: boolean; readonly said: string } {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { encoding: 'utf8', env: ENV, input })
  if (error !== undefined)
    throw new Error('promtool does not start: run `node scripts/setup.mjs --tests`', { cause: error })
  return { ok: status === 0, said: stdout + stderr }
}

class Program {
  readonly url: string
  readonly #child: ChildProcess
  #said = ''

  constructor(command: string, args: readonly string[], port: number, cwd = ROOT) {
    this.url = `http://127.0.0.1:${port}`
    // The Alertmanager of the set-up reads its templates in the working folder.
    this.#child = spawn(command, args, { env: ENV, cwd, stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child.on('error', (error) => (this.#said += error.message))
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#said += chunk.toString()))
  }

  async ready(): Promise<void> {
    await until(
      'it is ready',
      async () => {
        if (this.#child.exitCode !== null) throw new Error(`it ended with ${this.#child.exitCode}`)
        const answer = await fetch(`${this.url}/-/ready`).catch(() => undefined)
        return answer?.ok ? true : undefined
      },
      START_MS,
    ).catch((cause: unknown) => {
      throw new Error(this.#said, { cause })
    })
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exited
  }
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [at: number, value: string]
}

export interface Rule {
  readonly name: string
  readonly health: string
  readonly lastError?: string
}

export class Prometheus {
  readonly #program: Program

  private constructor(program: Program) {
    this.#program = program
  }

  static async start(configFile: string, folder: string): Promise<Prometheus> {
    const port = await freePort()
    const args = [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(folder, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]
    const program = new Program('prometheus', args, port)
    await program.ready().catch(async (cause: unknown) => {
      await program.stop()
      throw cause
    })
    return new Prometheus(program)
  }

  async query(expr: string): Promise<readonly Series[]> {
    const { result } = (await this.#get(`query?query=${encodeURIComponent(expr)}`)) as { result: readonly Series[] }
    return result
  }

  async rules(): Promise<readonly Rule[]> {
    const { groups } = (await this.#get('rules')) as { groups: readonly { readonly rules: readonly Rule[] }[] }
    return groups.flatMap(({ rules }) => rules)
  }

  stop(): Promise<void> {
    return this.#program.stop()
  }

  async #get(path: string): Promise<unknown> {
    const answer = await fetch(`${this.#program.url}/api/v1/${path}`)
    const body = (await answer.json()) as { status: string; error?: string; data: unknown }
    if (body.status !== 'success') throw new Error(`${path}: ${body.error}`)
    return body.data
  }
}

export class Alertmanager {
  readonly #program: Program
  readonly address: string

  private constructor(program: Program) {
    this.#program = program
    this.address = new URL(program.url).host
  }

  static async start(configFile: string, folder: string): Promise<Alertmanager> {
    const port = await freePort()
    const args = [
      `--config.file=${configFile}`,
      `--storage.path=${join(folder, 'alertmanager')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ]
    const found = spawnSync('alertmanager', ['--version'], { env: ENV }).error === undefined
    const program = found
      ? new Program('alertmanager', args, port)
      : new Program('prometheus-alertmanager', args, port, existsSync(TOOLS) ? TOOLS : ROOT)
    await program.ready().catch(async (cause: unknown) => {
      await program.stop()
      throw cause
    })
    return new Alertmanager(program)
  }

  stop(): Promise<void> {
    return this.#program.stop()
  }
}
