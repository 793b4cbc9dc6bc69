/** The log level while the service runs: raised for a while, or by a signal until the next one. */

import { tell } from './events.ts'
import type { Logger } from './log.ts'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** A timer holds at most 2^31 - 1 ms. */
export const MAX_FOR_MS = 24 * 3_600_000

export interface LevelView {
  readonly level: string
  /** Of the settings. */
  readonly configured: string
  /** Epoch ms at which it is that of the settings again; undefined while it is, or until a signal says so. */
  readonly until: number | undefined
}

export interface LevelTimers {
  /** Epoch ms. */
  now(): number
  /** Does not keep the process alive. */
  set(work: () => void, ms: number): unknown
  clear(timer: unknown): void
}

const REAL_TIMERS: LevelTimers = {
  now: Date.now,
  set: (work, ms) => setTimeout(work, ms).unref(),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

export class LogLevels {
  readonly #log: Logger
  readonly #timers: LevelTimers
  readonly #configured: string
  #until: number | undefined
  #timer: unknown

  /** The logger's present level is that of the settings. */
  constructor(log: Logger, timers: LevelTimers = REAL_TIMERS) {
    this.#log = log
    this.#timers = timers
    this.#configured = log.level
  }

  view(): LevelView {
    return { level: this.#log.level, configured: this.#configured, until: this.#until }
  }

  /** For `forMs` (at most `MAX_FOR_MS`), then that of the settings again. */
  set(level: LogLevel, forMs: number): void {
    const ms = level === this.#configured ? undefined : Math.min(forMs, MAX_FOR_MS)
    this.#change(level, ms)
    if (ms === undefined) return
    this.#until = this.#timers.now() + ms
    this.#timer = this.#timers.set(() => this.#change(this.#configured), ms)
  }

  /** `debug`, or that of the settings again. */
  toggle(): void {
    this.#change(this.#log.level === this.#configured ? 'debug' : this.#configured)
  }

  close(): void {
    this.#forget()
    this.#log.level = this.#configured
  }

  #change(level: string, forMs?: number): void {
    this.#forget()
    const from = this.#log.level
    this.#log.level = level
    tell(this.#log, 'log.level', { from, to: level, for_ms: forMs ?? null })
  }

  #forget(): void {
    this.#timers.clear(this.#timer)
    this.#timer = undefined
    this.#until = undefined
  }
}
