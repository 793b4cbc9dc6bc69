/** One soak from the first job to the last word about it. */

import { Random, mixSeed } from '../../src/sim/random.ts'
import { until } from '../support/service.ts'
import { agendaOf, type Trouble } from './agenda.ts'
import { allowancesFor } from './allowances.ts'
import { Crowd } from './crowd.ts'
import { judgeEnds, type Ends } from './ends.ts'
import { Fleet } from './fleet.ts'
import { countOf } from './rows.ts'
import { after, CONTACT_TIMEOUT_MS, Stage, TOKEN } from './stage.ts'
import { judgeRun, type Judged, type Sample } from './verdict.ts'

export interface SoakOptions {
  readonly forMs: number
  readonly jobs: number
  readonly atOnce: number
  readonly seed: number
  readonly clients: number
  readonly reportMs: number
  /** Nothing goes wrong. */
  readonly calm: boolean
  readonly sampleMs: number
  /** For logs and the database; the caller's to remove. */
  readonly folder: string
  readonly tell: (line: string) => void
}

export interface SoakResult {
  readonly seconds: number
  readonly samples: readonly Sample[]
  readonly judged: readonly Judged[]
  readonly ends: Ends
  readonly badLines: readonly string[]
  readonly troubles: Readonly<Record<string, number>>
  readonly clients: { readonly came: number; readonly asked: number }
  readonly posts: number
  readonly refusedPosts: number
  readonly stats: unknown
  /** Empty: the run is good. */
  readonly faults: readonly string[]
}

const WARM_MS = 5_000
/** Beside the plan, for jobs whose end has to time out and for a machine that others use. */
const PATIENCE_MS = 5 * 60_000
/** Jobs are shown, and topics and idle connections kept, for up to a minute after their end. */
const SETTLE_MS = 3 * 60_000

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { forMs, folder, tell } = options
  const stage = await Stage.open(folder)
  let course: Course | undefined
  try {
    course = await live(stage, options)
  } catch (cause) {
    tell(`the soak broke off: ${cause instanceof Error ? cause.stack : String(cause)}`)
    await stage.close()
    throw cause
  }
  const badLines = await stage.close()
  const judged = judgeRun(course, allowancesFor(forMs))
  const { ends } = course
  const faults = [
    ...judged.flatMap(({ figure, fault }) => (fault === undefined ? [] : [`${figure}: ${fault}`])),
    ...ends.wrong,
    ...(ends.wrongCount > ends.wrong.length ? [`… ${ends.wrongCount} faults of rows in all`] : []),
    ...(ends.jobs === options.jobs ? [] : [`${ends.jobs} jobs of ${options.jobs}`]),
    ...badLines,
  ]
  return { ...course, judged, badLines, faults }
}

interface Course extends Omit<SoakResult, 'judged' | 'badLines' | 'faults'> {
  readonly baseline: Sample
  readonly end: Sample
}

async function live(stage: Stage, options: SoakOptions): Promise<Course> {
  const { forMs, seed, clients, tell, sampleMs } = options
  await after(WARM_MS)
  const startedAt = Date.now()
  const sample = async (): Promise<Sample> => ({ at: (Date.now() - startedAt) / 1_000, figures: await stage.figures() })
  const baseline = await sample()
  const fleet = new Fleet({ ...options, on: stage.on, vmaUrls: stage.vmaUrls })
  const crowd = new Crowd({ url: stage.url, token: TOKEN, seed, size: clients, anyJob: () => fleet.anyOpen() })
  const samples: Sample[] = []
  const course = { isOver: false }
  const sampling = async (): Promise<void> => {
    for (let n = 1; !course.isOver; n += 1) {
      await after(Math.max(0, startedAt + n * sampleMs - Date.now()))
      const one = await sample()
      // While the fleet is whole: what comes after the last job was added falls.
      if (!course.isOver && one.at * 1_000 <= forMs) samples.push(one)
      tell(progress(one, fleet))
    }
  }
  crowd.start()
  const agenda = options.calm ? [] : agendaOf(forMs, mixSeed(seed, 3), CONTACT_TIMEOUT_MS)
  const troubles = troubled(stage, agenda, startedAt, tell)
  const sampled = sampling()
  for (const one of [troubles, sampled]) one.catch(() => undefined)
  try {
    await fleet.run(forMs + PATIENCE_MS)
  } finally {
    course.isOver = true
    crowd.stop()
    await Promise.allSettled([sampled, troubles])
  }
  await troubles
  await sampled
  const ends = await settled(stage, fleet)
  const end = await lastSample(sample, baseline)
  tell(progress(end, fleet))
  return {
    baseline,
    samples,
    end,
    ends,
    seconds: (Date.now() - startedAt) / 1_000,
    troubles: stage.done,
    clients: { came: crowd.came, asked: crowd.asked },
    posts: fleet.posts,
    refusedPosts: fleet.refused,
    stats: await stage.stats(),
  }
}

async function troubled(
  stage: Stage,
  agenda: readonly Trouble[],
  startedAt: number,
  tell: (line: string) => void,
): Promise<void> {
  const random = new Random(agenda.length)
  const done = agenda.map(async (trouble) => {
    await after(Math.max(0, startedAt + trouble.at - Date.now()))
    tell(`trouble: ${JSON.stringify(trouble)}`)
    return await stage.trouble(trouble, random)
  })
  const failed = (await Promise.allSettled(done)).find((one) => one.status === 'rejected')
  if (failed !== undefined) throw new Error('a trouble could not be made', { cause: failed.reason })
}

/** Everything that goes by itself has gone, or it has had its time. */
async function settled(stage: Stage, fleet: Fleet): Promise<Ends> {
  const isQuiet = async (): Promise<true | undefined> => {
    const figures = await stage.figures()
    const left = ['oma actors', 'oma topics', 'oma histories', 'oma log waiting', 'oma rows waiting', 'vma jobs']
    const unlogged = await countOf(
      stage.on,
      "select count(*) as n from replication_jobs j left join job_tracking l on l.external_job_id = j.id where l.id is null and j.status in ('completed', 'failed')",
    )
    return unlogged === 0 && left.every((name) => (figures[name] ?? 0) === 0) ? true : undefined
  }
  await until('all is quiet', isQuiet, SETTLE_MS, 2_000).catch(() => undefined)
  return await judgeEnds(stage.on, fleet.jobs, stage.crashes)
}

/**
 * The first one that is as before, or the last of a minute: now and then lost jobs are asked for that their VMA might know again
 * (RECOVER-3), over connections that are kept for half a minute. A leak does not go away by waiting.
 */
async function lastSample(sample: () => Promise<Sample>, baseline: Sample): Promise<Sample> {
  for (let tries = 0; ; tries += 1) {
    const end = await sample()
    const isBack = judgeRun({ baseline, samples: [], end }, allowancesFor(0)).every(({ fault }) => fault === undefined)
    if (isBack || tries >= 30) return end
    await after(2_000)
  }
}

function progress({ at, figures }: Sample, fleet: Fleet): string {
  const of = (name: string): string => String(Math.round(figures[name] ?? 0))
  return [
    `${Math.round(at)} s: ${fleet.jobs.length} jobs so far, ${fleet.live} open`,
    `OMA ${of('oma RSS MiB')} MiB (heap ${of('oma heap MiB')}), ${of('oma actors')} actors, ${of('oma sockets')} sockets, ${of('oma clients')} clients`,
    `VMA ${of('vma RSS MiB')} MiB, ${of('vma jobs')} jobs`,
    `posts ${fleet.posts}, refused ${fleet.refused}`,
  ].join('; ')
}
