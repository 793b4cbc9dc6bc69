/** The OMA of an overload bench with its jobs and what is measured of it, probes of both services beside it. */

import type { Connection } from '../../src/db/executor.ts'
import type { Delays } from '../../src/telemetry/delays.ts'
import type { Point } from '../../test/soak/slopes.ts'
import { until } from '../../test/support/service.ts'
import { keyOf } from '../intake/traffic.ts'
import { jobId } from '../oma/inventory.ts'
import type { Child } from '../support/child.ts'
import { CLIENT_CORE } from '../support/child.ts'
import { LoadGenerator, type LoadRequest, type LoadResult } from '../support/load.ts'
import type { OmaQuestion, SpanFigures } from './oma-process.ts'

/** Fifty a second tell a 99th percentile after half a minute, and cost next to nothing. */
const PROBES_PER_S = 50

export interface Phase {
  readonly name: string
  readonly jobs: number
}

export interface Span {
  readonly seconds: number
  /** Seconds that pass before. */
  readonly warm: number
}

export const after = (s: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, s * 1_000))

export interface Measured extends Phase {
  readonly figures: SpanFigures
  readonly health: LoadResult
  readonly post: LoadResult
  readonly rss: readonly Point[]
}

export class Stand {
  readonly #on: Connection
  readonly #oma: Child
  readonly #url: string
  readonly #vma: string
  readonly #probes: readonly [LoadGenerator, LoadGenerator]

  constructor(on: Connection, oma: Child, { url, vma }: { readonly url: string; readonly vma: string }) {
    this.#on = on
    this.#oma = oma
    this.#url = url
    this.#vma = vma
    this.#probes = [LoadGenerator.start(CLIENT_CORE), LoadGenerator.start(CLIENT_CORE)]
  }

  #ask<T>(ask: Exclude<OmaQuestion['ask'], 'start'>): Promise<T> {
    return this.#oma.ask<T>({ ask })
  }

  /** From now on there are so many jobs: the others are cancelled by another writer. Returns when the OMA has them. */
  async have(jobs: number): Promise<void> {
    await this.#on.run("update replication_jobs set status = 'cancelled' where id >= ? and status <> 'cancelled'", [
      jobId(jobs),
    ])
    await this.#on.run("update replication_jobs set status = 'replicating' where id < ? and status <> 'replicating'", [
      jobId(jobs),
    ])
    const isSo = async (): Promise<true | undefined> =>
      (await this.#ask<number>('active')) === jobs ? true : undefined
    await until(`the OMA has ${jobs} jobs`, isSo, 300_000, 100)
  }

  async measure(phase: Phase, { seconds, warm }: Span): Promise<Measured> {
    await this.have(phase.jobs)
    await after(warm)
    const rss: Point[] = []
    const startedAt = performance.now()
    const sampling = setInterval(() => {
      // An OMA that has ended is told by the next question of the phase.
      void this.#ask<number>('rss').then(
        (bytes) => rss.push({ at: (performance.now() - startedAt) / 1_000, value: bytes / 2 ** 20 }),
        () => undefined,
      )
    }, 1_000)
    try {
      await this.#ask('begin')
      const by = { generator: 'paced', perSecond: PROBES_PER_S } as const
      const [health, post] = await Promise.all([
        this.#probes[0].run({ url: this.#url, lists: [[{ method: 'GET', path: '/healthz' }]], seconds, by }),
        this.#probes[1].run({ url: this.#vma, lists: [updates()], seconds, by }),
      ])
      const figures = await this.#ask<SpanFigures>('end')
      return { ...phase, figures, health, post, rss }
    } finally {
      clearInterval(sampling)
    }
  }

  /** Seconds from when the jobs were fewer in the database until three half seconds in a row were as punctual as before. */
  async recover(jobs: number, punctualMs: number): Promise<{ readonly heard: number; readonly punctual: number }> {
    const startedAt = performance.now()
    const since = (): number => (performance.now() - startedAt) / 1_000
    await this.have(jobs)
    const heard = since()
    let good = 0
    await this.#ask('lateness')
    const isPunctual = async (): Promise<true | undefined> => {
      const { p99 } = await this.#ask<Delays>('lateness')
      good = p99 <= punctualMs ? good + 1 : 0
      return good >= 3 ? true : undefined
    }
    await until('polls are punctual again', isPunctual, 120_000, 500)
    return { heard, punctual: since() - 1.5 }
  }

  async close(): Promise<void> {
    await Promise.all(this.#probes.map((probe) => probe.stop()))
  }
}

/** The update of a job that nobody polls, again and again. */
function updates(): LoadRequest[] {
  const path = `/api/v1/progress/${keyOf(0xffffffff)}/update`
  return Array.from({ length: 1_000 }, (_, i) => {
    const body = {
      stage: 'Transfer',
      status: 'in_progress',
      percent: i / 20,
      bytes_transferred: i * 1_000_000,
      total_bytes: 20_000_000_000,
      seq: i,
    }
    return { method: 'POST', path, body: JSON.stringify(body) }
  })
}
