/** A slot is a small number that the threads and the machines know a poll's subject by; given back, it is used again. */

export class Slots {
  readonly #free: number[] = []
  #next = 0

  take(): number {
    return this.#free.pop() ?? this.#next++
  }

  giveBack(slot: number): void {
    this.#free.push(slot)
  }
}
