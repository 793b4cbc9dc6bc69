/**
 * Results on their way to the main thread: those of a few milliseconds in one message, as a message costs some 20 µs on
 * both sides together, whatever it holds. A result that differs from the job's last one in numbers only goes as these numbers.
 */

import type { MessagePort } from 'node:worker_threads'
import type { JobProgress } from '../model/progress.ts'
import { differsInNumbersOnly, numbersOf, PACKED_HEAD, writeNumbers } from '../model/progress-numbers.ts'
import type { FromFetch, PollResult, SeatedResult } from './protocol.ts'

/** Most results in one message: a large burst must not make the main thread read one large message. */
const CHUNK = 128
/** A result waits at most so long for company: with 5 000 polls a second there are 25 in a message. */
const GATHER_MS = 5

interface Packed {
  readonly slot: number
  readonly seat: number
  readonly progress: JobProgress
  readonly pushed: boolean
}

function later(flush: () => void): void {
  setTimeout(flush, GATHER_MS)
}

export class Outbox {
  readonly #port: Pick<MessagePort, 'postMessage'>
  /** By slot: who sits there, and what was told whole last: its words are what the main thread knows. */
  readonly #seats: number[] = []
  readonly #told: (JobProgress | undefined)[] = []
  #whole: SeatedResult[] = []
  #packed: Packed[] = []
  /** By slot: the message that its last result is in. Whole ones are read first, so two of a slot go in two messages. */
  readonly #inMessage: number[] = []
  #message = 0
  #scheduled = false
  readonly #gather: (flush: () => void) => void

  /** `gather` runs a flush when results have waited long enough for company. */
  constructor(port: Pick<MessagePort, 'postMessage'>, gather: (flush: () => void) => void = later) {
    this.#port = port
    this.#gather = gather
  }

  /** Results of the slot are of this seat from now on. */
  seat(slot: number, seat: number): void {
    if (this.#seats[slot] === seat) return
    this.#seats[slot] = seat
    this.#told[slot] = undefined
  }

  add(result: PollResult): void {
    const seat = this.#seats[result.slot] ?? 0
    if (this.#inMessage[result.slot] === this.#message) this.#flush()
    this.#inMessage[result.slot] = this.#message
    if (result.ok) this.#addProgress(result, seat)
    else this.#whole.push({ ...result, seat })
    if (this.#whole.length + this.#packed.length >= CHUNK) this.#flush()
    else if (!this.#scheduled) {
      this.#scheduled = true
      this.#gather(() => {
        this.#scheduled = false
        this.#flush()
      })
    }
  }

  #addProgress(result: Extract<PollResult, { ok: true }>, seat: number): void {
    const { slot, progress, pushed = false } = result
    const told = this.#told[slot]
    if (told !== undefined && differsInNumbersOnly(told, progress)) this.#packed.push({ slot, seat, progress, pushed })
    else {
      this.#told[slot] = progress
      this.#whole.push({ ...result, seat })
    }
  }

  #flush(): void {
    if (this.#whole.length === 0 && this.#packed.length === 0) return
    const numbers = pack(this.#packed)
    const message: FromFetch = { type: 'results', whole: this.#whole, numbers }
    this.#whole = []
    this.#packed = []
    this.#message += 1
    this.#port.postMessage(message, [numbers.buffer])
  }
}

/** `PACKED_HEAD` and the numbers of each, one after the other. */
function pack(results: readonly Packed[]): Float64Array<ArrayBuffer> {
  let size = 0
  for (const { progress } of results) size += PACKED_HEAD + numbersOf(progress)
  const numbers = new Float64Array(size)
  let at = 0
  for (const { slot, seat, progress, pushed } of results) {
    const count = numbersOf(progress)
    numbers[at] = slot
    numbers[at + 1] = seat
    numbers[at + 2] = count
    numbers[at + 3] = pushed ? 1 : 0
    writeNumbers(progress, numbers, at + PACKED_HEAD)
    at += PACKED_HEAD + count
  }
  return numbers
}
