/**
 * What waits for the database of the jobs' logs (LOG-1). Rows of jobs and steps are conflated to the newest; events are
 * bounded: past the limit the oldest debug line goes first, then the oldest info, and each one lost is counted.
 */

import type { JobLogRows, LogEvent, LogLevel, StepRow, TrackingRow } from '../model/job-log-rows.ts'

const MAX_EVENTS = 10_000
/** Rows of one kind in one batch: about 300 KB on the way to the thread. */
const MAX_ROWS = 1_000
const LEVELS: readonly LogLevel[] = ['DEBUG', 'INFO', 'WARN', 'ERROR']

export class LogQueue {
  readonly #tracking = new Map<string, TrackingRow>()
  readonly #steps = new Map<string, StepRow>()
  /** By level, each in order; keys count all events. */
  readonly #lanes = new Map<LogLevel, Map<number, LogEvent>>(LEVELS.map((level) => [level, new Map()]))
  #order = 0
  #events = 0
  /** Events that were lost for want of room. */
  dropped = 0

  get size(): number {
    return this.#tracking.size + this.#steps.size + this.#events
  }

  add({ tracking, steps, events }: JobLogRows): void {
    for (const row of tracking) this.#tracking.set(row.trackingId, row)
    for (const row of steps) this.#steps.set(`${row.trackingId} ${row.seq}`, row)
    for (const event of events) {
      this.#lanes.get(event.level)?.set((this.#order += 1), event)
      this.#events += 1
      if (this.#events > MAX_EVENTS) this.#dropOldest()
    }
  }

  /** The next rows in the order in which their keys need them: no event leaves before the rows it refers to. */
  take(): JobLogRows {
    const tracking = takeFrom(this.#tracking)
    const steps = this.#tracking.size > 0 ? [] : takeFrom(this.#steps)
    const events = this.#tracking.size > 0 || this.#steps.size > 0 ? [] : this.#takeEvents()
    return { tracking, steps, events }
  }

  #takeEvents(): readonly LogEvent[] {
    const all = [...this.#lanes.values()].flatMap((lane) => [...lane])
    const next = all.sort(([a], [b]) => a - b).slice(0, MAX_ROWS)
    for (const [order, event] of next) this.#lanes.get(event.level)?.delete(order)
    this.#events -= next.length
    return next.map(([, event]) => event)
  }

  #dropOldest(): void {
    for (const lane of this.#lanes.values()) {
      const [oldest] = lane.keys()
      if (oldest === undefined) continue
      lane.delete(oldest)
      this.#events -= 1
      this.dropped += 1
      return
    }
  }
}

function takeFrom<R>(rows: Map<string, R>): readonly R[] {
  const taken: R[] = []
  for (const [key, row] of rows) {
    if (taken.length >= MAX_ROWS) break
    taken.push(row)
    rows.delete(key)
  }
  return taken
}
