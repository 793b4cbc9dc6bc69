/** What one answer of a VMA means for the job that asked: a sample of its own run, or why it is none. */

import type { PollError, PollErrorCode } from '../model/errors.ts'
import { normalise } from '../model/normalise.ts'
import {
  clockGap,
  inOurClock,
  isStaleRun,
  isSuperseded,
  steadyClock,
  UNKNOWN_GAP,
  type SteadyClock,
} from '../model/runs.ts'
import type { ProgressSample } from '../model/sample.ts'
import type { Names } from './names.ts'
import type { FetchTarget } from './protocol.ts'
import type { VmaAnswer } from './vma-client.ts'

export type Heard =
  | { readonly ok: true; readonly sample: ProgressSample }
  /** `ofAnotherRun`: the VMA answered, and we know better than it whose run that is. */
  | { readonly ok: false; readonly error: PollError; readonly ofAnotherRun?: true }

/**
 * What was asked: a key for a job, received when. `movedFrom`: by key, the first source time that looked stale. `clocks`: by VMA,
 * as far as it is known.
 */
export interface Question {
  readonly key: string
  readonly target: FetchTarget
  readonly names: Names
  readonly movedFrom: Map<string, number>
  readonly clocks: (SteadyClock | undefined)[]
  readonly receivedAt: number
}

export function hear(answer: VmaAnswer, { key, target, names, movedFrom, clocks, receivedAt }: Question): Heard {
  if (!answer.ok) return answer
  const said = normalise(key, answer.body)
  if (!said.ok) return said
  const { sample } = said
  const readAt = answer.receivedAt ?? receivedAt
  const clock = steadyClock(clocks[target.vma], clockGap(sample.serverTime, answer.date, readAt), readAt)
  clocks[target.vma] = clock
  const { gap } = clock
  if (isStaleRun(sample, target.createdAt, gap) && !(gap === UNKNOWN_GAP && hasMoved(sample, movedFrom)))
    return { ...refusal('stale_run', `${key} still tells of a run that was over before this job`), ofAnotherRun: true }
  const { supersededAt } = target
  if (supersededAt !== undefined && key !== target.jobId && isSuperseded(sample, supersededAt, gap))
    return { ...refusal('not_found', `${key}: the key now belongs to a newer job`), ofAnotherRun: true }
  if (names.isAnother(sample.jobId, key, target))
    return refusal('invalid_body', `the answer for ${key} is of ${sample.jobId}`)
  return { ok: true, sample: inOurClock(sample, gap.skewMs) }
}

function refusal(code: PollErrorCode, message: string): { readonly ok: false; readonly error: PollError } {
  return { ok: false, error: { code, message } }
}

/**
 * For a VMA whose clock can't be read (no time in the answer, no Date header) and may be behind: a run whose source time
 * has grown while we watch is being updated now, so after the job was created.
 */
function hasMoved({ key, updatedAt }: ProgressSample, movedFrom: Map<string, number>): boolean {
  if (updatedAt === undefined) return false
  const first = movedFrom.get(key)
  if (first === undefined) movedFrom.set(key, updatedAt)
  return first !== undefined && updatedAt > first
}
