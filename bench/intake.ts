/**
 * How much does the VMA take, and what does it cost beside Fastify? `node bench/intake.ts [--json FILE] [--only post,get,pace,memory]
 * [--rounds N] [--seconds N] [--sides a,b]
 * [--before CHECKOUT]`; with --before the code of another checkout runs beside this one.
 *
 * fastify: the same store behind Fastify 5, so that only the HTTP side differs. fastify-map: the least store there can be, its
 * documents written by Fastify's serializer. uws-floor: uWebSockets.js with no work of ours, what nothing on it can be under.
 */

import { parseArgs } from 'node:util'
import type { ServerQuestion } from './intake/server.ts'
import { gets, posts } from './intake/traffic.ts'
import { Child, SERVER_CORE } from './support/child.ts'
import { LoadGenerator, type Load } from './support/load.ts'
import { Report, rounded, type Row } from './support/report.ts'
import { inTurn, limitNote, rowsOf, type Side } from './support/rounds.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string', default: 'post,get,pace,memory' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    before: { type: 'string' },
    sides: { type: 'string', default: 'sightline,before,fastify,fastify-map,uws-floor' },
  },
})
const parts = new Set(values.only.split(','))
const wanted = new Set(values.sides.split(','))
if (values.before === undefined) wanted.delete('before')
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)

const TRAFFIC = { keys: 2_048, transferUpdates: 20, connections: 64 }
const PACE_PER_S = 10_000
/** Seconds of one round at an even pace. */
const PACE_SECONDS = 5
/** Requests that a raw connection has under way: together as many as a server can take at once. */
// Eight answers to GETs would be more than the 16 KiB that uWebSockets.js gathers: from there on each costs it three times as much.
const WIRE_DEPTH = 6
const LIVE_JOBS = 100_000
/** Keys of the warm-up; they are among the live jobs later. */
const FEW = 1_000

const report = new Report('intake')
if (parts.has('post')) await benchPosts()
if (parts.has('get')) await benchGets()
if (parts.has('pace')) await benchPace()
if (parts.has('memory')) await benchMemory()
report.finish(values.json)

async function startSide(name: string): Promise<Side> {
  const args = name === 'before' ? ['sightline', values.before ?? ''] : [name]
  const child = Child.start(new URL('./intake/server.ts', import.meta.url), {
    args,
    nodeArgs: ['--expose-gc'],
    core: SERVER_CORE,
  })
  return { name, child, url: await child.ask<string>('start' satisfies ServerQuestion) }
}

interface Stage {
  readonly sides: readonly Side[]
  readonly client: LoadGenerator
}

/** Everything that a part starts is stopped with it. */
async function withSides(names: readonly string[], play: (stage: Stage) => Promise<void>): Promise<void> {
  const client = LoadGenerator.start()
  const sides: Side[] = []
  try {
    for (const name of names) if (wanted.has(name)) sides.push(await startSide(name))
    await play({ sides, client })
  } finally {
    await Promise.all([client.stop(), ...sides.map(({ child }) => child.stop())])
  }
}

async function compare(title: string, stage: Stage, load: Omit<Load, 'url'>): Promise<void> {
  const figures = await inTurn({ ...stage, rounds, load })
  report.add({ title, rows: rowsOf(figures), notes: limitNote(figures) })
}

async function benchPosts(): Promise<void> {
  const lists = posts(TRAFFIC)
  await withSides(['sightline', 'before', 'fastify', 'fastify-map', 'uws-floor'], async (stage) => {
    await compare('POST update, autocannon', stage, { lists, seconds, by: { generator: 'autocannon' } })
    await compare('POST update, raw sockets', stage, { lists, seconds, by: { generator: 'wire', depth: WIRE_DEPTH } })
  })
}

async function benchGets(): Promise<void> {
  const lists = gets(TRAFFIC)
  await withSides(['sightline', 'before', 'fastify', 'fastify-map', 'uws-floor'], async (stage) => {
    const filling = {
      lists: posts({ ...TRAFFIC, transferUpdates: 5 }),
      seconds: 0,
      by: { generator: 'once', depth: 8 },
    } as const
    for (const { url } of stage.sides) await stage.client.run({ ...filling, url })
    await compare('GET progress, autocannon', stage, { lists, seconds, by: { generator: 'autocannon' } })
    await compare('GET progress, raw sockets', stage, { lists, seconds, by: { generator: 'wire', depth: WIRE_DEPTH } })
  })
}

async function benchPace(): Promise<void> {
  const lists = posts(TRAFFIC)
  await withSides(['sightline', 'before', 'fastify'], async (stage) => {
    const load = { lists, seconds: PACE_SECONDS }
    const each = `${PACE_PER_S} posts/s`
    await compare(
      `POST update, ${each} by autocannon: each connection's share at once at the start of each second`,
      stage,
      {
        ...load,
        by: { generator: 'autocannon', overallRate: PACE_PER_S },
      },
    )
    await compare(`POST update, ${each} at an even pace`, stage, {
      ...load,
      by: { generator: 'paced', perSecond: PACE_PER_S },
    })
  })
}

async function benchMemory(): Promise<void> {
  const rows: Row[] = []
  for (const name of ['sightline', 'before', 'fastify', 'fastify-map']) {
    await withSides([name], async ({ sides, client }) => {
      for (const side of sides) rows.push(await memoryOf(side, client))
    })
  }
  const notes = ['Heap and external memory are after a collection; RSS holds what the heap once needed too.']
  report.add({ title: `${LIVE_JOBS} live jobs, each from set-up into its transfer`, rows, notes })
}

async function memoryOf({ name, child, url }: Side, client: LoadGenerator): Promise<Row> {
  const measure = (): Promise<NodeJS.MemoryUsage> => child.ask<NodeJS.MemoryUsage>('memory' satisfies ServerQuestion)
  const by = { generator: 'once', depth: WIRE_DEPTH } as const
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
