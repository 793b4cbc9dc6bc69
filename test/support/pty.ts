/** A command on a real pseudo-terminal, and what a person would see there: `script` holds the terminal, xterm draws it. */

import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import xterm from '@xterm/headless'
import { until } from './service.ts'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export interface Size {
  readonly columns: number
  readonly rows: number
}

interface Teardown {
  teardown(handler: () => unknown): unknown
}

export class Pty {
  readonly #child: ChildProcess
  readonly #terminal: xterm.Terminal
  #raw = ''
  #written = Promise.resolve()
  readonly ended: Promise<number | null>

  private constructor(child: ChildProcess, { columns: cols, rows }: Size) {
    this.#child = child
    this.#terminal = new xterm.Terminal({ cols, rows, scrollback: 1_000, allowProposedApi: true, convertEol: false })
    child.stdout?.on('data', (chunk: Buffer) => {
      this.#raw += chunk.toString('utf8')
      this.#written = this.#written.then(() => new Promise((resolve) => this.#terminal.write(chunk, resolve)))
    })
    this.ended = new Promise((resolve) => child.once('close', (code) => resolve(code)))
  }

  /** Runs `sightline ARGS`; its terminal has this size from the start. */
  static async start(
    t: Teardown,
    args: readonly string[],
    size: Size,
    env: Readonly<Record<string, string>>,
  ): Promise<Pty> {
    const words = [process.execPath, '--disable-warning=ExperimentalWarning', MAIN, ...args]
    const command = `tty; stty cols ${size.columns} rows ${size.rows}; clear; exec ${words.map((word) => `'${word}'`).join(' ')}`
    const { NODE_OPTIONS: _, NO_COLOR: _n, FORCE_COLOR: _f, ...own } = process.env
    const child = spawn('script', ['-qfec', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...own, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', SHELL: '/bin/sh', ...env },
    })
    const pty = new Pty(child, size)
    t.teardown(async () => {
      child.kill('SIGKILL')
      await pty.ended
    })
    await until('the terminal is there', async () => (/^\/dev\/\S+/m.test(pty.#raw) ? true : undefined), 30_000)
    return pty
  }

  /** What the terminal got, escape sequences and all. */
  get raw(): string {
    return this.#raw
  }

  get isCursorShown(): boolean {
    return this.#raw.lastIndexOf('\x1b[?25h') >= this.#raw.lastIndexOf('\x1b[?25l')
  }

  /** The lines on the screen, without what is empty at the end of each. */
  async screen(): Promise<readonly string[]> {
    await this.#written
    const { active } = this.#terminal.buffer
    return Array.from(
      { length: this.#terminal.rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
    )
  }

  /** The screen once it is as asked for. */
  async sees(what: string, isThere: (lines: readonly string[]) => boolean): Promise<readonly string[]> {
    try {
      return await until(
        what,
        async () => {
          const lines = await this.screen()
          return isThere(lines) ? lines : undefined
        },
        30_000,
      )
    } catch (cause) {
      throw new Error(`it shows:\n${(await this.screen()).join('\n')}`, { cause })
    }
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  /** As a person drags the window: terminal and program learn of it. */
  resize({ columns, rows }: Size): void {
    const [terminal = ''] = /^\/dev\/\S+/m.exec(this.#raw) ?? []
    this.#terminal.resize(columns, rows)
    execFileSync('stty', ['-F', terminal, 'cols', String(columns), 'rows', String(rows)])
  }
}
