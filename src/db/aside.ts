import type { Executor } from './executor.ts'
import { messageOf } from './faults.ts'
import type { WriteContext } from './roll-up.ts'

/** DB-4: writes that may fail without the transaction they stand in. */
export class Aside {
  readonly #on: Executor
  readonly #ctx: WriteContext
  readonly #faults = new Set<string>()

  constructor(on: Executor, ctx: WriteContext) {
    this.#on = on
    this.#ctx = ctx
  }

  /** Throws what passes with time: then the whole transaction is tried again. */
  async try(work: () => Promise<void>): Promise<void> {
    await this.#on.run('savepoint aside')
    try {
      await work()
    } catch (cause) {
      if (this.#ctx.isRetryable(cause)) throw cause
      await this.#on.run('rollback to savepoint aside')
      this.#faults.add(messageOf(cause))
    }
    await this.#on.run('release savepoint aside')
  }

  get report(): { readonly diskError?: string } {
    return this.#faults.size === 0 ? {} : { diskError: [...this.#faults].join('; ') }
  }
}
