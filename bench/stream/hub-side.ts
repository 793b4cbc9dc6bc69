/** A hub's process and the process of its clients. */

import { Child, CLIENT_CORE, SERVER_CORE } from '../support/child.ts'
import type { Format } from '../../src/http/stream/codec.ts'
import type { CrowdQuestion, Heard } from './crowd-process.ts'
import type { HubQuestion, HubRun } from './server.ts'

export interface SideOptions {
  readonly name: string
  /** KIND and ROOT of server.ts. */
  readonly args: readonly string[]
  readonly format: Format
  readonly clients: number
  readonly jobs: number
  /** The hub's own unless told otherwise. */
  readonly gatherMs?: number
}

export type Measured = HubRun & Heard & { readonly serverCpu: number; readonly clientCpu: number }

export class HubSide {
  readonly name: string
  readonly port: number
  readonly clients: number
  /** Resident bytes that each client cost when it was connected and nothing was told yet. */
  readonly rssPerClient: number
  readonly #server: Child
  readonly #crowd: Child

  private constructor(
    { name, clients }: SideOptions,
    port: number,
    rssPerClient: number,
    children: readonly [Child, Child],
  ) {
    this.name = name
    this.port = port
    this.clients = clients
    this.rssPerClient = rssPerClient
    ;[this.#server, this.#crowd] = children
  }

  static async start(options: SideOptions): Promise<HubSide> {
    const { args, format, clients, jobs, gatherMs } = options
    const server = Child.start(new URL('./server.ts', import.meta.url), {
      args,
      nodeArgs: ['--expose-gc'],
      core: SERVER_CORE,
    })
    const crowd = Child.start(new URL('./crowd-process.ts', import.meta.url), { core: CLIENT_CORE })
    try {
      const start: HubQuestion = { ask: 'start', jobs, ...(gatherMs === undefined ? {} : { gatherMs }) }
      const port = await server.ask<number>(start)
      const ask = (question: CrowdQuestion): Promise<unknown> => crowd.ask(question)
      // One client comes and goes first: the code is warm, the topic has its states.
      await ask({ ask: 'open', port, clients: 1, format })
      await ask({ ask: 'close' })
      const before = await memory(server)
      await ask({ ask: 'open', port, clients, format })
      const rssPerClient = ((await memory(server)) - before) / clients
      return new HubSide(options, port, rssPerClient, [server, crowd])
    } catch (error) {
      await Promise.all([server.stop(), crowd.stop()])
      throw error
    }
  }

  ask<T>(question: HubQuestion): Promise<T> {
    return this.#server.ask<T>(question)
  }

  askClients<T>(question: CrowdQuestion): Promise<T> {
    return this.#crowd.ask<T>(question)
  }

  async run(load: Extract<HubQuestion, { ask: 'pace' | 'saturate' }>): Promise<Measured> {
    await this.askClients({ ask: 'begin' })
    const ran = await this.ask<HubRun>(load)
    const heard = await this.askClients<Heard>({ ask: 'end' })
    return { ...ran, ...heard, serverCpu: ran.cpuSeconds, clientCpu: heard.cpuSeconds }
  }

  get rssMib(): number {
    return this.#server.memory().rssBytes / 2 ** 20
  }

  async stop(): Promise<void> {
    await Promise.all([this.#server.stop(), this.#crowd.stop()])
  }
}

async function memory(server: Child): Promise<number> {
  const { rss } = await server.ask<NodeJS.MemoryUsage>({ ask: 'memory' } satisfies HubQuestion)
  return rss
}
