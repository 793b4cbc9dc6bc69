/**
 * What does a changed job cost the VMA's processor, told by the change feed and asked for by single GETs? `node bench/feed-vma.ts [--rounds 5]
 * [--seconds 5] [--short] [--out FILE]`.
 *
 * A VMA in a process of its own changes 2 000 of its 100 000 jobs a second by itself. Rounds alternate: nobody asks (what the
 * changes alone cost, which is taken off the others), one follower (JSON, MessagePack), a GET of each changed job. Units: µs of
 * processor time of the VMA's process per changed job, user and system; latency in ms from the change to the answer parsed.
 */

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Unpackr } from 'msgpackr'
import { Pool } from 'undici'
import { startVma, type Vma } from '../src/compose-vma.ts'
import type { ChangesAnswer } from '../src/model/wire/changes.ts'
import { benchArguments, type Arguments } from './support/arguments.ts'
import { median, Report, type Row } from './support/report.ts'

const JOBS = 100_000
const CHANGES_PER_S = 2_000
const TICK_MS = 10
const TOTAL_BYTES = 42_949_672_960

const keyOf = (job: number): string => `migration-vol-${String(job).padStart(8, '0')}-c140-4181-80e8-1dc8f55ae015`

/** The child: changes jobs from `from` on for `ms`, then tells its processor time and how far it came. */
interface Order {
  readonly from: number
  readonly ms: number
}
interface Cost {
  readonly cpuUs: number
  readonly to: number
}

function change({ store }: Vma, at: number): void {
  const bytes = 1_000_000 + at * 4_096
  const update = {
    stage: 'Transfer',
    status: 'in_progress',
    bytes_transferred: bytes,
    total_bytes: TOTAL_BYTES,
    seq: at,
  }
  store.update(keyOf(at % JOBS), update, Date.now())
}

async function serve(): Promise<void> {
  const onFault = (error: unknown): void => console.error(error)
  const vma = await startVma({ host: '127.0.0.1', port: 0, tokens: [] }, { clock: { now: Date.now }, onFault })
  for (let job = 0; job < 2 * JOBS; job += 1) change(vma, job)
  process.on('message', ({ from, ms }: Order) => {
    const start = performance.now()
    const cpu = process.cpuUsage()
    let at = from
    const timer = setInterval(() => {
      const elapsed = Math.min(ms, performance.now() - start)
      for (; at < from + (elapsed * CHANGES_PER_S) / 1_000; at += 1) change(vma, at)
      if (elapsed < ms) return
      clearInterval(timer)
      const { user, system } = process.cpuUsage(cpu)
      process.send?.({ cpuUs: user + system, to: at } satisfies Cost)
    }, TICK_MS)
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.(vma.port)
}

interface Reader {
  /** Changed jobs that were read. */
  told: number
  /** How old each change was; of a follower only. */
  readonly latencies: number[]
  bytes: number
  answers: number
  isOver: boolean
  stop(): Promise<void>
}

type Start = (pool: Pool, from: number) => Promise<Reader>

const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' })

async function get(pool: Pool, path: string, accept: string): Promise<Buffer> {
  const { body } = await pool.request({ method: 'GET', path, headers: { accept } })
  return Buffer.from(await body.arrayBuffer())
}

const follow =
  (accept: string, parse: (body: Buffer) => ChangesAnswer): Start =>
  async (pool) => {
    const next = async (since: string, wait: number): Promise<readonly [ChangesAnswer, number]> => {
      const body = await get(pool, `/api/v1/progress/changes?since=${since}&wait=${wait}&limit=10000`, accept)
      return [parse(body), body.length]
    }
    let [answer] = await next('', 0)
    while (answer.more) [answer] = await next(answer.revision, 0)
    const reader: Reader = { told: 0, latencies: [], bytes: 0, answers: 0, isOver: false, stop: async () => undefined }
    const loop = (async () => {
      while (!reader.isOver) {
        const [page, bytes] = await next(answer.revision, 500)
        answer = page
        reader.bytes += bytes
        reader.answers += 1
        reader.told += page.jobs.length
        const now = Date.now()
        for (const { progress } of page.jobs) reader.latencies.push(now - Date.parse(progress.run.updated_at))
      }
    })()
    reader.stop = async () => {
      reader.isOver = true
      await loop
    }
    return reader
  }

/** Asks for each job about when it changes, 64 at once: what polling costs, whatever its interval. */
const ask: Start = async (pool, from) => {
  const start = performance.now()
  let at = from
  const reader: Reader = { told: 0, latencies: [], bytes: 0, answers: 0, isOver: false, stop: async () => undefined }
  const loops = Array.from({ length: 64 }, async () => {
    while (!reader.isOver) {
      if (at >= from + ((performance.now() - start) * CHANGES_PER_S) / 1_000) {
        await new Promise((resolve) => setTimeout(resolve, TICK_MS))
        continue
      }
      const body = await get(pool, `/api/v1/progress/${keyOf(at++ % JOBS)}`, 'application/json')
      JSON.parse(body.toString('utf8'))
      reader.bytes += body.length
      reader.answers += 1
      reader.told += 1
    }
  })
  reader.stop = async () => {
    reader.isOver = true
    await Promise.all(loops)
  }
  return reader
}

const READERS: Readonly<Record<string, Start | undefined>> = {
  nobody: undefined,
  feed_json: follow('application/json', (body) => JSON.parse(body.toString('utf8')) as ChangesAnswer),
  feed_msgpack: follow('application/msgpack', (body) => unpackr.unpack(body) as ChangesAnswer),
  single_gets: ask,
}

interface Figures {
  readonly cpu_us_per_change: number
  readonly cpu_share: number
  readonly bytes_per_change: number
  readonly answers_per_s: number
  readonly latency_p50_ms: number | null
  readonly latency_p99_ms: number | null
}

async function round(vma: ChildProcess, pool: Pool, from: number, ms: number, start: Start | undefined) {
  const reader = await start?.(pool, from)
  vma.send({ from, ms } satisfies Order)
  const [report] = (await once(vma, 'message')) as [Cost]
  await reader?.stop()
  const told = reader?.told ?? 0
  const sorted = (reader?.latencies ?? []).toSorted((a, b) => a - b)
  const figures: Figures = {
    cpu_us_per_change: report.cpuUs / (told || report.to - from),
    cpu_share: report.cpuUs / 1_000 / ms,
    bytes_per_change: (reader?.bytes ?? 0) / (told || 1),
    answers_per_s: ((reader?.answers ?? 0) * 1_000) / ms,
    latency_p50_ms: sorted[Math.floor(sorted.length * 0.5)] ?? null,
    latency_p99_ms: sorted[Math.floor(sorted.length * 0.99)] ?? null,
  }
  return { figures, to: report.to }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}

const FLAGS = { rounds: { usual: '5', short: '2' }, seconds: { usual: '5', short: '3' } } as const

async function measure({ values, outcome }: Arguments<typeof FLAGS>): Promise<void> {
  const report = new Report('feed-vma')
  const vma = fork(import.meta.filename, ['vma'])
  const [port] = (await once(vma, 'message')) as [number]
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 64 })
  const all: Record<string, Figures[]> = {}
  let at = 2 * JOBS
  for (let turn = 0; turn < Number(values.rounds); turn += 1) {
    for (const [name, start] of Object.entries(READERS)) {
      const { figures, to } = await round(vma, pool, at, Number(values.seconds) * 1_000, start)
      at = to
      ;(all[name] ??= []).push(figures)
    }
  }
  await pool.close()
  vma.disconnect()
  const rows = rowsOf(all)
  report.add({
    id: 'feed-vma',
    title: `VMA: ${JOBS} jobs, of which ${CHANGES_PER_S} change each second; one reader`,
    rows,
    notes: ['CPU of the VMA’s process per changed job, less what the changes cost when nobody asks (the first row).'],
  })
  report.finish(outcome, rows.map((row) => `${row['reader']} ${row['CPU µs/change']} µs`).join(', '))
}

function rowsOf(all: Readonly<Record<string, readonly Figures[]>>): readonly Row[] {
  const of = (name: string, field: keyof Figures): number | '' => {
    const values = (all[name] ?? []).flatMap((figures) => figures[field] ?? [])
    return values.length === 0 ? '' : rounded(median(values))
  }
  const alone = Number(of('nobody', 'cpu_us_per_change'))
  return Object.keys(READERS).map((name) => ({
    reader: name,
    'CPU µs/change': rounded(Number(of(name, 'cpu_us_per_change')) - (name === 'nobody' ? 0 : alone)),
    'cores of the VMA': of(name, 'cpu_share'),
    'bytes/change': of(name, 'bytes_per_change'),
    'answers/s': of(name, 'answers_per_s'),
    'p50 ms': of(name, 'latency_p50_ms'),
    'p99 ms': of(name, 'latency_p99_ms'),
  }))
}

await (process.argv[2] === 'vma' ? serve() : measure(benchArguments(FLAGS)))
