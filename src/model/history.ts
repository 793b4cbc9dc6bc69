/**
 * What a job's progress looked like (API-3): a series of bounded size and the stage timeline. Time comes in.
 *
 * The series has a resolution, and in each slot of it the newest sample stands for the slot. When the series is full the
 * resolution doubles and neighbours become one, so a run of any length is drawn from its start at even distances. Bytes
 * are running totals, so a point that goes takes nothing with it: a rate is taken between the points that stay.
 *
 * A job takes 2 304 bytes of numbers, whatever its length, and some 100 bytes per entry of the timeline: under 4 KiB for a
 * job of ten stages, and as text under 5 KB, 2 KB as a rule.
 */

import {
  MAX_PERCENT,
  MAX_POINTS,
  MAX_STAGE_LENGTH,
  MAX_STAGES,
  readRecord,
  steps,
  sums,
  type HistoryRecord,
} from './history-record.ts'
import { percentForRow } from './units.ts'
import type { JobStatus, TerminalStatus } from './words.ts'

/** As often as a job is polled by default. */
const FIRST_RESOLUTION_MS = 2_000
/** A full series shrinks to this many points or fewer, so that it is not full again at once. */
const SHRUNK_POINTS = (MAX_POINTS * 3) / 4
/** Runs whose first and last points are never merged; under a VMA whose bytes jump to and fro the size bound goes first. */
const MAX_BREAKS = 16
const BYTES_AT = MAX_POINTS * 8
const PERCENTS_AT = BYTES_AT * 2
const NUMBERS_BYTES = PERCENTS_AT + MAX_POINTS * 2

/** What a job said at one moment; `percent` is 0..100. */
export interface HistorySample {
  readonly at: number
  readonly bytes: number
  readonly percent: number
  readonly stage: string
  readonly status: JobStatus
}

export interface HistoryPoint {
  readonly at: number
  readonly bytes: number
  /** Two decimals; 100 only where it was 100. */
  readonly percent: number
  /** Mean since the point before; null at the first point and where a new run began. */
  readonly rateBps: number | null
}

export interface StageSpan {
  readonly stage: string
  /** The job's status when it was last heard in this stage. */
  readonly status: JobStatus
  readonly startedAt: number
  /** null while the job is in it. */
  readonly endedAt: number | null
}

export class JobHistory {
  readonly #times: Float64Array
  readonly #bytes: Float64Array
  readonly #percents: Uint16Array
  #count = 0
  #resolutionMs = FIRST_RESOLUTION_MS
  #stages: { -readonly [K in keyof StageSpan]: StageSpan[K] }[] = []
  #stagesDropped = 0

  constructor() {
    const numbers = new ArrayBuffer(NUMBERS_BYTES)
    this.#times = new Float64Array(numbers, 0, MAX_POINTS)
    this.#bytes = new Float64Array(numbers, BYTES_AT, MAX_POINTS)
    this.#percents = new Uint16Array(numbers, PERCENTS_AT, MAX_POINTS)
  }

  /** What `encode` wrote, or an empty history: what can't be read is not worth a fault. */
  static decode(text: string): JobHistory {
    const history = new JobHistory()
    const record = readRecord(parsed(text))
    if (record === undefined) return history
    history.#times.set(sums(record.t))
    history.#bytes.set(sums(record.b))
    history.#percents.set(record.p)
    history.#count = record.t.length
    history.#resolutionMs = record.r
    history.#stages = record.s.map(([stage, status, startedAt, endedAt]) => ({ stage, status, startedAt, endedAt }))
    history.#stagesDropped = record.x
    return history
  }

  get size(): number {
    return this.#count
  }

  /** 0 while there is no point. */
  get newestBytes(): number {
    return this.#count === 0 ? 0 : (this.#bytes[this.#count - 1] ?? 0)
  }

  get resolutionMs(): number {
    return this.#resolutionMs
  }

  get stages(): readonly StageSpan[] {
    return this.#stages
  }

  /** Entries of the timeline that did not fit: those after the first go. */
  get stagesDropped(): number {
    return this.#stagesDropped
  }

  /** True when a slot was begun or the timeline changed; a sample that only replaces the newest is not worth a write. */
  sample({ at, bytes, percent, stage, status }: HistorySample): boolean {
    const newRun = whole(bytes) < this.newestBytes
    const added = this.#point(at, whole(bytes), hundredths(percent))
    if (newRun) this.#close(at)
    return this.#enter(at, stage, status) || added
  }

  /** The job is over: its last stage has its status. False when it was over already. */
  end(at: number, status: TerminalStatus): boolean {
    const last = this.#stages.at(-1)
    if (last === undefined || last.endedAt !== null) return false
    last.status = status
    this.#close(at)
    return true
  }

  /** Takes in what was recorded after this one, by another life of the service. */
  follow(later: JobHistory): this {
    if (later.#count > 0 && (later.#bytes[0] ?? 0) < this.newestBytes) this.#close(later.#times[0] ?? 0)
    for (let i = 0; i < later.#count; i += 1)
      this.#point(later.#times[i] ?? 0, later.#bytes[i] ?? 0, later.#percents[i] ?? 0)
    for (const { stage, status, startedAt, endedAt } of later.#stages) {
      this.#enter(startedAt, stage, status)
      if (endedAt !== null) this.#close(endedAt)
    }
    this.#stagesDropped += later.#stagesDropped
    return this
  }

  /** Oldest first, in strictly rising time. */
  points(): readonly HistoryPoint[] {
    return Array.from({ length: this.#count }, (_, i) => ({
      at: this.#times[i] ?? 0,
      bytes: this.#bytes[i] ?? 0,
      percent: (this.#percents[i] ?? 0) / 100,
      rateBps: this.#rate(i),
    }))
  }

  encode(): string {
    const record: HistoryRecord = {
      v: 1,
      r: this.#resolutionMs,
      t: steps(this.#times, this.#count),
      b: steps(this.#bytes, this.#count),
      p: [...this.#percents.subarray(0, this.#count)],
      s: this.#stages.map(({ stage, status, startedAt, endedAt }) => [stage, status, startedAt, endedAt]),
      x: this.#stagesDropped,
    }
    return JSON.stringify(record)
  }

  /** True when the point got a place of its own. A clock that was set back stands still here until it has caught up. */
  #point(given: number, bytes: number, percent: number): boolean {
    const last = this.#count - 1
    const before = this.#times[last] ?? given - 1
    // The first point and both sides of a break stay as they were.
    const open = last > 0 && bytes >= (this.#bytes[last] ?? 0) && !this.#falls(last)
    const at = Math.max(given, open ? before : before + 1)
    const replaces = open && this.#slot(at) === this.#slot(before)
    if (!replaces && this.#count === MAX_POINTS) {
      this.#shrink()
      return this.#point(at, bytes, percent)
    }
    this.#set(replaces ? last : this.#count, at, bytes, percent)
    if (!replaces) this.#count += 1
    return !replaces
  }

  #set(i: number, at: number, bytes: number, percent: number): void {
    this.#times[i] = at
    this.#bytes[i] = bytes
    this.#percents[i] = percent
  }

  #slot(at: number): number {
    return Math.floor((at - (this.#times[0] ?? 0)) / this.#resolutionMs)
  }

  /** A new run began with this point. */
  #falls(i: number): boolean {
    return i > 0 && (this.#bytes[i] ?? 0) < (this.#bytes[i - 1] ?? 0)
  }

  #rate(i: number): number | null {
    if (i === 0 || this.#falls(i)) return null
    const ms = (this.#times[i] ?? 0) - (this.#times[i - 1] ?? 0)
    return Math.round((((this.#bytes[i] ?? 0) - (this.#bytes[i - 1] ?? 0)) * 1_000) / ms)
  }

  /** Doubles the resolution until there is room; ends at the latest when one slot spans everything. */
  #shrink(): void {
    while (this.#count > SHRUNK_POINTS) {
      this.#resolutionMs *= 2
      this.#merge()
    }
  }

  /** Of each slot the newest point stays; so do the first of all, the newest of all, and both sides of a break. */
  #merge(): void {
    let breaks = 0
    for (let i = 1; i < this.#count; i += 1) if (this.#falls(i)) breaks += 1
    const kept: number[] = []
    for (let i = 0; i < this.#count; i += 1) {
      const newestOfSlot = this.#slot(this.#times[i] ?? 0) !== this.#slot(this.#times[i + 1] ?? 0)
      const atBreak = breaks <= MAX_BREAKS && (this.#falls(i) || (i + 1 < this.#count && this.#falls(i + 1)))
      if (i === 0 || i === this.#count - 1 || newestOfSlot || atBreak) kept.push(i)
    }
    kept.forEach((from, to) => this.#set(to, this.#times[from] ?? 0, this.#bytes[from] ?? 0, this.#percents[from] ?? 0))
    this.#count = kept.length
  }

  /** True when the timeline has a new entry or the present one another status. */
  #enter(at: number, stage: string, status: JobStatus): boolean {
    if (stage === '') return false
    const last = this.#stages.at(-1)
    const word = stage.length > MAX_STAGE_LENGTH ? stage.slice(0, MAX_STAGE_LENGTH) : stage
    if (last !== undefined && last.endedAt === null && last.stage === word) {
      const changed = last.status !== status
      last.status = status
      return changed
    }
    this.#close(at)
    const startedAt = Math.max(at, last?.endedAt ?? at)
    if (this.#stages.length === MAX_STAGES) {
      this.#stages.splice(1, 1)
      this.#stagesDropped += 1
    }
    this.#stages.push({ stage: word, status, startedAt, endedAt: null })
    return true
  }

  #close(at: number): void {
    const last = this.#stages.at(-1)
    if (last !== undefined && last.endedAt === null) last.endedAt = Math.max(at, last.startedAt)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whole bytes within what a number holds exactly. */
function whole(bytes: number): number {
  return bytes > 0 ? Math.min(Math.trunc(bytes), Number.MAX_SAFE_INTEGER) : 0
}

function hundredths(percent: number): number {
  return percent > 0 ? Math.min(MAX_PERCENT, Math.round(percentForRow(percent) * 100)) : 0
}
