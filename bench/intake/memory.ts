/** What a live job takes of a VMA's memory, each server in a process of its own. */

import { Child, SERVER_CORE } from '../support/child.ts'
import { LoadGenerator } from '../support/load.ts'
import { rounded, type Row, type Section } from '../support/report.ts'
import type { Side } from '../support/rounds.ts'
import type { ServerQuestion } from './server.ts'
import { posts } from './traffic.ts'

const LIVE_JOBS = 100_000
/** Keys of the warm-up; they are among the live jobs later. */
const FEW = 1_000
const DEPTH = 8

/** `before` runs our server out of another checkout. */
export async function startServer(name: string, before: string | undefined): Promise<Side> {
  const args = name === 'before' ? ['sightline', before ?? ''] : [name]
  const child = Child.start(new URL('./server.ts', import.meta.url), {
    args,
    nodeArgs: ['--expose-gc'],
    core: SERVER_CORE,
  })
  return { name, child, url: await child.ask<string>('start' satisfies ServerQuestion) }
}

export async function liveJobMemory(names: readonly string[], before?: string): Promise<Section> {
  const rows: Row[] = []
  for (const name of names) {
    const client = LoadGenerator.start()
    const side = await startServer(name, before)
    try {
      rows.push(await memoryOf(side, client))
    } finally {
      await Promise.all([client.stop(), side.child.stop()])
    }
  }
  const notes = ['Heap and external memory are after a collection; RSS holds what the heap once needed too.']
  return { id: 'live-jobs', title: `VMA: ${LIVE_JOBS} live jobs, each from set-up into its transfer`, rows, notes }
}

async function memoryOf({ name, child, url }: Side, client: LoadGenerator): Promise<Row> {
  const measure = (): Promise<NodeJS.MemoryUsage> => child.ask<NodeJS.MemoryUsage>('memory' satisfies ServerQuestion)
  const by = { generator: 'once', depth: DEPTH } as const
  // A process at work but empty: its code is warm, its buffers and its young generation have their size.
  await client.run({ url, lists: posts({ keys: FEW, transferUpdates: 150, connections: 50 }), seconds: 0, by })
  const before = await measure()
  const filling = { url, lists: posts({ keys: LIVE_JOBS, transferUpdates: 3, connections: 50 }), seconds: 0, by }
  const filled = await client.run(filling)
  const after = await measure()
  const each = (pick: (usage: NodeJS.MemoryUsage) => number): number =>
    Math.round((pick(after) - pick(before)) / (LIVE_JOBS - FEW))
  return {
    server: name,
    'heap bytes/job': each((usage) => usage.heapUsed + usage.external),
    'RSS bytes/job': each((usage) => usage.rss),
    'RSS MiB': Math.round(after.rss / 2 ** 20),
    'peak RSS MiB': Math.round(child.memory().peakRssBytes / 2 ** 20),
    'posts/s': rounded(filled.perSecond),
    failures: filled.failures,
  }
}
