import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { startCli, type RunningCli } from '../support/running-cli.ts'

/** A small fleet whose jobs take seconds. */
const SMALL = [
  '--plain',
  '--jobs',
  '3',
  '--speedup',
  '300',
  '--vma-port',
  '0',
  '--oma-port',
  '0',
  '--interval',
  '200ms',
]

/** What the banner says to paste, as the requests that it makes. */
function pasted(cli: RunningCli): readonly { readonly url: string; readonly headers: Record<string, string> }[] {
  const token = /TOKEN=(\S+)/.exec(cli.lines.join('\n'))?.[1] ?? ''
  return cli.lines.flatMap((line) => {
    const [, header, url] = /^\s+curl (-H ".*" )?(http\S+)$/.exec(line) ?? []
    if (url === undefined) return []
    return [{ url, headers: header === undefined ? {} : { authorization: `Bearer ${token}` } }]
  })
}

function folderOf(cli: RunningCli): string {
  return /log +(\/\S+)\/sightline\.log/.exec(cli.lines.join('\n'))?.[1] ?? ''
}

t.test('runs jobs to their ends through VMA, OMA and database, and its curl lines work', async (t) => {
  const cli = startCli(t, ['demo', ...SMALL])
  const done = await cli.line(/ job-\S+ {2}completed {2}/)
  const folder = folderOf(cli)
  t.ok(existsSync(join(folder, 'sightline.db')), 'the database is where the banner says')
  const requests = pasted(cli)
  t.equal(requests.length, 5)
  for (const { url, headers } of requests) {
    const answer = await fetch(url, { headers })
    t.equal(answer.status, 200, url)
  }
  const name = /^\S+ {2}(\S+)/.exec(done)?.[1] ?? ''
  const detailOf = requests.find(({ url }) => url.endsWith('/vm-contexts'))
  const row = await fetch(`${detailOf?.url}/${name}`, { headers: detailOf?.headers ?? {} })
  t.match(await row.json(), { context: { vm_name: name, total_jobs_run: Number, vcenter_host: /example\.local$/ } })

  cli.child.kill('SIGINT')
  cli.child.kill('SIGINT')
  t.same(await cli.ended, { code: 0, signal: null }, 'the same key press passed on twice is one')
  t.match(
    cli.lines.join('\n'),
    /jobs ended +\d+ .*\npolls +\d+ \(0 failed\)\npoll lateness .*\nevent-loop delay .*\nupdates sent +\d+ \(0 lost\)\n.* is removed/,
  )
  t.notOk(existsSync(folder), 'the folder is removed')
})

t.test('ends by itself after --for, and keeps what it is told to keep', async (t) => {
  const keep = mkdtempSync(join(tmpdir(), 'sightline-test-'))
  t.teardown(() => rmSync(keep, { recursive: true }))
  const cli = startCli(t, ['demo', ...SMALL, '--for', '1s', '--keep', keep])
  t.same(await cli.ended, { code: 0, signal: null })
  t.match(cli.lines.at(-1), `kept in ${keep}`)
  t.ok(existsSync(join(keep, 'sightline.db')) && existsSync(join(keep, 'sightline.log')))
  const again = startCli(t, ['demo', ...SMALL, '--keep', keep])
  t.match(await again.ended, { code: 64 })
  t.match(again.lines.join('\n'), /sightline\.db is there already/)
})

t.test('SIGTERM while it starts ends it cleanly and leaves nothing behind', async (t) => {
  const temporary = mkdtempSync(join(tmpdir(), 'sightline-test-'))
  t.teardown(() => rmSync(temporary, { recursive: true }))
  const cli = startCli(t, ['demo', ...SMALL], { TMPDIR: temporary })
  for (let tries = 0; tries < 1_000 && readdirSync(temporary).length === 0; tries += 1) await wait(10)
  t.equal(readdirSync(temporary).length, 1, 'it has begun')
  cli.child.kill('SIGTERM')
  t.same(await cli.ended, { code: 0, signal: null })
  t.same(readdirSync(temporary), [])
})

t.test('an output that nobody reads any more ends it, and leaves nothing behind', async (t) => {
  const cli = startCli(t, ['demo', ...SMALL])
  await cli.line(/TOKEN=/)
  const folder = folderOf(cli)
  t.ok(existsSync(folder))
  cli.child.stdout?.destroy()
  t.same(await cli.ended, { code: 0, signal: null })
  t.notOk(existsSync(folder))
})

/** The simulation process of a demo. */
function simulationOf(cli: RunningCli): number {
  const pid = cli.child.pid ?? 0
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim())
}

t.test('the simulation ends with the demo, however that ends', async (t) => {
  const cli = startCli(t, ['demo', ...SMALL])
  await cli.line(/ started /)
  const simulation = simulationOf(cli)
  t.ok(simulation > 0)
  cli.child.kill('SIGKILL')
  await cli.ended
  for (let tries = 0; tries < 1_000 && existsSync(`/proc/${simulation}`); tries += 1) await wait(10)
  t.notOk(existsSync(`/proc/${simulation}`), 'the simulation process is gone')
  rmSync(folderOf(cli), { recursive: true, force: true })
})

t.test('a simulation that is lost ends the demo with a reason and exit code 1', async (t) => {
  const cli = startCli(t, ['demo', ...SMALL])
  await cli.line(/ started /)
  process.kill(simulationOf(cli), 'SIGKILL')
  t.match(await cli.ended, { code: 1 })
  t.match(cli.lines.join('\n'), /sightline: the simulation ended: /)
  t.notOk(existsSync(folderOf(cli)))
})

t.test('flags that mean nothing are all told, and nothing is started', async (t) => {
  const cli = startCli(t, ['demo', '--jobs', 'x', '--for', '5'])
  t.match(await cli.ended, { code: 64 })
  t.match(cli.lines.join('\n'), /--jobs is not a whole number\n.*--for is not a duration/)
})
