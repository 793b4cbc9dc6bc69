/**
 * Load on an HTTP server, from a process of its own. Two generators:
 * `autocannon`, which waits for each answer before it asks again, so that the server's speed decides how much is asked;
 * and `wire`, raw sockets with requests that were built before: it costs the client a fifth, so that it can fill a server that
 * autocannon can't, and it can ask at an even pace.
 */

import { Child, CLIENT_CORE } from './child.ts'

export interface LoadRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
}

export interface Load {
  readonly url: string
  /** Sent by every connection, JSON bodies being named as such besides. */
  readonly headers?: Readonly<Record<string, string>>
  /** What each connection asks for, over and over: as many connections as lists. */
  readonly lists: readonly (readonly LoadRequest[])[]
  readonly seconds: number
  readonly by:
    | { readonly generator: 'autocannon'; readonly overallRate?: number }
    /** `depth`: requests that a connection sends before it waits for the first answer. */
    | { readonly generator: 'wire'; readonly depth: number }
    /** Each request at its own time, spread evenly; what is late counts as late from then on. */
    | { readonly generator: 'paced'; readonly perSecond: number }
    /** Every list once. */
    | { readonly generator: 'once'; readonly depth: number }
}

/** Latencies in milliseconds. */
export interface LoadResult {
  readonly answers: number
  readonly failures: number
  readonly seconds: number
  readonly perSecond: number
  /** Processor time of the generator over the run, as a share of one core. */
  readonly busy: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export class LoadGenerator {
  readonly #child: Child

  private constructor(child: Child) {
    this.#child = child
  }

  /** `null`: on any core. */
  static start(core: number | null = CLIENT_CORE): LoadGenerator {
    const file = new URL('./load-process.ts', import.meta.url)
    return new LoadGenerator(Child.start(file, core === null ? {} : { core }))
  }

  run(load: Load): Promise<LoadResult> {
    return this.#child.ask<LoadResult>(load)
  }

  stop(): Promise<void> {
    return this.#child.stop()
  }
}
