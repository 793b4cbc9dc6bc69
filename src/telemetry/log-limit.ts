/**
 * The same trouble a thousand times a second says no more than once, and fills disks. A warning or error that was written
 * `limit` times within a minute is left out for the rest of that minute and then told in one line: how often it came.
 * "The same" is level, message and error code; whose job it was does not matter. JobLog keeps each job's own.
 */

import type { Logger, LogFn } from 'pino'

const WINDOW_MS = 60_000
/** Messages are words of ours and codes those of the system: far fewer. What is beyond shares one allowance. */
const MAX_KINDS = 1_000
const OTHERS = 'others'

const LEVELS = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' } as const
export const LOG_LEVEL_NAMES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
type LevelName = (typeof LOG_LEVEL_NAMES)[number]

type Counts = Record<LevelName, number>

export interface LimitTimers {
  /** Milliseconds of a clock that never jumps. */
  now(): number
  /** Does not keep the process alive. */
  set(work: () => void, ms: number): unknown
  clear(timer: unknown): void
}

const REAL_TIMERS: LimitTimers = {
  now: () => performance.now(),
  set: (work, ms) => setTimeout(work, ms).unref(),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

interface Kind {
  readonly log: Logger
  readonly level: 'warn' | 'error'
  readonly message: string
  readonly code: string | undefined
  readonly since: number
  count: number
  suppressed: number
}

export class LogLimit {
  readonly #limit: number
  readonly #timers: LimitTimers
  readonly #kinds = new Map<string, Kind>()
  #timer: unknown
  #isTelling = false
  readonly written: Counts = noLines()
  readonly suppressed: Counts = noLines()

  /** 0: nothing is left out, but lines are counted. */
  constructor(limit: number, timers: LimitTimers = REAL_TIMERS) {
    this.#limit = limit
    this.#timers = timers
  }

  /** pino's hook: every line of a level that is on comes through here. */
  readonly logMethod = (log: Logger, args: Parameters<LogFn>, method: LogFn, level: number): void => {
    const name = LEVELS[level as keyof typeof LEVELS] ?? 'info'
    if ((name === 'warn' || name === 'error') && !this.#admits(log, name, args)) {
      this.suppressed[name] += 1
      return
    }
    this.written[name] += 1
    method.apply(log, args)
  }

  /** What was left out so far is told. */
  close(): void {
    this.#timers.clear(this.#timer)
    this.#timer = undefined
    for (const kind of this.#kinds.values()) this.#tell(kind)
    this.#kinds.clear()
  }

  #admits(log: Logger, level: Kind['level'], args: readonly unknown[]): boolean {
    if (this.#limit === 0 || this.#isTelling) return true
    const now = this.#timers.now()
    const [message, code] = saysOf(args)
    const own = `${level} ${code ?? ''} ${message}`
    const isKnown = this.#kinds.has(own) || this.#makesRoom(now)
    const key = isKnown ? own : OTHERS
    let kind = this.#kinds.get(key)
    if (kind === undefined || now - kind.since >= WINDOW_MS) {
      if (kind !== undefined) this.#tell(kind)
      const told = isKnown ? { message, code } : { message: 'further kinds of lines', code: undefined }
      kind = { log, level, ...told, since: now, count: 0, suppressed: 0 }
      this.#kinds.set(key, kind)
    }
    kind.count += 1
    if (kind.count <= this.#limit) return true
    kind.suppressed += 1
    this.#timer ??= this.#timers.set(() => this.#sweep(), kind.since + WINDOW_MS - now)
    return false
  }

  /** False: there is none. */
  #makesRoom(now: number): boolean {
    if (this.#kinds.size < MAX_KINDS) return true
    for (const [key, { since, suppressed }] of this.#kinds) {
      if (suppressed === 0 && now - since >= WINDOW_MS) this.#kinds.delete(key)
    }
    return this.#kinds.size < MAX_KINDS
  }

  /** Tells what is due, and waits for what is not. */
  #sweep(): void {
    this.#timer = undefined
    const now = this.#timers.now()
    let next = Infinity
    for (const [key, kind] of this.#kinds) {
      const left = kind.since + WINDOW_MS - now
      if (left <= 0) {
        this.#kinds.delete(key)
        this.#tell(kind)
      } else if (kind.suppressed > 0) next = Math.min(next, left)
    }
    if (next < Infinity) this.#timer ??= this.#timers.set(() => this.#sweep(), next)
  }

  #tell({ log, level, message, code, since, suppressed }: Kind): void {
    if (suppressed === 0) return
    const ms = Math.min(WINDOW_MS, this.#timers.now() - since)
    const about = { repeated: suppressed, ...(code === undefined ? {} : { code }) }
    this.#isTelling = true
    log[level](about, `${message}: ${suppressed} more in ${Math.max(1, Math.round(ms / 1_000))} s`)
    this.#isTelling = false
  }
}

function noLines(): Counts {
  return { trace: 0, debug: 0, info: 0, warn: 0, error: 0, fatal: 0 }
}

/** Message and code of what a logger was called with: `(fields, message)`, `(message)` or `(error)`. */
function saysOf(args: readonly unknown[]): readonly [message: string, code: string | undefined] {
  const [first, second] = args
  if (typeof first !== 'object' || first === null) return [String(first), undefined]
  const err = first instanceof Error ? first : 'err' in first ? first.err : undefined
  const code = codeOf(err) ?? codeOf(first)
  if (typeof second === 'string') return [second, code]
  return [err instanceof Error ? err.message : '', code]
}

function codeOf(of: unknown): string | undefined {
  return typeof of === 'object' && of !== null && 'code' in of && typeof of.code === 'string' ? of.code : undefined
}
