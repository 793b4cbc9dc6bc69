/**
 * How much does the VMA take, and what does it cost beside Fastify? `node bench/intake.ts [--only post,get,pace,memory] [--rounds N]
 * [--seconds N] [--sides a,b] [--before CHECKOUT] [--short] [--out FILE]`; with --before the code of another checkout runs beside this one.
 *
 * fastify: the same store behind Fastify 5, so that only the HTTP side differs. fastify-map: the least store there can be, its
 * documents written by Fastify's serializer. uws-floor: uWebSockets.js with no work of ours, what nothing on it can be under.
 */

import { gets, posts } from './intake/traffic.ts'
import { liveJobMemory, startServer } from './intake/memory.ts'
import { benchArguments } from './support/arguments.ts'
import { LoadGenerator, type Load } from './support/load.ts'
import { Report } from './support/report.ts'
import { inTurn, limitNote, rowsOf, type Side } from './support/rounds.ts'

const { values, outcome } = benchArguments({
  // The memory of live jobs is a part of the bench `memory` too.
  only: { usual: 'post,get,pace,memory', short: 'post,get,pace' },
  rounds: { usual: '5', short: '2' },
  seconds: { usual: '3', short: '2' },
  before: {},
  sides: { usual: 'sightline,before,fastify,fastify-map,uws-floor', short: 'sightline,before,fastify' },
})
const parts = new Set(values.only.split(','))
const wanted = new Set(values.sides.split(','))
if (values.before === undefined) wanted.delete('before')
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)

const TRAFFIC = { keys: 2_048, transferUpdates: 20, connections: 64 }
const PACE_PER_S = 10_000
/** Seconds of one round at an even pace. */
const PACE_SECONDS = 3
/** Requests that a raw connection has under way: together as many as a server can take at once. */
// Eight answers to GETs would be more than the 16 KiB that uWebSockets.js gathers: from there on each costs it three times as much.
const WIRE_DEPTH = 6

const report = new Report('intake')
if (parts.has('post')) await benchPosts()
if (parts.has('get')) await benchGets()
if (parts.has('pace')) await benchPace()
if (parts.has('memory')) await benchMemory()
report.finish(outcome, headline())

function headline(): string {
  const ratios = report.sections.flatMap(({ id, rows }) =>
    rows.filter(({ server }) => server === 'fastify').map((row) => `${id} ${row['ours is × in CPU']} ×`),
  )
  return `Fastify’s CPU ÷ ours: ${ratios.join(', ')}`
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
    for (const name of names) if (wanted.has(name)) sides.push(await startServer(name, values.before))
    await play({ sides, client })
  } finally {
    await Promise.all([client.stop(), ...sides.map(({ child }) => child.stop())])
  }
}

async function compare(id: string, title: string, stage: Stage, load: Omit<Load, 'url'>): Promise<void> {
  const figures = await inTurn({ ...stage, rounds, load })
  report.add({ id, title, rows: rowsOf(figures), notes: limitNote(figures) })
}

async function benchPosts(): Promise<void> {
  const lists = posts(TRAFFIC)
  await withSides(['sightline', 'before', 'fastify', 'fastify-map', 'uws-floor'], async (stage) => {
    await compare('post-autocannon', 'POST update, autocannon', stage, {
      lists,
      seconds,
      by: { generator: 'autocannon' },
    })
    await compare('post-raw', 'POST update, raw sockets', stage, {
      lists,
      seconds,
      by: { generator: 'wire', depth: WIRE_DEPTH },
    })
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
    await compare('get-autocannon', 'GET progress, autocannon', stage, {
      lists,
      seconds,
      by: { generator: 'autocannon' },
    })
    await compare('get-raw', 'GET progress, raw sockets', stage, {
      lists,
      seconds,
      by: { generator: 'wire', depth: WIRE_DEPTH },
    })
  })
}

async function benchPace(): Promise<void> {
  const lists = posts(TRAFFIC)
  await withSides(['sightline', 'before', 'fastify'], async (stage) => {
    const load = { lists, seconds: PACE_SECONDS }
    const each = `${PACE_PER_S} posts/s`
    await compare(
      'pace-bursts',
      `POST update, ${each} by autocannon: each connection's share at once at the start of each second`,
      stage,
      {
        ...load,
        by: { generator: 'autocannon', overallRate: PACE_PER_S },
      },
    )
    await compare('pace-even', `POST update, ${each} at an even pace`, stage, {
      ...load,
      by: { generator: 'paced', perSecond: PACE_PER_S },
    })
  })
}

async function benchMemory(): Promise<void> {
  const names = ['sightline', 'before', 'fastify', 'fastify-map'].filter((name) => wanted.has(name))
  report.add(await liveJobMemory(names, values.before))
}
