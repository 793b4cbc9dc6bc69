/** docs/api.md against running services: whoever copies its examples gets what it shows. */

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { omaOpenApi, vmaOpenApi } from '../../scripts/api-documents.ts'
import { EXPORT } from '../support/documents.ts'
import { emptyDatabase } from '../support/empty-database.ts'
import { addDocumentedJob, addJobs, addVm, connect, DOCUMENTED_JOB } from '../support/inventory.ts'
import { blocksOf, lacks, type Block } from '../support/markdown.ts'
import { Service, until } from '../support/service.ts'

const TOKEN = 'a-token-for-tests'
const TOTAL = 42_949_672_960
const blocks = blocksOf(readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8'))

const folder = mkdtempSync(join(tmpdir(), 'sightline-api-document-'))
const url = `sqlite:${join(folder, 'api.db')}`
await fill()
const vma = await Service.start('vma', {}, folder)
const oma = await Service.start(
  'oma',
  {
    DATABASE_URL: url,
    DATABASE_TIME_ZONE: 'UTC',
    OMA_API_TOKENS: TOKEN,
    OMA_STREAM_ORIGINS: 'https://gui.example',
    VMA_PROGRESS_CLIENT_URL: vma.url,
    VMA_PROGRESS_POLL_INTERVAL: '200ms',
    VMA_PROGRESS_DISCOVERY_INTERVAL: '500ms',
  },
  folder,
)
t.teardown(async () => {
  await oma.stop()
  await vma.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** What the document says that the examples take from the environment. */
const places = { OMA: oma.url, VMA: vma.url, TOKEN, JOB: DOCUMENTED_JOB, VM: 'pgtest1', EXPORT }
const env = { PATH: process.env['PATH'] ?? '', ...places }

/** The documented job with an earlier one, and a VM beside its own, so that there is a second page. */
async function fill(): Promise<void> {
  await emptyDatabase(url)
  const on = connect(url)
  await addDocumentedJob(on)
  const createdAt = '2025-09-04 10:15:00.000'
  await addJobs(on, [{ id: 'job-20250904-101500', context: 'ctx-pgtest1', status: 'completed', createdAt }])
  await addVm(on, { context: 'ctx-web01', name: 'web01' })
  await on.close()
}

async function report(bytes_transferred: number, status = 'in_progress'): Promise<void> {
  const update = { stage: 'Transfer', status, bytes_transferred, total_bytes: TOTAL }
  await fetch(`${vma.url}/api/v1/progress/${EXPORT}/update`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(update),
  })
}

interface Live {
  readonly bytes_transferred: number
  readonly eta_seconds: number | null
}

async function live(path = ''): Promise<unknown> {
  const headers = { authorization: `Bearer ${TOKEN}` }
  return await (await fetch(`${oma.url}/api/v1/progress/${DOCUMENTED_JOB}${path}`, { headers })).json()
}

/** Until there is all that the examples show of it: an ETA, and a curve of more than one point. */
async function moveJob(): Promise<void> {
  let bytes = 0
  await until('the job has an ETA and a curve', async () => {
    await report((bytes += 2_000_000))
    const { eta_seconds } = (await live()) as Live
    const { points = [] } = (await live('/history')) as { points?: readonly unknown[] }
    return typeof eta_seconds === 'number' && points.length > 1 ? true : undefined
  })
}

/** Lines are written beside the polling, a moment later. */
async function logJob(): Promise<void> {
  await until('the job has a log', async () => {
    const { count } = (await live('/log')) as { readonly count: number }
    return count > 0 ? true : undefined
  })
}

async function run(t: Test, { text, line }: Block): Promise<string> {
  return await new Promise((resolve) => {
    execFile('bash', ['-c', text], { env, cwd: folder }, (error, stdout, stderr) => {
      t.equal(error, null, `line ${line} exits 0: ${stderr}`)
      resolve(stdout)
    })
  })
}

/** JSON by its shape; of a head each line as it is; of an event stream the data by its shape, and all lines by their names. */
function compare(t: Test, shown: Block, real: string): void {
  const what = `line ${shown.line}`
  if (shown.language === 'json') return void t.same(lacks(JSON.parse(shown.text), JSON.parse(real)), [], what)
  const linesOf = (text: string): string[] => text.trim().split(/\r?\n/)
  if (shown.language === 'http') {
    const said = linesOf(real)
    return void t.same(
      linesOf(shown.text).filter((line) => !said.includes(line)),
      [],
      what,
    )
  }
  const names = (text: string): unknown => linesOf(text).map((line) => line.split(':')[0])
  t.same(names(real), names(shown.text), what)
  const data = (text: string): unknown => JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? 'null')
  t.same(lacks(data(shown.text), data(real)), [], what)
}

await moveJob()
await logJob()

t.test('[API-5] an answer that is not as shown would be told', async (t) => {
  const shown = { a: 1, b: [{ c: null }], d: {} }
  t.same(lacks(shown, { a: 2.5, b: [{ c: null, e: 1 }], d: { f: 1 } }), [])
  t.same(lacks(shown, { a: '1', b: [] }), [
    'the answer.a is shown as number and is string',
    'the answer.b[0] is shown as object and is undefined',
    'the answer has no d',
  ])
})

t.test('[API-5] every example of docs/api.md runs as it stands, and its answer is as shown', async (t) => {
  const examples = blocks.flatMap((block, i) => (block.language === 'sh' ? [[block, blocks[i + 1]] as const] : []))
  t.ok(examples.length > 20, 'they are found')
  for (const [example, shown] of examples) {
    if (shown === undefined || shown.language === 'sh') t.fail(`line ${example.line} shows no answer`)
    else compare(t, shown, await run(t, example))
  }
  await until('the example’s update has come to the OMA', async () => {
    return ((await live()) as Live).bytes_transferred === 900_000_000 ? true : undefined
  })
})

t.test('[WS-1, WS-5] the client of docs/api.md follows the job to its end, and ends', async (t) => {
  const [script] = blocks.filter(({ language }) => language === 'js')
  const file = join(folder, 'watch.mjs')
  writeFileSync(file, script?.text ?? 'there is none')
  const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    if (line.startsWith('snapshot')) void report(1_000_000_000)
    if (line === 'delta  replicating 1000000000') void report(TOTAL, 'completed')
  })
  const [code] = (await once(child, 'close')) as unknown[]
  t.equal(code, 0)
  const shown = blocks.at(-1)?.text.split('\n') ?? []
  t.same(
    shown.filter((line) => !lines.includes(line)),
    [],
    lines.join('\n'),
  )
})

t.test('[API-5] no path of the descriptions is without an example', async (t) => {
  const examples = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text)
  for (const [variable, document] of [
    ['OMA', omaOpenApi()],
    ['VMA', vmaOpenApi()],
  ] as const) {
    const { paths } = JSON.parse(document) as { paths: Record<string, Record<string, unknown>> }
    for (const [path, methods] of Object.entries(paths)) {
      const place = new RegExp(`"\\$${variable}${path.replaceAll(/\{\w+\}/g, '[$\\w-]+')}["?]`)
      for (const method of Object.keys(methods)) {
        const said = method === 'get' ? /^(?!.* -X )/ : new RegExp(` -X ${method.toUpperCase()} `)
        t.ok(
          examples.some((text) => place.test(text) && said.test(text)),
          `${method} ${path}`,
        )
      }
    }
  }
})
