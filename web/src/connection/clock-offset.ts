/**
 * How far the OMA's clock is from ours, by the Date of its answers. Ages are counted from its times: by a browser's clock
 * that is five minutes off a job that moves would look silent.
 */

/** Date tells whole seconds, and an answer takes a while: less than this is no difference. */
const NOTICED_MS = 2_000

export class ClockOffset {
  #ms = 0

  /** `fetch` that looks at each answer's Date. */
  watching(ask: typeof fetch, now: () => number): typeof fetch {
    return async (input, init) => {
      const answer = await ask(input, init)
      this.hear(answer.headers.get('date'), now())
      return answer
    }
  }

  hear(date: string | null, now: number): void {
    const at = date === null ? Number.NaN : Date.parse(date)
    if (Number.isNaN(at)) return
    const ms = at + 500 - now
    this.#ms = Math.abs(ms) < NOTICED_MS ? 0 : ms
  }

  /** Epoch ms by the OMA's clock. */
  at(now: number): number {
    return now + this.#ms
  }
}
