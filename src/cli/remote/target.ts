/** What is watched, and what the OMA knows of it besides the live jobs: one that is over, or one that is not followed yet. */

import { ApiError, type LiveJob, type Rest, type Topic, type VmContextDetail } from '../../client/index.ts'
import { CONTACT_LOST } from '../../model/errors.ts'
import { isTerminal } from '../../model/words.ts'
import { printable } from '../text.ts'
import { orNone } from './ask.ts'
import { endByStatus, endOf, lost, type Outcome } from './outcome.ts'

export type Target =
  | { readonly kind: 'all' }
  | { readonly kind: 'job'; readonly id: string }
  | { readonly kind: 'vm'; readonly name: string }

/** `pending`: there is one that runs, by its row; the OMA will follow it, or does already. */
export type Standing = Outcome | 'pending' | 'unknown'

export function topicOf(target: Target): Topic {
  if (target.kind === 'all') return 'jobs'
  return target.kind === 'job' ? `job:${target.id}` : `vm:${target.name}`
}

/** A job of this id, else a VM of this name; undefined when there is neither. */
export async function findTarget(rest: Rest, name: string): Promise<Target | undefined> {
  if ((await orNone(rest.job(name))) !== undefined) return { kind: 'job', id: name }
  if ((await contextOf(rest, name)) !== undefined) return { kind: 'vm', name }
  return (await orNone(rest.log(name, { limit: 1 }))) === undefined ? undefined : { kind: 'job', id: name }
}

/** Asked while no live job of the target tells how it stands. */
export async function standingOf(rest: Rest, target: Target, live: ReadonlyMap<string, LiveJob>): Promise<Standing> {
  if (target.kind === 'job') return await jobStanding(rest, target.id)
  return target.kind === 'vm' ? await vmStanding(rest, target.name, live) : 'pending'
}

async function jobStanding(rest: Rest, id: string): Promise<Standing> {
  const job = await orNone(rest.job(id))
  if (job !== undefined) return isTerminal(job.status) ? endOf(job) : 'pending'
  const last = (await orNone(rest.history(id)))?.stages.at(-1)
  const end = last === undefined || last.ended_at === null ? undefined : await endInLog(rest, id, last.status)
  if (end !== undefined) return end
  return (await orNone(rest.log(id, { limit: 1 }))) === undefined ? 'unknown' : 'pending'
}

/** A job's row says that it failed; its log also says when that was for want of contact (POLL-7). */
async function endInLog(rest: Rest, id: string, status: string): Promise<Outcome | undefined> {
  const end = endByStatus(id, status)
  if (end?.name !== 'failed') return end
  const error = (await orNone(rest.log(id, { limit: 1, level: 'ERROR' })))?.events.at(-1)?.message ?? ''
  return error.startsWith(CONTACT_LOST.message) ? lost(`${printable(id)}: ${printable(error)}`) : end
}

/** The current job's row before what is live: a new job is made some seconds before it is followed. */
async function vmStanding(rest: Rest, name: string, live: ReadonlyMap<string, LiveJob>): Promise<Standing> {
  const context = await contextOf(rest, name)
  if (context === undefined) return 'unknown'
  if (context === 'several') return latest(live) ?? 'pending'
  const { current_job: current, job_history: history } = context
  if (current !== null && !live.has(current.id) && endByStatus(current.id, current.status) === undefined)
    return 'pending'
  const [last] = history
  return latest(live) ?? (last === undefined ? 'unknown' : ((await endInLog(rest, last.id, last.status)) ?? 'pending'))
}

function latest(live: ReadonlyMap<string, LiveJob>): Outcome | undefined {
  const jobs = [...live.values()].toSorted((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at))
  const last = jobs.at(-1)
  return last !== undefined && jobs.every(({ status }) => isTerminal(status)) ? endOf(last) : undefined
}

/** `several`: the name stands in more than one vCenter. */
async function contextOf(rest: Rest, name: string): Promise<VmContextDetail | 'several' | undefined> {
  try {
    return await orNone(rest.context(name))
  } catch (error) {
    if (error instanceof ApiError && error.status === 409) return 'several'
    throw error
  }
}
