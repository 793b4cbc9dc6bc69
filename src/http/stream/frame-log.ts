/** The recent frames of one topic, gapless, bounded by count and bytes; and its sequence. */

import type { SharedFrame } from './codec.ts'
import type { Position } from './frames.ts'
import type { LogLimits } from './limits.ts'

export class FrameLog {
  readonly #limits: LogLimits
  #frames: { readonly shared: SharedFrame; readonly size: number }[] = []
  #head = 0
  #bytes = 0
  #newest: number

  /** `base`: the seq that the first frame follows. */
  constructor(base: number, limits: LogLimits) {
    this.#newest = base
    this.#limits = limits
  }

  /** The seq of the last frame; of the base when there was none yet. */
  get newest(): number {
    return this.#newest
  }

  get bytes(): number {
    return this.#bytes
  }

  get length(): number {
    return this.#frames.length - this.#head
  }

  /** The frame's seq is `newest` + 1. The oldest ones go when there are too many, the new one too when it alone is. */
  push(shared: SharedFrame): void {
    const { size } = shared
    this.#newest += 1
    this.#frames.push({ shared, size })
    this.#bytes += size
    while (this.length > this.#limits.frames || this.#bytes > this.#limits.bytes) this.#dropOldest()
  }

  /** The frames after a seq, or undefined when some of them are gone or the seq has not been yet. */
  after(seq: number): readonly SharedFrame[] | undefined {
    const missed = this.#newest - seq
    if (missed < 0 || missed > this.length) return undefined
    return this.#frames.slice(this.#frames.length - missed).map(({ shared }) => shared)
  }

  #dropOldest(): void {
    this.#bytes -= this.#frames[this.#head]?.size ?? 0
    this.#head += 1
    // Half of it is dead: moving the rest costs less than what came in since the last time.
    if (this.#head * 2 > this.#frames.length) {
      this.#frames = this.#frames.slice(this.#head)
      this.#head = 0
    }
  }
}

/** What a returning client missed (WS-2); undefined: that is gone, or was never, and it needs a snapshot. */
export function missedSince(
  log: FrameLog,
  epoch: string,
  since: Position | null | undefined,
): readonly SharedFrame[] | undefined {
  return since?.epoch === epoch ? log.after(since.seq) : undefined
}
