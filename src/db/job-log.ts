/**
 * A job's log in the database (LOG-1): a batch is one transaction with a few statements per table. Where the database
 * refuses one of its rows (deployed enums and constraints differ), the rows are tried in halves until the bad one stands alone.
 */

import type {
  JobLogBatch,
  JobLogReport,
  JobLogStanding,
  LogEvent,
  StandingStep,
  StepRow,
  TrackingRow,
  TrackingStatus,
} from '../model/job-log-rows.ts'
import { wallClock } from '../model/time.ts'
import { isJobStatus } from '../model/words.ts'
import { marks, number, text, textOrNull, type Connection, type Executor, type Row } from './executor.ts'
import {
  canWrite,
  EVENTS,
  putRows,
  STEPS,
  TRACKING,
  type LinkedEvent,
  type LogTable,
  type RowContext,
} from './job-log-rows.ts'
import { timeOf } from './updates.ts'

export interface JobLogContext extends RowContext {
  readonly connection: Connection
  readonly isRetryable: (cause: unknown) => boolean
}

/** Letters of `2025-09-09 11:48:50.709`: what we write of a time, and at most what is compared. */
const CLOCK_LETTERS = 23

export async function readJobLogs(ctx: JobLogContext, ids: readonly string[]): Promise<readonly JobLogStanding[]> {
  if (ids.length === 0 || !canWrite(ctx.known, TRACKING)) return []
  const rows = await ctx.connection.all(`select * from job_tracking where id in (${marks(ids.length)})`, ids)
  const steps = new Map<string, StandingStep[]>()
  if (canWrite(ctx.known, STEPS)) {
    for (const row of await ctx.connection.all(
      `select * from job_steps where job_id in (${marks(ids.length)}) order by job_id, seq`,
      ids,
    )) {
      const id = text(row, 'job_id')
      const ofJob = steps.get(id) ?? []
      steps.set(id, ofJob)
      ofJob.push(standingStep(row, ctx.zone))
    }
  }
  return rows.map((row) => standing(row, steps.get(text(row, 'id')) ?? [], ctx.zone))
}

function standing(row: Row, steps: readonly StandingStep[], zone: string): JobLogStanding {
  const { status, runs } = metadataOf(row['metadata'])
  return {
    trackingId: text(row, 'id'),
    ...(typeof status === 'string' && isJobStatus(status) ? { status } : {}),
    percent: number(row, 'percent_complete'),
    runs: Array.isArray(runs) ? runs.map(String) : [],
    startedAt: timeOf(row['started_at'], zone) || null,
    steps,
  }
}

function standingStep(row: Row, zone: string): StandingStep {
  return {
    seq: number(row, 'seq'),
    name: text(row, 'name'),
    running: text(row, 'status').toLowerCase() === 'running',
    startedAt: timeOf(row['started_at'], zone),
  }
}

/** MySQL's driver gives JSON as an object, MariaDB and SQLite as text; another writer may have put anything there. */
function metadataOf(value: unknown): { readonly status?: unknown; readonly runs?: unknown } {
  let parsed = value
  try {
    if (typeof value === 'string') parsed = JSON.parse(value)
  } catch {
    return {}
  }
  return typeof parsed === 'object' && parsed !== null ? parsed : {}
}

export async function writeJobLog(ctx: JobLogContext, batch: JobLogBatch): Promise<JobLogReport> {
  const rows = await resolveReleased(ctx, batch)
  try {
    await ctx.connection.transaction(async (on) => {
      if (canWrite(ctx.known, TRACKING)) await putRows(on, ctx, TRACKING, rows.tracking)
      if (canWrite(ctx.known, STEPS)) await putRows(on, ctx, STEPS, rows.steps)
      if (canWrite(ctx.known, EVENTS)) await putRows(on, ctx, EVENTS, await linked(on, ctx, rows.events, batch.repeat))
    })
    return { refused: 0 }
  } catch (cause) {
    if (ctx.isRetryable(cause)) throw cause
    return await writeApart(ctx, rows)
  }
}

/** Some row can't be written: each that can is. What this commits in parts is found again by a repetition. */
async function writeApart(ctx: JobLogContext, batch: JobLogBatch): Promise<JobLogReport> {
  const refusals: string[] = []
  await putApart(ctx, TRACKING, batch.tracking, refusals)
  await putApart(ctx, STEPS, batch.steps, refusals)
  const events = await linked(ctx.connection, ctx, batch.events, true)
  await putApart(ctx, EVENTS, events, refusals)
  const fault = refusals.at(-1)
  return { refused: refusals.length, ...(fault === undefined ? {} : { fault }) }
}

async function putApart<R>(
  ctx: JobLogContext,
  table: LogTable<R>,
  rows: readonly R[],
  refusals: string[],
): Promise<void> {
  if (rows.length === 0 || !canWrite(ctx.known, table)) return
  try {
    await ctx.connection.transaction((on) => putRows(on, ctx, table, rows))
  } catch (cause) {
    if (ctx.isRetryable(cause)) throw cause
    if (rows.length === 1) {
      refusals.push(cause instanceof Error ? cause.message : String(cause))
      return
    }
    const half = rows.length >> 1
    await putApart(ctx, table, rows.slice(0, half), refusals)
    await putApart(ctx, table, rows.slice(half), refusals)
  }
}

/**
 * Events with the keys of the rows that stand: one whose job or step could not be written keeps its text and
 * `external_job_id`. With `repeat` those that stand already are left out: same job, time and message.
 */
async function linked(
  on: Executor,
  ctx: JobLogContext,
  events: readonly LogEvent[],
  repeat: boolean,
): Promise<readonly LinkedEvent[]> {
  if (events.length === 0) return []
  const ids = [...new Set(events.map((event) => event.trackingId))]
  const ofJobs = `in (${marks(ids.length)})`
  const tracked = canWrite(ctx.known, TRACKING)
    ? new Set((await on.all(`select id from job_tracking where id ${ofJobs}`, ids)).map((row) => text(row, 'id')))
    : undefined
  const steps = new Map<string, number>()
  if (canWrite(ctx.known, STEPS) && ctx.known.get(STEPS.name)?.has('id')) {
    for (const row of await on.all(`select id, job_id, seq from job_steps where job_id ${ofJobs}`, ids))
      steps.set(`${text(row, 'job_id')} ${number(row, 'seq')}`, number(row, 'id'))
  }
  const stands = repeat ? await standingEvents(on, ctx, events, ids) : () => false
  return events
    .filter((event) => !stands(event))
    .map((event) => ({
      ...event,
      linkedId: tracked === undefined || tracked.has(event.trackingId) ? event.trackingId : null,
      stepId: steps.get(`${event.trackingId} ${event.seq}`) ?? null,
    }))
}

async function standingEvents(
  on: Executor,
  { known, zone }: JobLogContext,
  events: readonly LogEvent[],
  ids: readonly string[],
): Promise<(event: LogEvent) => boolean> {
  if (!known.get(EVENTS.name)?.has('job_id')) return () => false
  const times = events.map((event) => wallClock(event.at, zone)).sort()
  // A column without fractions holds the second: the first one counts whole.
  const from = times[0]?.slice(0, 19) ?? ''
  const rows = await on.all(
    `select job_id, ts, message from log_events where job_id in (${marks(ids.length)}) and ts >= ? and ts <= ?`,
    [...ids, from, times.at(-1) ?? ''],
  )
  const letters = Math.min(CLOCK_LETTERS, textOrNull(rows[0] ?? {}, 'ts')?.length ?? CLOCK_LETTERS)
  const keys = new Set(rows.map((row) => keyOf(text(row, 'job_id'), text(row, 'ts'), text(row, 'message'))))
  return (event) => keys.has(keyOf(event.trackingId, wallClock(event.at, zone).slice(0, letters), event.message))
}

function keyOf(id: string, ts: string, message: string): string {
  return `${id} ${ts.slice(0, CLOCK_LETTERS)} ${message}`
}

const OUTCOMES: Readonly<Record<string, TrackingStatus>> = {
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
}

/** How a released job ended stands in its own row. One that is neither over nor gone may come back: its log stays as it is. */
async function resolveReleased(ctx: JobLogContext, batch: JobLogBatch): Promise<JobLogBatch> {
  const released = [...batch.tracking, ...batch.steps].filter((row) => row.status === 'released')
  if (released.length === 0) return batch
  const ids = [...new Set(released.map((row) => row.jobId))]
  const rows = await ctx.connection.all(`select * from replication_jobs where id in (${marks(ids.length)})`, ids)
  const standing = new Map(rows.map((row) => [text(row, 'id'), row]))
  const outcomeOf = (jobId: string): TrackingStatus | undefined => {
    const row = standing.get(jobId)
    return row === undefined ? 'cancelled' : OUTCOMES[text(row, 'status').toLowerCase()]
  }
  return {
    ...batch,
    tracking: batch.tracking.flatMap((row): readonly TrackingRow[] => {
      if (row.status !== 'released') return [row]
      const status = outcomeOf(row.jobId)
      if (status === undefined) return []
      const errorMessage = text(standing.get(row.jobId) ?? {}, 'error_message')
      return [{ ...row, status, errorMessage, percent: status === 'completed' ? 100 : row.percent }]
    }),
    steps: batch.steps.flatMap((row): readonly StepRow[] => {
      if (row.status !== 'released') return [row]
      const status = outcomeOf(row.jobId)
      if (status === undefined) return []
      return [{ ...row, status: status === 'completed' || status === 'failed' ? status : 'skipped' }]
    }),
  }
}
