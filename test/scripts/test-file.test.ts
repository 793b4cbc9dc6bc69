import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import type { Test } from 'tap'
import { membersOf } from '../../scripts/process-group.ts'
import { runTestUnit } from '../../scripts/test-file.ts'
import { ROOT } from '../arch/source-files.ts'

const TAP = pathToFileURL(join(ROOT, 'node_modules', 'tap', 'dist', 'esm', 'index.js')).href

interface Run {
  readonly limitS?: number
  readonly stop?: AbortSignal
}

async function run(t: Test, body: string, { limitS = 60, stop = new AbortController().signal }: Run = {}) {
  const folder = t.testdir({ 'a.test.ts': `import t from '${TAP}'\n${body}` })
  const setting = { limitS, stop, folder: join(folder, 'own'), env: process.env }
  const result = await runTestUnit({ name: 'a.test.ts', args: [join(folder, 'a.test.ts')] }, setting)
  return { ...result, told: result.failures.join('\n') }
}

t.test('[CLI-2] a good file passes with a temporary folder of its own', async (t) => {
  const { told, ...result } = await run(
    t,
    `import { tmpdir } from 'node:os'
     t.test('good', async (t: typeof import('tap').t) => { t.match(tmpdir(), /own$/) })`,
  )
  t.match(result, { passed: 1, failed: 0 }, told)
})

t.test('[CLI-2] a process that is left behind fails the file and is ended', async (t) => {
  const { failed, told } = await run(
    t,
    `import { spawn } from 'node:child_process'
     const left = spawn('sleep', ['987'], { stdio: 'inherit' })
     left.unref()
     t.pass('good')
     console.error('group', process.pid)`,
  )
  t.equal(failed, 1)
  t.match(told, /left a process behind: sleep 987/)
  t.same(membersOf(Number(/group (\d+)/.exec(told)?.[1])), [])
})

t.test('[CLI-2] a folder that is left behind fails the file', async (t) => {
  const { failed, told } = await run(
    t,
    `import { mkdtempSync } from 'node:fs'
     import { tmpdir } from 'node:os'
     mkdtempSync(tmpdir() + '/forgotten-')
     t.pass('good')`,
  )
  t.equal(failed, 1)
  t.match(told, /left forgotten-\w+ behind in the temporary folder/)
})

t.test('a hanging test is named at the limit', async (t) => {
  const { failed, told } = await run(t, `t.test('hangs', () => new Promise(() => setInterval(() => 0, 1_000)))`, {
    limitS: 1,
  })
  t.not(failed, 0)
  t.match(told, /timeout![^]*hangs/)
})

t.test('a stop ends the file', async (t) => {
  const stop = new AbortController()
  const running = run(t, `t.test('waits', () => new Promise(() => setInterval(() => 0, 1_000)))`, { stop: stop.signal })
  stop.abort()
  t.match(await running, { failed: 1, told: /was ended by SIGTERM/ })
})

t.test('[CLI-2] small files share a process, and the failure of one is told', async (t) => {
  const folder = t.testdir({
    'a.test.ts': `import t from '${TAP}'\nt.test('first', async (t: typeof import('tap').t) => { t.pass() })`,
    'b.test.ts': `import t from '${TAP}'\nt.test('second', async (t: typeof import('tap').t) => { t.fail('no') })`,
  })
  const args = ['a.test.ts', 'b.test.ts'].map((name) => join(folder, name))
  const result = await runTestUnit(
    { name: 'both', args: [join(ROOT, 'scripts', 'test-group.ts'), ...args] },
    { limitS: 60, stop: new AbortController().signal, folder: join(folder, 'own'), env: process.env },
  )
  t.match(result, { file: 'both', passed: 1, failed: 1 })
  t.match(result.failures.join('\n'), /second/)
})
