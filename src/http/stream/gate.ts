/** Who gets in, and with which subprotocol (WS-5). Decided before the upgrade, from headers and query alone. */

import { errorAnswer, unauthorized } from '../answers.ts'
import { bearerOf } from '../auth.ts'
import type { Authenticate, Verified } from '../authenticate.ts'
import type { HttpAnswer } from '../route.ts'
import type { UpgradeRequest } from '../websocket.ts'
import type { Format } from './codec.ts'
import type { Tickets } from './tickets.ts'

const PROTOCOLS: Readonly<Record<string, Format>> = {
  'sightline.v1.json': 'json',
  'sightline.v1.msgpack': 'msgpack',
}
const BEARER = 'sightline.bearer.'

export interface GateOptions {
  readonly authenticate: Authenticate
  readonly tickets: Tickets
  /** Origins such as `https://gui.example:8443` whose pages may connect, besides this host's own; `*`: any. */
  readonly origins: readonly string[]
  readonly now: () => number
}

/** Let in. */
export interface Admitted {
  /** Epoch ms from which on what let it in is good no more. */
  readonly expiresAt: number
}

type Credentials = Pick<UpgradeRequest, 'authorization' | 'origin' | 'host' | 'query'> & {
  readonly protocols?: readonly string[]
}

export class Gate {
  readonly #options: GateOptions

  constructor(options: GateOptions) {
    this.#options = options
  }

  /**
   * Or the answer that refuses it. The origin comes first, so that a foreign page does not use up a ticket. At once for all
   * but a JWT that was not seen before.
   */
  admit(credentials: Credentials): Admitted | HttpAnswer | Promise<Admitted | HttpAnswer> {
    const { authorization, protocols = [], origin, host, query } = credentials
    const now = this.#options.now()
    if (!this.isOrigin(origin, host)) {
      const details = 'pages of this origin may not connect; OMA_STREAM_ORIGINS names those that may'
      return errorAnswer(403, 'origin not allowed', now, { details })
    }
    const bearer = protocols.find((name) => name.startsWith(BEARER))?.slice(BEARER.length)
    const tokens = [bearerOf(authorization), bearer].filter((token) => token !== undefined)
    const verdicts = tokens.map((token) => this.#options.authenticate(token))
    const admitted = longest(verdicts.filter((verdict): verdict is Verified => !(verdict instanceof Promise)))
    if (admitted !== undefined) return admitted
    const waiting = verdicts.filter((verdict) => verdict instanceof Promise)
    if (waiting.length === 0) return this.#admitByTicket(query)
    return Promise.all(waiting).then((all) => longest(all) ?? this.#admitByTicket(query))
  }

  #admitByTicket(query: string): Admitted | HttpAnswer {
    const now = this.#options.now()
    const ticket = new URLSearchParams(query).get('ticket')
    const expiresAt = ticket === null ? undefined : this.#options.tickets.redeem(ticket, now)
    return expiresAt === undefined ? unauthorized(now) : { expiresAt }
  }

  /** Clients that are no browser send no origin; a page of this very host is as good as none. */
  isOrigin(origin: string, host: string): boolean {
    const { origins } = this.#options
    if (origin === '' || origins.includes('*') || origins.includes(origin.toLowerCase())) return true
    return URL.canParse(origin) && new URL(origin).host === host.toLowerCase()
  }

  /**
   * The first subprotocol offered that we speak, and the format it means; JSON where none is asked for. A browser drops a
   * connection that answers with none of those it offered: one that offers its token alone gets that back.
   */
  chosen(offered: readonly string[]): { readonly protocol: string; readonly format: Format } | HttpAnswer {
    for (const protocol of offered) {
      const format = Object.hasOwn(PROTOCOLS, protocol) ? PROTOCOLS[protocol] : undefined
      if (format !== undefined) return { protocol, format }
    }
    const [first] = offered
    if (first === undefined) return { protocol: '', format: 'json' }
    if (first.startsWith(BEARER)) return { protocol: first, format: 'json' }
    const details = `known: ${Object.keys(PROTOCOLS).join(', ')}`
    return errorAnswer(400, 'unknown subprotocol', this.#options.now(), { details })
  }
}

/** Of several tokens the one that is good for longest counts; undefined when none may read. */
function longest(verdicts: readonly Verified[]): Admitted | undefined {
  const readers = verdicts.flatMap((verdict) => (verdict.ok && verdict.scopes.has('read') ? [verdict.expiresAt] : []))
  return readers.length === 0 ? undefined : { expiresAt: Math.max(...readers) }
}
