/**
 * A job's progress is one object as long as only its numbers change: whoever keeps it keeps what is newest.
 *
 * Who sits on which slot of a fetch thread. A slot is given to another job while an answer for the one before is still on its
 * way over: by its seat, a number that is never used again, such an answer is known and left. And the other end of
 * workers/outbox.ts: numbers become results again by what was told of the seat before.
 */

import type { JobProgress } from '../model/progress.ts'
import { PACKED_HEAD, readNumbers } from '../model/progress-numbers.ts'
import type { FetchTarget, PollResult, SeatedResult, SeatedTarget } from '../workers/protocol.ts'

interface Seat {
  readonly number: number
  target: FetchTarget
  told: JobProgress | undefined
}

export class Seats {
  readonly #bySlot = new Map<number, Seat>()
  #last = 0

  /** A job that is told of anew keeps its seat. */
  take(target: FetchTarget): SeatedTarget {
    let seat = this.#bySlot.get(target.slot)
    if (seat?.target.jobId === target.jobId) seat.target = target
    else {
      this.#last += 1
      seat = { number: this.#last, target, told: undefined }
      this.#bySlot.set(target.slot, seat)
    }
    return { ...target, seat: seat.number }
  }

  /** False: nobody sat there. */
  leave(slot: number): boolean {
    return this.#bySlot.delete(slot)
  }

  /** For a thread that takes over. */
  all(): SeatedTarget[] {
    return [...this.#bySlot.values()].map(({ number, target }) => ({ ...target, seat: number }))
  }

  /** What is of those who sit here now. */
  unpack(whole: readonly SeatedResult[], numbers: Float64Array): PollResult[] {
    const results: PollResult[] = []
    for (const result of whole) {
      const seat = this.#seatOf(result.slot, result.seat)
      if (seat === undefined) continue
      if (result.ok) seat.told = result.progress
      results.push(result)
    }
    for (let at = 0; at < numbers.length; at += PACKED_HEAD + (numbers[at + 2] ?? 0)) {
      const slot = numbers[at] ?? -1
      const seat = this.#seatOf(slot, numbers[at + 1])
      if (seat?.told === undefined) continue
      readNumbers(seat.told, numbers, at + PACKED_HEAD)
      const result = { slot, ok: true, progress: seat.told } as const
      results.push(numbers[at + 3] === 1 ? { ...result, pushed: true } : result)
    }
    return results
  }

  #seatOf(slot: number, number: number | undefined): Seat | undefined {
    const seat = this.#bySlot.get(slot)
    return seat?.number === number ? seat : undefined
  }
}
