/** What the stream counts; metrics read it. */

import type { Format } from './codec.ts'
import type { ServerFrame } from './frames.ts'

export interface StreamStatsJson {
  readonly clients: number
  readonly topics: number
  /** Frames sent, by type and format. */
  readonly frames: readonly { readonly type: ServerFrame['type']; readonly format: Format; readonly count: number }[]
  /** How often a client fell behind in a topic. */
  readonly collapses: number
  /** Events that clients which were behind did not get; the state they got says the same. */
  readonly conflated_events: number
  /** Clients closed because they did not drain. */
  readonly slow_closed: number
  /** Clients closed because their token had expired. */
  readonly expired_closed: number
  readonly bad_frames: number
}

export class StreamStats {
  /** By format, then by type: it is counted for every frame of every client. */
  readonly #frames: Readonly<Record<Format, Map<ServerFrame['type'], number>>> = { json: new Map(), msgpack: new Map() }
  collapses = 0
  conflatedEvents = 0
  slowClosed = 0
  expiredClosed = 0
  badFrames = 0

  sent(type: ServerFrame['type'], format: Format): void {
    const counts = this.#frames[format]
    counts.set(type, (counts.get(type) ?? 0) + 1)
  }

  read(now: { readonly clients: number; readonly topics: number }): StreamStatsJson {
    return {
      ...now,
      frames: [...this.#of('json'), ...this.#of('msgpack')],
      collapses: this.collapses,
      conflated_events: this.conflatedEvents,
      slow_closed: this.slowClosed,
      expired_closed: this.expiredClosed,
      bad_frames: this.badFrames,
    }
  }

  #of(format: Format): StreamStatsJson['frames'] {
    return Array.from(this.#frames[format], ([type, count]) => ({ type, format, count }))
  }
}
