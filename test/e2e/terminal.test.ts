/** The commands that ask an OMA, as a person and as a script meet them: a real OMA, a real VMA, a real terminal (CLI-3, CLI-4). */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { emptyDatabase } from '../support/empty-database.ts'
import { addDisk, addJob, addVm, connect } from '../support/inventory.ts'
import { Pty } from '../support/pty.ts'
import { startCli, type RunningCli } from '../support/running-cli.ts'
import { Service, until } from '../support/service.ts'

const TOKEN = 'a-token-for-tests'
const GIB = 2 ** 30
const folder = mkdtempSync(join(tmpdir(), 'sightline-terminal-'))
const url = `sqlite:${join(folder, 'terminal.db')}`
await fill()
const vma = await Service.start('vma', {}, folder)
const oma = await Service.start(
  'oma',
  {
    DATABASE_URL: url,
    DATABASE_TIME_ZONE: 'UTC',
    OMA_API_TOKENS: TOKEN,
    OMA_READ_TOKENS: 'only-reading',
    VMA_PROGRESS_CLIENT_URL: vma.url,
    VMA_PROGRESS_POLL_INTERVAL: '200ms',
    VMA_PROGRESS_DISCOVERY_INTERVAL: '500ms',
    // Where nobody beside it tells what to do: these beside a service are none of its settings.
    OMA_URL: 'http://127.0.0.1:1',
    OMA_TOKEN: 'of-a-client',
  },
  folder,
)
t.teardown(async () => {
  await oma.stop()
  await vma.stop()
  rmSync(folder, { recursive: true, force: true })
})
t.setTimeout(120_000)
const env = { OMA_URL: oma.url, OMA_TOKEN: TOKEN }

/** Three VMs: two disks that move, one that fails, and one that waits. */
async function fill(): Promise<void> {
  await emptyDatabase(url)
  const on = connect(url)
  for (const [i, name] of ['alpha', 'beta', 'gamma'].entries()) {
    const context = `ctx-${name}`
    await addVm(on, { context, name })
    await addJob(on, { id: `job-${name}`, context })
    for (let disk = 0; disk < (name === 'alpha' ? 2 : 1); disk += 1) {
      const volumeId = 10 * i + disk + 1
      const place = { diskId: `disk-200${disk}`, volumeId, volume: `${name}-${disk}`, capacity: 4 * GIB }
      await addDisk(on, { job: `job-${name}`, context, ...place })
    }
  }
  await on.close()
}

async function report(volume: string, bytes_transferred: number, fields: object = {}): Promise<void> {
  const body = { stage: 'Transfer', status: 'in_progress', bytes_transferred, total_bytes: 4 * GIB, ...fields }
  await fetch(`${vma.url}/api/v1/progress/migration-vol-${volume}/update`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

async function moveAlpha(share: number): Promise<void> {
  for (const disk of [0, 1]) await report(`alpha-${disk}`, share * 4 * GIB)
}

const rowsOf = (lines: readonly string[], name: string): readonly string[] =>
  lines.filter((line) => line.startsWith(`${name} `))

async function ran(t: Test, ...args: string[]): Promise<RunningCli & { readonly code: number | null; text: string }> {
  const cli = startCli(t, args, env)
  const { code } = await cli.ended
  return { ...cli, code, text: cli.lines.join('\n') }
}

await moveAlpha(0.125)
await report('beta-0', GIB)

t.test(
  '[CLI-4] the live table of all jobs, whatever happens to the terminal, and the cursor back at the end',
  async (t) => {
    const pty = await Pty.start(t, ['watch'], { columns: 100, rows: 30 }, env)
    await pty.sees('its bytes', (lines) =>
      rowsOf(lines, 'alpha').some((row) => /█·.* 12\.5% .*1\.00\/8\.00 GiB/.test(row)),
    )
    t.notOk(pty.isCursorShown)
    await moveAlpha(0.25)
    const lines = await pty.sees('more bytes', (seen) => rowsOf(seen, 'alpha').some((row) => row.includes('25.0%')))
    t.match(lines[0], /^live · 3 running · .*MiB\/s/)
    t.match(lines[1], /^VM +.*PROGRESS +% +MOVED +MiB\/s +ETA/)
    t.equal(lines.filter((line) => line.startsWith('VM ')).length, 1)
    for (const columns of [60, 40]) {
      pty.resize({ columns, rows: 12 })
      const narrow = await pty.sees('it fits', (seen) => rowsOf(seen, 'alpha').some((row) => / 25\.0%/.test(row)))
      t.match(narrow[0], /^live/, 'nothing of the wider one is left')
      for (const name of ['alpha', 'beta', 'gamma', 'VM'])
        t.equal(rowsOf(narrow, name).length, 1, `${name} at ${columns}`)
      t.ok(narrow.every((line) => line.length <= columns))
    }
    pty.type('\x03')
    t.equal(await pty.ended, 0)
    t.ok(pty.isCursorShown)
  },
)

t.test('[CLI-4] one job: a bar for each disk, its verdict, and how old that is', async (t) => {
  const pty = await Pty.start(
    t,
    ['watch', 'job-alpha'],
    { columns: 80, rows: 24 },
    { ...env, LC_ALL: 'C', NO_COLOR: '1' },
  )
  const lines = await pty.sees(
    'its disks',
    (seen) => seen.filter((line) => /^ {2}disk-200\d +#+\.+ +25\.0%/.test(line)).length === 2,
  )
  const text = lines.join('\n')
  t.match(text, /^alpha {2}job-alpha {2}full$/m)
  t.match(text, /^replicating \| Transfer \| \w+ for \d+/m)
  t.match(text, /^#{10}\.{30} +25\.0% +2\.00\/8\.00 GiB/m)
  t.match(text, /^ages +source \d+s ago, contact \d+s ago, written /m)
  // oxlint-disable-next-line no-control-regex
  t.notMatch(pty.raw, /\x1b\[3\dm/, 'NO_COLOR: no colours')
  pty.type('\x03')
  t.equal(await pty.ended, 130)
  t.ok(pty.isCursorShown)
})

t.test('[CLI-3] jobs and job: the numbers of the REST, the why, and the log', async (t) => {
  const [jobs, filtered, json, job] = await Promise.all([
    ran(t, 'jobs'),
    ran(t, 'jobs', '--json', '--status', 'replicating,completed', '--verdict', 'moving,stalled,waiting,slow'),
    ran(t, 'job', 'job-alpha', '--json'),
    ran(t, 'job', 'job-gamma', '--log', '3'),
  ])
  t.match(jobs.text, /^3 running/)
  t.match(jobs.text, /^alpha +job-alpha +full +\S.* 25\.0% +2\.00\/8\.00 GiB/m)
  const { count, jobs: some } = JSON.parse(filtered.text) as { count: number; jobs: { job_id: string }[] }
  t.equal(count, some.length)
  t.ok(some.some(({ job_id }) => job_id === 'job-alpha'))
  t.match(JSON.parse(json.text), { job: { bytes_transferred: 2 * GIB, disks: [{}, {}] }, log: Array })
  t.match(job.text, /^why +not begun, or its VMA does not know it yet$/m)
  t.match(job.text, /^next poll +(in \d+s|now)$/m)
  t.match(job.text, /^(INFO|WARN|DEBUG) +\d{4}-/m)
  for (const { code } of [jobs, filtered, json, job]) t.equal(code, 0)
})

t.test('[CLI-3] polling is stopped and started again; the reason for what is not possible is told', async (t) => {
  t.match(await ran(t, 'stop-polling', 'job-gamma'), {
    code: 0,
    text: 'job-gamma: Polling stopped until it is started again',
  })
  t.match(
    (await ran(t, 'job', 'job-gamma')).text,
    /why +somebody stopped its polling: `sightline start-polling job-gamma`/,
  )
  t.match(await ran(t, 'start-polling', 'job-gamma'), { code: 0, text: 'job-gamma: Polling started' })
  t.match(await ran(t, 'start-polling', 'job-none'), { code: 2, text: /job not found/ })
  t.match(await ran(t, 'stop-polling', 'job-gamma', '--token', 'only-reading'), {
    code: 77,
    text: /does not take this token for that: Insufficient scope/,
  })
})

t.test(
  '[CLI-3] what is not known, not allowed or not meant has an exit code of its own, and no token is shown',
  async (t) => {
    const file = join(folder, 'token')
    writeFileSync(file, `${TOKEN}\n`)
    const [unknown, refused, refusedJobs, fromFile, usage, badToken] = await Promise.all([
      ran(t, 'watch', 'nobody'),
      ran(t, 'watch', '--token', 'hunter2', '--plain'),
      ran(t, 'jobs', '--token', 'hunter2'),
      ran(t, 'jobs', '--token-file', file),
      ran(t, 'jobs', '--status', 'flying', '--oma', 'ftp://user:hunter2@x'),
      ran(t, 'jobs', '--token', 'hunter2\nX: y'),
    ])
    t.match(unknown, { code: 2, text: /knows neither a job nor a VM nobody/ })
    t.match(refused, { code: 77, text: /does not take this token/ })
    t.match(refusedJobs, { code: 77, text: /does not take this token/ })
    t.match(fromFile, { code: 0, text: /job-alpha/ })
    t.match(usage, { code: 64, text: /--status .*flying[^]*--oma is no http or https URL/ })
    t.match(badToken, { code: 64, text: /--token holds white space/ })
    for (const { text } of [refused, refusedJobs, usage, badToken]) t.notMatch(text, /hunter2/)
  },
)

t.test('[CLI-4] a script waits for a job: 1 when it fails, as lines and as JSON', async (t) => {
  const plain = startCli(t, ['watch', 'beta'], env)
  const json = startCli(t, ['watch', 'job-beta', '--json'], env)
  await plain.line(/ beta {2}job-beta {2}replicating {2}25\.0% {2}1\.00\/4\.00 GiB/)
  await json.line(/"change":"snapshot"/)
  await report('beta-0', 2 * GIB, { status: 'failed', error_message: 'NFC error 14009' })
  t.match(await plain.ended, { code: 1 })
  t.match(await json.ended, { code: 1 })
  t.match(plain.lines.at(-1), /failed {2}job-beta failed at \d+\.\d%: .*NFC error 14009/)
  const told = json.lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  t.same([...new Set(told.map(({ type }) => type))], ['connection', 'job', 'end'])
  t.ok(told.some(({ type, change }) => type === 'job' && change === 'failed'))
  t.match(told.at(-1), { type: 'end', outcome: 'failed', exit_code: 1, reason: /NFC error 14009/ })
})

t.test('[CLI-4] 0 when it completes, of its VM too, and for one that is over already', async (t) => {
  const vm = startCli(t, ['watch', 'alpha', '--plain'], env)
  await vm.line(/ alpha {2}job-alpha /)
  for (const disk of [0, 1]) await report(`alpha-${disk}`, 4 * GIB, { status: 'completed', percent: 100 })
  t.match(await vm.ended, { code: 0 })
  t.match(vm.lines.at(-1), /completed {2}job-alpha completed: 8\.00\/8\.00 GiB/)
  t.match(await ran(t, 'watch', 'job-alpha'), { code: 0 })
  t.match(await ran(t, 'watch', 'alpha'), { code: 0 })
})

t.test('[CLI-5] completion offers the jobs of the OMA, and nothing where there is none', async (t) => {
  const { lines } = await ran(t, '__names')
  t.notOk((await ran(t, '__names', 'jobs')).lines.includes('gamma'))
  for (const name of ['job-gamma', 'gamma']) t.ok(lines.includes(name), name)
  t.match(await ran(t, '__names', '--oma', 'http://127.0.0.1:1'), { code: 0, text: '' })
})

t.test('[API-7] the OMA serves its own page without a token', async (t) => {
  const page = await fetch(`${oma.url}/`)
  t.equal(page.status, 200)
  t.match(page.headers.get('content-security-policy'), /default-src 'none'/)
})

t.test('[CLI-4] an OMA that goes away: the screen says so at once, and after the time-out it is lost', async (t) => {
  const pty = await Pty.start(t, ['watch', '--timeout', '6s'], { columns: 90, rows: 20 }, env)
  await pty.sees('it is live', (lines) => (lines[0] ?? '').startsWith('live'))
  const idle = startCli(t, ['watch', 'gamma', '--timeout', '1s', '--plain'], env)
  await idle.line(/ gamma /)
  await oma.stop('SIGKILL')
  const lines = await pty.sees('it says so', (seen) => (seen[0] ?? '').startsWith('NOT LIVE'))
  t.ok(rowsOf(lines, 'gamma').length === 1, 'the old rows stay')
  t.match(await idle.ended, { code: 2 })
  t.match(idle.lines.join('\n'), /connection {2}reconnecting \([^]*sightline: no OMA at .* for 1s: /)
  t.equal(await pty.ended, 2)
  t.ok(pty.isCursorShown)
  await until('there is nothing any more', async () => ((await ran(t, 'jobs')).code === 2 ? true : undefined))
})

t.test('[CLI-4] a job that nobody had contact with is lost, not failed: 2', async (t) => {
  const settings = {
    VMA_PROGRESS_CONTACT_TIMEOUT: '3s',
    VMA_PROGRESS_STARTUP_GRACE: '1s',
    VMA_PROGRESS_POLL_INTERVAL: '200ms',
    VMA_PROGRESS_MAX_ERRORS: '1000',
  }
  const access = { OMA_API_TOKENS: TOKEN, VMA_PROGRESS_CLIENT_URL: vma.url }
  const other = await Service.start(
    'oma',
    { DATABASE_URL: url, DATABASE_TIME_ZONE: 'UTC', ...access, ...settings },
    folder,
  )
  t.teardown(() => other.stop())
  const cli = startCli(t, ['watch', 'gamma', '--oma', other.url], env)
  t.match(await cli.ended, { code: 2 })
  t.match(cli.lines.join('\n'), /lost {2}job-gamma: VMA communication timeout exceeded/)
})
