/** Pages of the change feed (VMA-11): from a revision as a follower holds it to what it gets. */

import type { ChangesAnswer, JobChange } from '../model/wire/changes.ts'
import { utcMillis } from '../model/wire/time.ts'
import type { ChangeLog } from './changes.ts'
import { feedDocument, mostBytes } from './feed-document.ts'
import type { ProgressChanges, Standing } from './ports.ts'
import type { Job } from './run.ts'

/** Of an answer's changes as JSON; one change always goes. Some 2 500 usual ones, 5 ms. */
const MAX_ANSWER_BYTES = 1_048_576
/** `"key",` in UTF-8, every character escaped. */
const REMOVED_BYTES = 3

/** Everything up to `after` was told. */
interface Position {
  readonly after: number
  /** Within a full listing: the newest revision when it began; what went before was never told. Else 0. */
  readonly listedFrom: number
}

const REVISION = /^([^.]+)\.(\d{1,15})(?:\.(\d{1,15}))?$/

export class ChangeFeed implements ProgressChanges {
  readonly #epoch: string
  readonly #log: ChangeLog

  /** `epoch`: names this life of the process, without dots. */
  constructor(epoch: string, log: ChangeLog) {
    this.#epoch = epoch
    this.#log = log
  }

  onChange(listener: () => void): void {
    this.#log.onEntry = listener
  }

  standing(since: string, limit: number): Standing {
    const position = this.#positionOf(since)
    if (position === undefined || this.#log.revision - position.after >= limit) return 'far_behind'
    return position.after < this.#log.revision ? 'behind' : 'current'
  }

  page(since: string, limit: number, now: number): ChangesAnswer {
    const position = this.#positionOf(since)
    const { after, listedFrom } = position ?? { after: 0, listedFrom: this.#log.revision }
    const jobs: JobChange[] = []
    const removed: string[] = []
    let told = after
    let bytes = 0
    let more = false
    this.#log.walk(after, (entry, revision) => {
      const isRemoval = typeof entry === 'string'
      if (!isRemoval || revision > listedFrom) {
        bytes += isRemoval ? REMOVED_BYTES + 6 * entry.length : mostBytes(entry)
        const count = jobs.length + removed.length
        more = count === limit || (count > 0 && bytes > MAX_ANSWER_BYTES)
        if (more) return false
        if (isRemoval) removed.push(entry)
        else jobs.push(changeOf(entry, now))
      }
      told = revision
      return true
    })
    const revision = this.#revisionText(more ? told : this.#log.revision, listedFrom)
    const full = position === undefined
    return { epoch: this.#epoch, revision, more, full, server_time: utcMillis(now), jobs, removed }
  }

  #revisionText(told: number, listedFrom: number): string {
    return told < listedFrom ? `${this.#epoch}.${told}.${listedFrom}` : `${this.#epoch}.${told}`
  }

  /** undefined: of another life, none of ours, or older than the removals we remember. */
  #positionOf(since: string): Position | undefined {
    const [, epoch, afterText, fromText] = REVISION.exec(since) ?? []
    if (epoch !== this.#epoch) return undefined
    const [after, listedFrom] = [Number(afterText), Number(fromText ?? 0)]
    const newest = Math.max(after, listedFrom)
    return newest > this.#log.revision || newest < this.#log.forgotten ? undefined : { after, listedFrom }
  }
}

function changeOf(job: Job, now: number): JobChange {
  return { key: job.key, progress: feedDocument(job, now) }
}
