/** What a VM is doing, in one word, with how it is shown. Never by colour alone: each has a word and a shape. */

import type { LiveJob } from '../../../src/client/index.ts'
import type { VmContextJson } from '../../../src/model/wire/vm-contexts.ts'

/** What the list needs of a VM context. */
export const CONTEXT_FIELDS = [
  'context_id',
  'vm_name',
  'vcenter_host',
  'current_status',
  'current_job_id',
  'last_job_at',
  'last_status_change',
] as const satisfies readonly (keyof VmContextJson)[]
export type Context = Pick<VmContextJson, (typeof CONTEXT_FIELDS)[number]>

export type StateName = Exclude<LiveJob['verdict'], 'finished'> | 'completed' | 'failed' | 'cancelled' | 'idle'
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'quiet'
export type Shape = 'play' | 'slow' | 'pause' | 'question' | 'unplugged' | 'stop' | 'clock' | 'tick' | 'cross' | 'dot'

export interface StateLook {
  readonly word: string
  readonly tone: Tone
  readonly shape: Shape
  /** Order of attention: what needs somebody comes first. */
  readonly rank: number
  /** The numbers are not what is true now, but what was heard last. */
  readonly isStale: boolean
}

const look = (word: string, tone: Tone, shape: Shape, rank: number, isStale = false): StateLook => ({
  word,
  tone,
  shape,
  rank,
  isStale,
})

export const STATES: Readonly<Record<StateName, StateLook>> = {
  stalled: look('Stalled', 'bad', 'pause', 0),
  vma_unreachable: look('VMA unreachable', 'bad', 'unplugged', 1, true),
  source_silent: look('Source silent', 'bad', 'question', 2, true),
  suspended: look('Suspended', 'warn', 'stop', 3, true),
  failed: look('Failed', 'bad', 'cross', 4),
  slow: look('Slow', 'warn', 'slow', 5),
  moving: look('Moving', 'busy', 'play', 6),
  waiting: look('Waiting', 'quiet', 'clock', 7),
  completed: look('Completed', 'good', 'tick', 8),
  cancelled: look('Cancelled', 'quiet', 'stop', 9),
  idle: look('No job', 'quiet', 'dot', 10),
}

export function isRunning(job: LiveJob): boolean {
  return job.status !== 'completed' && job.status !== 'failed' && job.status !== 'cancelled'
}

/** Of a VM whose last job is not in memory any more, a failure is what is worth saying. */
export function stateOf(job: LiveJob | undefined, context: Context | undefined): StateName {
  if (job === undefined) return context?.current_status === 'failed' ? 'failed' : 'idle'
  if (job.status === 'completed' || job.status === 'failed' || job.status === 'cancelled') return job.status
  return job.verdict === 'finished' ? 'waiting' : job.verdict
}

/** `ready_for_failover` → `ready for failover`. */
export function spoken(word: string): string {
  return word.replaceAll('_', ' ')
}
