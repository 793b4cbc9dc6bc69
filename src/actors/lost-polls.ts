/**
 * Which polls will never bring a result: lost on the way, in a thread that misbehaves. They are failed, not waited for. A poll
 * that only waits for its turn is not among them, however long that takes (LOAD-1): turns come in the order of asking, so
 * it is lost when polls that were asked much later have been answered, or when nothing of its VMA's was for as long.
 */

import type { PollError } from '../model/errors.ts'
import type { Job } from './job.ts'

export const LOST: PollError = { code: 'timeout', message: 'the poll was lost on the way' }
const LOST_MS = 120_000

export class LostPolls {
  /** By VMA: when the latest of the polls that have been answered was asked, and when the last answer came. */
  readonly #askedAt: number[] = []
  readonly #answeredAt: number[] = []

  /** A poll of the job has its result, good or bad; `job.askedAt` still tells when it was asked. */
  answered({ vma, askedAt }: Pick<Job, 'vma' | 'askedAt'>, at: number): void {
    if (askedAt === 0) return
    this.#askedAt[vma] = Math.max(askedAt, this.#askedAt[vma] ?? 0)
    this.#answeredAt[vma] = at
  }

  isLost({ vma, askedAt, phase, isDown }: Pick<Job, 'vma' | 'askedAt' | 'phase' | 'isDown'>, now: number): boolean {
    if (phase !== 'live' || isDown || askedAt === 0 || now - askedAt <= LOST_MS) return false
    return now - (this.#answeredAt[vma] ?? 0) > LOST_MS || (this.#askedAt[vma] ?? 0) - askedAt > LOST_MS
  }
}
