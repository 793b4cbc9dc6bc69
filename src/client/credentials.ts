/** How a websocket is let in (WS-5): by the token as a subprotocol, or by a one-time ticket in the URL. */

import type { Rest } from './rest.ts'

const BEARER = 'sightline.bearer.'
/** What a subprotocol may be made of (RFC 6455 by RFC 9110); a token with `/` or `=` needs a ticket. */
const SUBPROTOCOL = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

export interface Credentials {
  readonly protocols: readonly string[]
  /** `?ticket=…` or nothing. */
  readonly query: string
}

/** `ticket`: where tickets come from when the page has no token of its own. */
export async function credentialsFor(rest: Rest, ticket: (() => Promise<string>) | undefined): Promise<Credentials> {
  if (ticket !== undefined) return byTicket(await ticket())
  const token = await rest.token()
  if (token !== undefined && SUBPROTOCOL.test(token)) return { protocols: [BEARER + token], query: '' }
  return byTicket((await rest.newTicket()).ticket)
}

function byTicket(ticket: string): Credentials {
  return { protocols: [], query: `?ticket=${encodeURIComponent(ticket)}` }
}
