/** `sightline job <id>`: one job in full, live or over: what it does, since when and why, its disks, its last log lines. */

import { integer } from '../../../config/kinds.ts'
import { ApiError, type JobLogAnswer, type LiveJob, type Rest } from '../../client/index.ts'
import type { ClientCommandOptions } from '../commands.ts'
import { EXIT } from '../exit-codes.ts'
import { printable } from '../text.ts'
import { orNone } from './ask.ts'
import { asking } from './command.ts'
import { jobLines, labelled, whyLines } from './detail.ts'
import { NoOma } from './faults.ts'
import { lookOf, type Look } from './look.ts'

const USUAL_LINES = 10

export async function run(options: ClientCommandOptions): Promise<number> {
  const [id = ''] = options.args
  const { log: asked, json } = options.flags
  const parsed = typeof asked === 'string' ? integer(0, 1_000).parse(asked) : { value: USUAL_LINES }
  const problems = 'problem' in parsed ? [`--log ${parsed.problem}`] : []
  const lines = 'value' in parsed ? parsed.value : 0
  return await asking(options, problems, async ({ rest }) => {
    const job = await orNone(rest.job(id))
    // Also when no line is wanted: it says whether there is such a job at all.
    const log = job !== undefined && lines === 0 ? undefined : await logOf(rest, id, Math.max(1, lines), job)
    const over = job === undefined ? await orNone(rest.history(id)) : undefined
    if (job !== undefined && typeof job.job_id !== 'string') throw new NoOma()
    const events = lines === 0 ? [] : (log?.events ?? [])
    if (json === true) process.stdout.write(`${JSON.stringify({ job: job ?? null, log: events }, null, 2)}\n`)
    else
      process.stdout.write(textOf({ id, job, stages: over?.stages ?? [], events }, lookOf(process.stdout, options.env)))
    return EXIT.ok
  })
}

/** A job that is live is told without its log where there is none to read. */
async function logOf(
  rest: Rest,
  id: string,
  limit: number,
  job: LiveJob | undefined,
): Promise<JobLogAnswer | undefined> {
  try {
    return await rest.log(id, { limit })
  } catch (error) {
    if (job !== undefined && error instanceof ApiError && error.status !== 401) return undefined
    throw error
  }
}

interface Told {
  readonly id: string
  readonly job: LiveJob | undefined
  readonly stages: Awaited<ReturnType<Rest['history']>>['stages']
  readonly events: JobLogAnswer['events']
}

function textOf({ id, job, stages, events }: Told, look: Look): string {
  const now = Date.now()
  const view = { ...look, now, agedBy: 0, isLive: true }
  const head =
    job === undefined ? [`${printable(id)} is not followed now`] : [...jobLines(job, view), '', ...whyLines(job, view)]
  const past = stages.flatMap(({ stage, status, started_at, ended_at }) =>
    labelled('stage', [stage, status, started_at, ended_at ?? ''].map(printable).join(' ').trim(), look),
  )
  const log = events.flatMap(({ ts, level, message }) =>
    labelled(level, `${printable(ts)} ${printable(message)}`, look),
  )
  return `${[...head, ...past, ...(log.length > 0 ? ['', ...log] : [])].join('\n')}\n`
}
