/** The client of the OMA's stream and REST, for browsers and Node 22 (CLIENT-1; docs/stream.md). */

import { credentialsFor } from './credentials.ts'
import { Link, type ConnectionState } from './link.ts'
import { openSocket, systemTimers, type OpenSocket, type Timers } from './ports.ts'
import { JSON_CODEC, type Codec, type Position, type ServerFrame, type Topic } from './protocol.ts'
import { Rest, type RestOptions } from './rest.ts'
import { TopicView, type Unlisten } from './topic-view.ts'

export interface ClientOptions extends RestOptions {
  /** One-time tickets, where the page holds no token: called before each connection. */
  readonly ticket?: (() => Promise<string>) | undefined
  /** JSON unless told otherwise; `messagePackCodec(msgpackr)` needs a sixth fewer bytes. */
  readonly codec?: Codec | undefined
  readonly openSocket?: OpenSocket | undefined
  readonly timers?: Timers | undefined
  /** 0..1, for the backoff. */
  readonly random?: (() => number) | undefined
}

type Problem = { readonly error: string; readonly details?: string | undefined }

export class SightlineClient {
  readonly rest: Rest
  readonly #link: Link
  readonly #timers: Timers
  readonly #topics = new Map<string, TopicView>()
  readonly #stateListeners = new Set<(state: ConnectionState) => void>()
  readonly #problemListeners = new Set<(problem: Problem) => void>()

  constructor(options: ClientOptions) {
    const { url, ticket, codec = JSON_CODEC, timers = systemTimers, random = Math.random } = options
    const rest = new Rest(options)
    this.rest = rest
    this.#timers = timers
    this.#link = new Link({
      url: `${url.replace(/^http/, 'ws').replace(/\/+$/, '')}/api/v1/stream`,
      codec,
      credentials: async () => await credentialsFor(rest, ticket),
      probe: async () => await (ticket ?? (() => rest.newTicket()))(),
      openSocket: options.openSocket ?? openSocket,
      timers,
      random,
      onOpen: () => this.#resume(),
      onFrame: (frame) => this.#hear(frame),
      onState: (state) => {
        for (const listener of this.#stateListeners) listener(state)
      },
    })
  }

  get connection(): ConnectionState {
    return this.#link.state
  }

  /** Tells every change of the connection, and its state now. */
  onConnection(listener: (state: ConnectionState) => void): Unlisten {
    this.#stateListeners.add(listener)
    listener(this.connection)
    return () => void this.#stateListeners.delete(listener)
  }

  /** What the server did not take, such as a topic too many. */
  onProblem(listener: (problem: Problem) => void): Unlisten {
    this.#problemListeners.add(listener)
    return () => void this.#problemListeners.delete(listener)
  }

  /** Follows a topic; connects if need be. Asked for twice, it is the same one. */
  topic(name: Topic): TopicView {
    const known = this.#topics.get(name)
    if (known !== undefined) return known
    const view = new TopicView(
      name,
      () => this.#timers.now(),
      () => this.connection.name === 'live',
      () => this.#unfollow(name),
    )
    this.#topics.set(name, view)
    if (!this.#subscribe([name]) && this.connection.name === 'idle') this.#link.connect()
    return view
  }

  /** Connects now: the network is back, or there is a new token. */
  retry(): void {
    this.#link.connect()
  }

  /** For good. Topics keep their last states, their readers end. */
  close(): void {
    this.#link.close()
    for (const view of this.#topics.values()) view.end()
    this.#topics.clear()
  }

  #unfollow(name: string): void {
    if (this.#topics.delete(name)) this.#link.send({ type: 'unsubscribe', topics: [name] })
  }

  #subscribe(topics: string[], since?: Position): boolean {
    return this.#link.send(since === undefined ? { type: 'subscribe', topics } : { type: 'subscribe', topics, since })
  }

  /** A new connection: each topic goes on where it was. */
  #resume(): void {
    for (const { name, position } of this.#topics.values()) this.#subscribe([name], position)
  }

  #hear(frame: ServerFrame): void {
    if (frame.type === 'pong') return
    if (frame.type === 'error') {
      for (const listener of this.#problemListeners) listener(frame)
      return
    }
    const view = this.#topics.get(frame.topic)
    if (view?.hear(frame) === false) this.#subscribe([frame.topic])
  }
}
