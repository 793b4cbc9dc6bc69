/** README.md as a newcomer takes it: every command runs as it stands, but for the database's address and the ports. */

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { SETTINGS, SETTING_KEYS } from '../../config/schema.ts'
import { ROOT } from '../arch/source-files.ts'
import { emptyDatabase } from '../support/empty-database.ts'
import { blocksOf } from '../support/markdown.ts'
import { MariaDb } from '../support/mariadb.ts'
import { until } from '../support/service.ts'

t.setTimeout(120_000)
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
const blocks = blocksOf(readme)
const commands = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text)
const SHOWN_DATABASE = 'mysql://sightline:secret@127.0.0.1:3306/migratekit_oma'

/** Without this machine's settings; ports that nobody else has. npm's compile cache would stay behind. */
const base: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '',
  TMPDIR: tmpdir(),
  OMA_HTTP_PORT: '0',
  VMA_HTTP_PORT: '0',
  NODE_DISABLE_COMPILE_CACHE: '1',
}

class Running {
  output = ''
  readonly #pid: number
  readonly ended: Promise<number | null>

  /** A shell in the checkout, as the leader of its own group. */
  constructor(t: Test, command: string, env: Readonly<Record<string, string>>) {
    const child = spawn('bash', ['-c', command], { cwd: ROOT, env: { ...base, ...env }, detached: true })
    this.#pid = child.pid ?? 0
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
    child.stdin.end()
    this.ended = new Promise((resolve) => child.once('close', (code) => resolve(code)))
    t.teardown(async () => {
      this.signal('SIGKILL')
      await this.ended
    })
  }

  async says(pattern: RegExp): Promise<void> {
    await until(`it says ${pattern}`, async () => (pattern.test(this.output) ? true : undefined), 60_000).catch(
      (cause: unknown) => {
        throw new Error(`it said:\n${this.output}`, { cause })
      },
    )
  }

  /** As Ctrl-C: to the whole group. */
  signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.#pid, signal)
    } catch {
      // It has ended.
    }
  }
}

function blockWith(text: string): string {
  const found = commands.filter((command) => command.includes(text))
  if (found.length !== 1) throw new Error(`${found.length} blocks of README.md have ${text}`)
  return found[0] ?? ''
}

/** Those lines that the demo prints to be pasted. */
function pasted(output: string): Readonly<Record<string, string>> {
  const pairs = [...output.matchAll(/^ +export (.*)$/gm)].flatMap(([, line = '']) => line.split(' '))
  const env: Record<string, string> = {}
  for (const pair of pairs) {
    const [name = '', value = ''] = pair.split('=')
    env[name] = value.startsWith('$') ? (env[value.slice(1)] ?? '') : value
  }
  return env
}

t.test('[CLI-2, CLI-3] the first five minutes', async (t) => {
  const demo = new Running(t, blockWith('npm start'), {})
  await demo.says(/export JOB=/)
  t.match(demo.output, /^ {2}dashboard http:\/\/127\.0\.0\.1:\d+\/#token=\S+$/m)
  const env = pasted(demo.output)
  for (const line of blockWith('bin/sightline jobs').split('\n')) {
    const running = new Running(t, line, env)
    if (line.includes('watch')) {
      await running.says(/ {2}connection {2}live\n[^]*\d running/)
      running.signal('SIGINT')
    }
    t.equal(await running.ended, 0, `${line}: ${running.output}`)
    t.match(running.output, line.includes('jobs') ? /^VM +JOB/m : /\d/)
  }
  await t.test('a fleet on top of it', async (t) => {
    const fleet = new Running(t, blockWith('bin/sightline simulate'), env)
    t.equal(await fleet.ended, 0, fleet.output)
    t.match(fleet.output, / 0 refused {2}0 unanswered$/m)
  })
  await t.test('[CLIENT-1] the stream in ten lines', async (t) => {
    const [script] = blocks.filter(({ language }) => language === 'js')
    const code = script?.text ?? ''
    t.ok(code.split('\n').length <= 10)
    const folder = mkdtempSync(join(tmpdir(), 'sightline-readme-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'watch.mts')
    // The package's name is known where the package is installed.
    writeFileSync(file, code.replace("'sightline/client'", JSON.stringify(join(ROOT, 'src/client/index.ts'))))
    const running = new Running(t, `exec '${process.execPath}' '${file}'`, env)
    await running.says(/^connection live$[^]*^\S+ \d[\d.]* \w+ /m)
    running.signal('SIGINT')
    await running.ended
  })
  demo.signal('SIGINT')
  await demo.ended
  t.match(demo.output, /jobs ended +\d/)
})

t.test('[CLI-1] both services, on a database like the one in the field', async (t) => {
  const server = await MariaDb.start()
  t.teardown(() => server.stop())
  const url = await server.database('readme')
  await emptyDatabase(url)
  const vma = new Running(t, blockWith('bin/sightline vma'), {})
  const block = blockWith('bin/sightline oma')
  t.ok(block.includes(SHOWN_DATABASE))
  const oma = new Running(t, block.replace(SHOWN_DATABASE, url), {})
  await Promise.all([vma.says(/VMA is up/), oma.says(/OMA is up/)])
  t.match(oma.output, /All \d+ settings are good\./)
  const address = /"url":"(http:[^"]+)"/.exec(oma.output)?.[1] ?? ''
  const token = /OMA_API_TOKENS=(\S+)/.exec(block)?.[1] ?? ''
  await until('it is ready but for its VMA', async () => {
    const answer = await fetch(`${address}/api/v1/vm-contexts`, { headers: { authorization: `Bearer ${token}` } })
    return answer.status === 200 ? true : undefined
  })
  for (const running of [vma, oma]) {
    running.signal('SIGINT')
    await running.ended
  }
})

t.test('[CFG-1] the table of settings says what the table of settings says', async (t) => {
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]+)`)?/gm)]
  t.ok(rows.length >= 5)
  for (const [, env = '', shown] of rows) {
    const key = SETTING_KEYS.find((known) => SETTINGS[known].env === env)
    t.ok(key, `${env} is a setting`)
    if (key !== undefined && shown !== undefined && SETTINGS[key].defaultText !== '')
      t.equal(shown, SETTINGS[key].defaultText, env)
  }
})
