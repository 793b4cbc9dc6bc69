/** From the accepted POST at a real VMA, through a real OMA that polls it, to the callback of the typed client. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Format } from '../../src/http/stream/codec.ts'
import { until } from '../../test/support/service.ts'
import type { ServerQuestion } from '../intake/server.ts'
import { posts } from '../intake/traffic.ts'
import { fillDatabase } from '../oma/inventory.ts'
import type { OmaQuestion, Sample } from '../oma/server.ts'
import { Child } from '../support/child.ts'
import { LoadGenerator } from '../support/load.ts'
import type { Row } from '../support/report.ts'
import type { Lateness, Posted, TypedQuestion } from './typed-process.ts'

export interface DelayOptions {
  readonly clients: number
  readonly jobs: number
  /** Posts a second, over all jobs. */
  readonly perSecond: number
  readonly seconds: number
  readonly format: Format
  /** VMA_PROGRESS_POLL_INTERVAL; it has to be a whole number of ms here. */
  readonly intervalMs: number
  readonly restEveryMs: number
}

const TOKEN = 'a-token-for-the-bench'
const TRACKED_MS = 60_000
/** Besides the interval: until the last posts must have come through. */
const SETTLE_MS = 2_000

export async function endToEnd(options: DelayOptions): Promise<readonly Row[]> {
  const { clients, jobs, perSecond, seconds, format, intervalMs, restEveryMs } = options
  const folder = mkdtempSync(join(tmpdir(), 'sightline-bench-'))
  const children: { stop(): Promise<void> }[] = []
  const started = <T extends { stop(): Promise<void> }>(child: T): T => {
    children.push(child)
    return child
  }
  try {
    const database = `sqlite:${join(folder, 'bench.db')}`
    await fillDatabase(database, { contexts: jobs, jobsPerContext: 1 })
    const vma = started(Child.start(new URL('../intake/server.ts', import.meta.url)))
    const vmaUrl = await vma.ask<string>('start' satisfies ServerQuestion)
    await enterTransfer(started(LoadGenerator.start(null)), vmaUrl, jobs)
    const oma = started(Child.start(new URL('../oma/server.ts', import.meta.url)))
    const ask = <T>(question: OmaQuestion): Promise<T> => oma.ask<T>(question)
    const url = await ask<string>({ ask: 'start', database, vma: vmaUrl, token: TOKEN, interval: `${intervalMs}ms` })
    const typed = started(Child.start(new URL('./typed-process.ts', import.meta.url)))
    const say = <T>(question: TypedQuestion): Promise<T> => typed.ask<T>(question)
    const isTracked = async (): Promise<true | undefined> =>
      (await ask<number>({ ask: 'tracked' })) >= jobs ? true : undefined
    await until(`all ${jobs} jobs are tracked`, isTracked, TRACKED_MS, 200)
    await say({ ask: 'follow', oma: url, token: TOKEN, clients, format, restEveryMs })
    await ask({ ask: 'watch' })
    const before = oma.cpuSeconds()
    const settleMs = intervalMs + restEveryMs + SETTLE_MS
    const posted = await say<Posted>({ ask: 'post', vma: vmaUrl, jobs, perSecond, seconds, settleMs })
    const busy = (oma.cpuSeconds() - before) / (seconds + settleMs / 1_000)
    const own = await say<Lateness>({ ask: 'since', samples: await ask<Sample[]>({ ask: 'samples' }) })
    await say({ ask: 'close' })
    const row = (what: string, from: string, late: Lateness): Row => ({
      interval: `${intervalMs} ms`,
      reader: what,
      'late since': from,
      'p50 ms': late.p50,
      'p99 ms': late.p99,
      'longest ms': late.max,
      count: late.count,
      unheard: late.unheard,
      'OMA busy %': Math.round(busy * 100),
    })
    return [
      row(`${clients} typed clients`, 'the POST was accepted', posted.stream),
      row(`REST, all jobs every ${restEveryMs} ms`, 'the POST was accepted', posted.rest),
      row(`${clients} typed clients`, 'the sample was in the OMA', own),
    ]
  } finally {
    for (const child of children.toReversed()) await child.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The set-up stages and the first report of the transfer, of 0 bytes. */
async function enterTransfer(load: LoadGenerator, url: string, jobs: number): Promise<void> {
  const lists = posts({ keys: jobs, transferUpdates: 1, connections: 10 })
  await load.run({ url, lists, seconds: 0, by: { generator: 'once', depth: 8 } })
}
