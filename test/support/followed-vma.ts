/** A run store that can restart, and a follower of its change feed. */

import { Followed } from '../../src/model/followed.ts'
import { normalise } from '../../src/model/normalise.ts'
import type { ProgressSample } from '../../src/model/sample.ts'
import { documentAt, type ChangesAnswer } from '../../src/model/wire/changes.ts'
import { ChangeFeed } from '../../src/vma/change-feed.ts'
import { ChangeLog, type ChangeLogLimits } from '../../src/vma/changes.ts'
import { DEFAULT_LIMITS, RunStore, type StoreLimits } from '../../src/vma/store.ts'
import type { Step } from './vma-histories.ts'

export class FollowedVma {
  readonly #limits: Partial<StoreLimits>
  readonly #logLimits: Partial<ChangeLogLimits>
  readonly follower = new Followed()
  #life = 0
  store!: RunStore
  feed!: ChangeFeed
  now = Date.parse('2025-09-05T15:00:00Z')
  fullListings = 0

  constructor(limits: Partial<StoreLimits> = {}, logLimits: Partial<ChangeLogLimits> = {}) {
    this.#limits = limits
    this.#logLimits = logLimits
    this.restart()
  }

  restart(): void {
    this.#life += 1
    this.store = new RunStore({ ...DEFAULT_LIMITS, ...this.#limits }, new ChangeLog(this.#logLimits))
    this.feed = new ChangeFeed(`life-${this.#life}`, this.store.changes)
  }

  take(step: Step): void {
    if (step.do === 'pass') this.now += step.ms
    else if (step.do === 'update') this.store.update(step.key, step.update, this.now)
    else this.store.register(step.key, step.registration, this.now)
  }

  /** One page, over the wire. */
  hear(limit: number): ChangesAnswer {
    const page = this.feed.page(this.follower.since, limit, this.now)
    if (page.full) this.fullListings += 1
    this.follower.apply(JSON.parse(JSON.stringify(page)) as ChangesAnswer)
    return page
  }

  /** Until there is no more. Every page has to bring the follower on. */
  catchUp(limit: number): void {
    for (;;) {
      const before = this.follower.since
      if (!this.hear(limit).more) return
      if (this.follower.since === before) throw new Error(`a page that leads nowhere: ${before}`)
    }
  }

  /** What the single GET says of a key now. */
  asked(key: string): ProgressSample | undefined {
    const text = this.store.read(key, this.now)
    return text === undefined ? undefined : sampleOf(key, JSON.parse(text))
  }

  /** What the follower makes of what it holds. */
  held(key: string): ProgressSample | undefined {
    const told = this.follower.get(key)
    return told === undefined ? undefined : sampleOf(key, documentAt(key, told, this.now))
  }
}

function sampleOf(key: string, document: unknown): ProgressSample {
  const said = normalise(key, document)
  if (!said.ok) throw new Error(`${key}: ${said.error.message}`)
  return said.sample
}

/**
 * A repeated update is a sign of life that is told every 5 s only; everything else is the same. A speed past 2^53 is a fault of
 * both fields in which the single GET tells it, and of the one in which the feed does.
 */
export function differenceOf(asked: ProgressSample | undefined, held: ProgressSample | undefined): string | undefined {
  if (asked === undefined || held === undefined) return asked === held ? undefined : `${asked?.key} or ${held?.key}`
  const { heardAt: heard = 0, ...one } = asked
  const { heardAt: told = 0, ...other } = held
  const [left, right] = [canonical(one), canonical(other)]
  if (left !== right) return `${left}\n${right}`
  return Math.abs(heard - told) < 5_000 ? undefined : `heard at ${heard}, told ${told}`
}

function canonical({ faults, ...sample }: Omit<ProgressSample, 'heardAt'>): string {
  const once = faults?.filter((name) => name !== 'current_mbps')
  return JSON.stringify(Object.entries({ ...sample, faults: once }).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
