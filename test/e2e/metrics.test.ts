import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import type { Connection } from '../../src/db/executor.ts'
import { OMA_METRICS } from '../../src/telemetry/metrics/oma.ts'
import { json, status } from '../fakes/answers.ts'
import { completed, transfer } from '../fakes/documents.ts'
import { ScriptedVma } from '../fakes/scripted-vma.ts'
import { EXPORT } from '../support/documents.ts'
import { emptyDatabase } from '../support/empty-database.ts'
import { addDocumentedJob, addJob, addVm, connect, DOCUMENTED_JOB } from '../support/inventory.ts'
import { Scrape } from '../support/metrics.ts'
import { promtool } from '../support/prometheus.ts'
import { Service, until } from '../support/service.ts'

const TOKEN = 's3cret-token-of-the-tests'
const TOTAL = 50_000
/** A job whose id would break the text format, and a status word that nobody knows. */
const HOSTILE_JOB = 'job-"} 1\nevil{x="\\'
const UNKNOWN_WORD = 'Wibbling"}\n'

const folder = mkdtempSync(join(tmpdir(), 'sightline-metrics-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

/** The documented job in a database that counts the updates of its row. */
async function database(t: Test): Promise<{ readonly url: string; readonly on: Connection }> {
  const url = `sqlite:${join(folder, 'metrics.db')}`
  await emptyDatabase(url)
  const on = connect(url)
  t.teardown(() => on.close())
  await on.run('create table seen (job text, terminal integer)')
  await on.run(
    `create trigger watch after update on replication_jobs begin
       insert into seen values (new.id, new.completed_at is not null); end`,
  )
  await addDocumentedJob(on)
  return { url, on }
}

interface Frame {
  readonly type: string
}

/** A client of the stream that keeps what it gets. */
async function listener(t: Test, url: string): Promise<readonly Frame[]> {
  const frames: Frame[] = []
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/stream`, ['sightline.v1.json'], {
    headers: { authorization: `Bearer ${TOKEN}` },
  })
  t.teardown(() => socket.terminate())
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Frame))
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send(JSON.stringify({ type: 'subscribe', topics: ['jobs'] }))
  await until('the snapshot came', async () => (frames.length > 0 ? true : undefined))
  return frames
}

t.test('an OMA with a VMA that follows a script', async (t) => {
  const { url: databaseUrl, on } = await database(t)
  const vma = await ScriptedVma.start()
  t.teardown(() => vma.close())
  vma.script(EXPORT, json(transfer(10_000, TOTAL)))
  const oma = await Service.start(
    'oma',
    {
      DATABASE_URL: databaseUrl,
      DATABASE_TIME_ZONE: 'UTC',
      OMA_API_TOKENS: TOKEN,
      VMA_PROGRESS_CLIENT_URL: `paris=${vma.url}`,
      VMA_PROGRESS_POLL_INTERVAL: '200ms',
      VMA_PROGRESS_DISCOVERY_INTERVAL: '300ms',
      VMA_PROGRESS_BACKOFF_BASE: '200ms',
    },
    folder,
  )
  t.teardown(() => oma.stop())
  const frames = await listener(t, oma.url)
  const scrape = (): Promise<Scrape> => Scrape.of(oma.url)
  const scrapeWhere = async (what: string, holds: (scrape: Scrape) => boolean): Promise<Scrape> =>
    await until(what, async () => {
      const found = await scrape()
      return holds(found) ? found : undefined
    })

  t.test('[MET-1] every metric of the table is there from the start, with 0 where nothing was counted', async (t) => {
    const { names, text } = await scrape()
    t.same(
      Object.keys(OMA_METRICS).filter((name) => !names.includes(name)),
      [],
    )
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_version_info'])
      t.ok(names.includes(name), name)
    for (const result of [
      'ok',
      'not_found',
      'timeout',
      'unreachable',
      'http_4xx',
      'http_5xx',
      'invalid_body',
      'stale_run',
    ])
      t.match(text, `sightline_polls_total{result="${result}"} `)
    const { said } = promtool(['check', 'metrics'], text)
    t.notMatch(said, /sightline_/, 'promtool has nothing to say of our names and types')
  })

  t.test('[MET-1] polls, rows, frames, jobs and verdicts are what VMA, database and clients saw', async (t) => {
    await scrapeWhere('a row was written', (s) => s.sum('sightline_db_rows_written_total', 'replication_jobs') > 0)
    const live = await scrape()
    t.equal(live.value('sightline_active_jobs{status="replicating"}'), 1)
    t.equal(live.sum('sightline_active_jobs'), 1)
    t.equal(live.sum('sightline_job_verdicts'), 1)
    t.equal(live.value('sightline_fleet_transferred_bytes'), 10_000)
    t.equal(live.value('sightline_fleet_planned_bytes'), TOTAL)
    t.equal(live.value('sightline_stream_clients'), 1)
    t.equal(live.value('sightline_vma_up{vma="paris"}'), 1)

    const before = vma.asked(EXPORT).length
    vma.script(
      EXPORT,
      json(transfer(20_000, TOTAL)),
      status(500),
      json(transfer(30_000, TOTAL)),
      json(completed(TOTAL)),
    )
    const ended = await scrapeWhere('the job has ended in the database', (s) => {
      return s.value('sightline_db_rows_written_total{table="replication_jobs",reason="terminal"}') === 1
    })
    const asked = vma.asked(EXPORT).length
    t.equal(asked, before + 4)
    t.equal(ended.value('sightline_polls_total{result="ok"}'), asked - 1)
    t.equal(ended.value('sightline_polls_total{result="http_5xx"}'), 1)
    t.equal(ended.sum('sightline_polls_total'), asked)
    for (const name of ['duration', 'lateness']) {
      t.equal(ended.value(`sightline_poll_${name}_seconds_count`), asked, name)
      t.equal(ended.value(`sightline_poll_${name}_seconds_bucket{le="+Inf"}`), asked, name)
      t.equal(ended.value(`sightline_poll_${name}_seconds_bucket{le="30"}`), asked, name)
    }
    const [rows] = await on.all('select count(*) as all_rows, sum(terminal) as ends from seen')
    t.equal(ended.sum('sightline_db_rows_written_total', 'table="replication_jobs"'), rows?.['all_rows'])
    t.equal(rows?.['ends'], 1)
    t.equal(ended.value('sightline_db_rows_written_total{table="cbt_history",reason="terminal"}'), 1)
    t.equal(ended.value('sightline_db_flush_rows_sum'), rows?.['all_rows'])
    t.equal(ended.value('sightline_job_ends_total{status="completed",cause="told"}'), 1)
    t.equal(ended.sum('sightline_active_jobs'), 0)
    t.equal(ended.value('sightline_job_verdicts{verdict="finished"}'), 1)

    const told = await scrapeWhere('all frames came', (s) => s.sum('sightline_stream_frames_total') === frames.length)
    for (const type of ['snapshot', 'delta', 'event']) {
      const count = frames.filter((frame) => frame.type === type).length
      t.equal(told.value(`sightline_stream_frames_total{type="${type}",format="json"}`), count, type)
    }
  })

  t.test('[MET-3] hostile job ids and unknown words are no labels, and the text stays one', async (t) => {
    const size = (await scrape()).size
    vma.scriptBy(HOSTILE_JOB, (n) => json({ ...transfer(n, TOTAL), status: `${UNKNOWN_WORD}${n}`, stage: 'Nowhere' }))
    await addVm(on, { context: 'ctx-evil', name: 'evil"} 2' })
    await addJob(on, { id: HOSTILE_JOB, context: 'ctx-evil' })
    const after = await scrapeWhere('the words were heard', (s) => (s.value('sightline_unknown_words_total') ?? 0) >= 3)
    t.equal(after.size, size, 'no series came with the job')
    for (const value of after.labelValues) t.notMatch(value, /evil|Wibbling|job-/)
    t.notMatch(after.text, /evil|Wibbling/)
    t.notMatch(promtool(['check', 'metrics'], after.text).said, /sightline_|error/)
  })

  t.test('[MET-1] a VMA that goes away is down, and its jobs say so', async (t) => {
    await vma.goDown()
    const down = await scrapeWhere('the VMA is down', (s) => s.value('sightline_vma_up{vma="paris"}') === 0)
    t.equal(down.value('sightline_vma_circuit_opens_total{vma="paris"}'), 1)
    t.equal(down.value('sightline_vma_circuit_state{vma="paris",state="closed"}'), 0)
    t.equal(down.sum('sightline_vma_circuit_state'), 1)
    await scrapeWhere('the job is held', (s) => s.value('sightline_job_poll_states{state="held"}') === 1)
    const verdict = await scrapeWhere(
      'its verdict says so',
      (s) => s.sum('sightline_job_verdicts', 'vma_unreachable') === 1,
    )
    t.equal(verdict.value('sightline_ready'), 0)
  })

  t.test('[MET-1] threads tell of themselves', async (t) => {
    for (const thread of ['main', 'fetch-0', 'database']) {
      const told = await scrapeWhere(
        `${thread} told`,
        (s) => s.sum('sightline_event_loop_busy_seconds_total', thread) > 0,
      )
      for (const stat of ['p50', 'p99', 'max'])
        t.type(told.value(`sightline_event_loop_delay_seconds{thread="${thread}",stat="${stat}"}`), 'number')
    }
  })

  t.test('[SEC-2] no secret stands in the metrics', async (t) => {
    t.notMatch((await scrape()).text, new RegExp(`${TOKEN}|${folder}|${DOCUMENTED_JOB}`))
  })
})
