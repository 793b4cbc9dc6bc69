/**
 * Server-sent events, for where websockets do not pass: the same JSON frames, one an event. An event's id holds the
 * client's position in every topic, in the order in which the URL names them: `<epoch>:<seq>,<seq>`; a browser sends
 * the last one back as `Last-Event-ID` when it reconnects.
 */

import type { ByteSink } from '../route.ts'
import type { Connection } from './client.ts'
import type { Position, ServerFrame } from './frames.ts'
import type { Topic } from './topics.ts'

/** A browser comes back after this long. */
const RETRY = Buffer.from('retry: 2000\n\n')
const KEEP_ALIVE = Buffer.from(':\n\n')
const END = Buffer.from('\n\n')

export class SseConnection implements Connection {
  readonly #sink: ByteSink
  readonly #seqs: Map<string, number | undefined>

  /** `since`: the positions that the client has come back with. */
  constructor(sink: ByteSink, topics: readonly Topic[], since: readonly (Position | undefined)[]) {
    this.#sink = sink
    this.#seqs = new Map(topics.map(({ name }, i) => [name, since[i]?.seq]))
    sink.write(RETRY)
  }

  send(bytes: Uint8Array, frame: ServerFrame): void {
    this.#sink.write(Buffer.concat([Buffer.from(`${this.#idLine(frame)}data: `), bytes, END]))
  }

  bufferedAmount(): number {
    return this.#sink.bufferedAmount()
  }

  batch(write: () => void): void {
    write()
  }

  close(): void {
    this.#sink.end()
  }

  keepAlive(): void {
    this.#sink.write(KEEP_ALIVE)
  }

  /** A topic that has sent nothing yet has no position: its place is left empty, and it starts with a snapshot. */
  #idLine(frame: ServerFrame): string {
    if (!('seq' in frame)) return ''
    this.#seqs.set(frame.topic, frame.seq)
    return `id: ${frame.epoch}:${[...this.#seqs.values()].map((seq) => seq ?? '').join(',')}\n`
  }
}

/** The positions of `count` topics; undefined for each where the id tells none. */
export function positionsOf(lastEventId: string, count: number): readonly (Position | undefined)[] {
  const [, epoch, list = ''] = /^([^:]{1,64}):([\d,]{0,8192})$/.exec(lastEventId) ?? []
  const seqs = list.split(',')
  return Array.from({ length: count }, (_, i) => {
    const seq = seqs.length === count ? seqs[i] : undefined
    return epoch === undefined || !seq || !Number.isSafeInteger(Number(seq)) ? undefined : { epoch, seq: Number(seq) }
  })
}
