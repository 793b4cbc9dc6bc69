/**
 * One-time tickets (WS-5): a browser cannot send a header with a websocket, and a token in a URL would stay in logs and
 * histories; a ticket there is worth nothing after its one use, or after 30 s. Kept by digest, so that the time a
 * look-up takes tells nothing of another's ticket.
 */

import { createHash } from 'node:crypto'

const LIFETIME_MS = 30_000
/** Past it the oldest one goes: whoever may ask for tickets has a token. */
const MAX_TICKETS = 10_000

interface Open {
  /** Epoch ms, both. */
  readonly expiresAt: number
  readonly bearerExpiresAt: number
}

export class Tickets {
  /** By digest; in the order of their making. */
  readonly #open = new Map<string, Open>()

  /** `ticket`: what nobody can guess. No ticket outlives the token of its bearer. Returns when it ends, epoch ms. */
  issue(ticket: string, now: number, bearerExpiresAt = Infinity): number {
    this.#sweep(now)
    const expiresAt = Math.min(now + LIFETIME_MS, bearerExpiresAt)
    this.#open.set(digestOf(ticket), { expiresAt, bearerExpiresAt })
    return expiresAt
  }

  /** The first time, within its life: when the token that it was given for ends, epoch ms. Else undefined. */
  redeem(ticket: string, now: number): number | undefined {
    const digest = digestOf(ticket)
    const open = this.#open.get(digest)
    this.#open.delete(digest)
    return open !== undefined && now < open.expiresAt ? open.bearerExpiresAt : undefined
  }

  #sweep(now: number): void {
    for (const [digest, { expiresAt }] of this.#open) {
      if (now < expiresAt && this.#open.size < MAX_TICKETS) return
      this.#open.delete(digest)
    }
  }
}

function digestOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64')
}
