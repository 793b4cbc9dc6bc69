/**
 * What one would write by the documents alone: a timer for each job, `fetch`, one UPDATE for each row, at most every 2 s a
 * job. No verdicts, no stream, no history, no log of the job.
 */

import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import mysql from 'mysql2/promise'
import { obey } from '../support/parent.ts'
import { threadTimes, type OmaCores } from '../support/threads.ts'
import { KindsOfLateness } from './lateness.ts'
import type { PollFigures } from './measure.ts'
import type { PollerQuestion } from './oma-process.ts'

const MOST_IN_FLIGHT = 256

interface Answer {
  readonly status: string
  readonly current_operation: string
  readonly percentage: number
  readonly bytes_transferred: number
  readonly total_bytes: number
}

interface DiskRow extends mysql.RowDataPacket {
  readonly id: string
  readonly disk: string
  readonly volume: string
}

const late = createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 3 })
const loop = monitorEventLoopDelay({ resolution: 5 })
let [polls, rows, failed, inFlight, active] = [0, 0, 0, 0, 0]
let before = { polls: 0, rows: 0, failed: 0, cpu: process.cpuUsage(), main: 0, at: performance.now() }
const waiting: (() => void)[] = []
let kinds: KindsOfLateness | undefined

async function turn(): Promise<void> {
  if (inFlight >= MOST_IN_FLIGHT) await new Promise<void>((resolve) => waiting.push(resolve))
  inFlight += 1
}

function done(): void {
  inFlight -= 1
  waiting.shift()?.()
}

async function start({ settings, slow }: Extract<PollerQuestion, { ask: 'start' }>): Promise<string> {
  if (slow !== undefined) kinds = new KindsOfLateness(slow)
  const pool = mysql.createPool({ uri: settings['DATABASE_URL'] ?? '', connectionLimit: 8 })
  const vma = settings['VMA_PROGRESS_CLIENT_URL'] ?? ''
  // Whoever knows of hanging VMAs gives a request the documents' 10 s; elsewhere it would only cost.
  const bounded = (): RequestInit => (slow === undefined ? {} : { signal: AbortSignal.timeout(10_000) })
  const intervalMs = 2_000
  const [jobs] = await pool.query<DiskRow[]>(
    'select d.job_id as id, d.disk_id as disk, v.volume_id as volume from vm_disks d join ossea_volumes v on v.id = d.ossea_volume_id',
  )
  active = jobs.length
  for (const { id, disk, volume } of jobs) {
    const key = `migration-vol-${volume}`
    let isOut = false
    let writtenAt = 0
    const poll = async (dueAt: number): Promise<void> => {
      if (isOut) return
      isOut = true
      await turn()
      try {
        const answer = await fetch(`${vma}/api/v1/progress/${key}`, bounded())
        const said = (await answer.json()) as Answer
        late.record(Math.max(1, Math.round((performance.now() - dueAt) * 1_000)))
        kinds?.record(key, performance.now() - dueAt)
        polls += 1
        if (performance.now() - writtenAt < intervalMs - 1) return
        writtenAt = performance.now()
        await pool.execute(
          'update replication_jobs set status = ?, current_operation = ?, progress_percent = ?, bytes_transferred = ?, total_bytes = ?, vma_last_poll_at = now(3), updated_at = now(3) where id = ?',
          ['replicating', said.current_operation, said.percentage, said.bytes_transferred, said.total_bytes, id],
        )
        await pool.execute(
          'update vm_disks set sync_progress_percent = ?, bytes_synced = ? where job_id = ? and disk_id = ?',
          [said.percentage, said.bytes_transferred, id, disk],
        )
        rows += 1
      } catch {
        failed += 1
      } finally {
        isOut = false
        done()
      }
    }
    setTimeout(() => {
      let dueAt = performance.now()
      void poll(dueAt)
      setInterval(() => {
        dueAt += intervalMs
        void poll(dueAt)
      }, intervalMs)
    }, Math.random() * intervalMs)
  }
  return ''
}

function mainSeconds(): number {
  return threadTimes().find(({ tid }) => tid === process.pid)?.seconds ?? 0
}

function end(): PollFigures {
  loop.disable()
  const seconds = (performance.now() - before.at) / 1_000
  const { user, system } = process.cpuUsage(before.cpu)
  const delays = (of: { percentile(p: number): number; max: number }, unit: number) => ({
    p50: Math.round((of.percentile(50) / unit) * 10) / 10,
    p99: Math.round((of.percentile(99) / unit) * 10) / 10,
    max: Math.round((of.max / unit) * 10) / 10,
  })
  const cores = (user + system) / 1e6 / seconds
  const main = Math.round(((mainSeconds() - before.main) / seconds) * 1_000) / 1_000
  return {
    active,
    pollsPerSecond: Math.round((polls - before.polls) / seconds),
    failed: failed - before.failed,
    lateMs: delays(late, 1_000),
    loopMs: delays(loop, 1e6),
    rowsPerSecond: Math.round((rows - before.rows) / seconds),
    cores,
    threads: { main, fetch: 0, busiestFetch: 0, database: 0, helpers: Math.max(0, cores - main) } satisfies OmaCores,
    usPerPoll: (user + system) / (polls - before.polls),
    rssBytes: process.memoryUsage.rss(),
    ...(kinds === undefined ? {} : { lateness: kinds.read() }),
  }
}

obey(async (question: PollerQuestion) => {
  if (question.ask === 'start') return await start(question)
  if (question.ask === 'active') return active
  if (question.ask === 'end') return end()
  if (question.ask === 'begin') {
    late.reset()
    kinds?.reset()
    loop.enable()
    before = { polls, rows, failed, cpu: process.cpuUsage(), main: mainSeconds(), at: performance.now() }
  }
  return undefined
})
