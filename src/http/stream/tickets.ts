/**
 * One-time tickets (WS-5): a browser cannot send a header with a websocket, and a token in a URL would stay in logs and
 * histories; a ticket there is worth nothing after its one use, or after 30 s. Kept by digest, so that the time a
 * look-up takes tells nothing of another's ticket.
 */

import { createHash } from 'node:crypto'

const LIFETIME_MS = 30_000
/** Past it the oldest one goes: whoever may ask for tickets has a token. */
const MAX_TICKETS = 10_000

export class Tickets {
  /** Digest → when it ends; in the order of their ends. */
  readonly #open = new Map<string, number>()

  /** `ticket`: what nobody can guess. Returns when it ends, epoch ms. */
  issue(ticket: string, now: number): number {
    this.#sweep(now)
    const expiresAt = now + LIFETIME_MS
    this.#open.set(digestOf(ticket), expiresAt)
    return expiresAt
  }

  /** True the first time, within its life. */
  redeem(ticket: string, now: number): boolean {
    const digest = digestOf(ticket)
    const expiresAt = this.#open.get(digest)
    this.#open.delete(digest)
    return expiresAt !== undefined && now < expiresAt
  }

  #sweep(now: number): void {
    for (const [digest, expiresAt] of this.#open) {
      if (now < expiresAt && this.#open.size < MAX_TICKETS) return
      this.#open.delete(digest)
    }
  }
}

function digestOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64')
}
