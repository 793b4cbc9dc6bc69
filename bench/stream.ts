/**
 * What does the stream take, what does it cost, how late is it? `node bench/stream.ts [--only hub,saturation,slow,delay]
 * [--clients N] [--jobs N] [--rate N] [--seconds N] [--rounds N] [--format json|msgpack|both] [--before CHECKOUT]
 * [--short] [--out FILE]`. Clients, jobs, changes a
 * second and seconds have a default for each part.
 *
 * ws: the same hub and sessions on `ws` 8, its frames of one tick in one write; unbatched: as `ws` does it by itself. delay: a real VMA and OMA, with a client that asks the REST again and again beside those of the
 * stream.
 */

import type { Format } from '../src/http/stream/codec.ts'
import { benchArguments } from './support/arguments.ts'
import { Report, type Row } from './support/report.ts'
import { endToEnd } from './stream/delay.ts'
import type { SideOptions } from './stream/hub-side.ts'
import { inTurns } from './stream/hub-rounds.ts'
import { besideASleeper } from './stream/slow.ts'

const { values, outcome, isShort } = benchArguments({
  only: { usual: 'hub,saturation,slow,delay' },
  clients: {},
  jobs: {},
  rate: {},
  seconds: {},
  rounds: { usual: '3', short: '1' },
  format: { usual: 'both', short: 'json' },
  before: {},
})
const parts = new Set(values.only.split(','))
const rounds = Number(values.rounds)
const formats: readonly Format[] = (['json', 'msgpack'] as const).filter((one) => ['both', one].includes(values.format))

interface Load {
  readonly clients: number
  readonly jobs: number
  readonly rate: number
  readonly seconds: number
}

/** `short`: seconds of the short profile. */
function loadOf(usual: Load, short: number): Load {
  return {
    clients: Number(values.clients ?? usual.clients),
    jobs: Number(values.jobs ?? usual.jobs),
    rate: Number(values.rate ?? usual.rate),
    seconds: Number(values.seconds ?? (isShort ? short : usual.seconds)),
  }
}

/** Small frames, where the calls are what costs; ticks with events; large ones, where the bytes are. */
const SHAPES = [
  { id: 'saturation-small', title: 'frames of one change', jobsPerFrame: 1, eventsPerFrame: 0 },
  {
    id: 'saturation-ticks',
    title: 'ticks of ten changes and ten events: eleven frames',
    jobsPerFrame: 10,
    eventsPerFrame: 10,
  },
  { id: 'saturation-large', title: 'frames of 100 changes', jobsPerFrame: 100, eventsPerFrame: 0 },
]

/** The default, and the shortest one that makes sense. */
const INTERVALS_MS = [2_000, 200]
const REST_EVERY_MS = 1_000

const report = new Report('stream')
if (parts.has('hub')) await benchHub()
if (parts.has('saturation')) await benchSaturation()
if (parts.has('slow')) await benchSlow()
if (parts.has('delay')) await benchDelay()
const [hub] = report.sections.find(({ id }) => id === 'hub')?.rows ?? []
report.finish(outcome, hub === undefined ? '' : `hub p99 ${hub['p99 ms']} ms at 1 000 clients × 1 000 changes/s`)

function sides(load: Load, of: readonly Format[], gatherMs?: number): readonly SideOptions[] {
  const { clients, jobs } = load
  const more = { clients, jobs, ...(gatherMs === undefined ? {} : { gatherMs }) }
  return of.flatMap((format) => [
    { ...more, name: `sightline ${format}`, args: ['uws'], format },
    ...(values.before === undefined
      ? []
      : [{ ...more, name: `before ${format}`, args: ['uws', values.before], format }]),
    { ...more, name: `ws ${format}`, args: ['ws'], format },
  ])
}

async function benchHub(): Promise<void> {
  const load = loadOf({ clients: 1_000, jobs: 1_000, rate: 1_000, seconds: 5 }, 4)
  const pace = { ask: 'pace', perSecond: load.rate, seconds: load.seconds } as const
  const title = `${load.clients} clients of the topic jobs, ${load.rate} changes/s of ${load.jobs} jobs`
  report.add({ id: 'hub', title, rows: await inTurns(sides(load, formats), pace, rounds) })
  const one = { ...load, clients: 1 }
  const notes = [
    'The work that does not grow with the clients: the changes themselves, their views, differences and encoding.',
  ]
  report.add({
    id: 'hub-one-client',
    title: `${title}: one client alone`,
    rows: await inTurns(sides(one, formats), pace, 1),
    notes,
  })
}

async function benchSaturation(): Promise<void> {
  const load = loadOf({ clients: 200, jobs: 1_000, rate: 0, seconds: 3 }, 2)
  const format = formats[0] ?? 'json'
  for (const { id, title, ...shape } of SHAPES) {
    const batched = sides(load, [format], 0)
    const [first] = batched
    const unbatched = first === undefined ? [] : [{ ...first, name: `ws ${format}, unbatched`, args: ['ws-unbatched'] }]
    const rows = await inTurns([...batched, ...unbatched], { ask: 'saturate', seconds: load.seconds, ...shape }, rounds)
    const notes = [
      'As fast as the clients take them. A server that is not busy waited for its clients: there the CPU compares, frames/s do not.',
    ]
    report.add({ id, title: `${load.clients} clients, ${title} (${format})`, rows, notes })
  }
}

async function benchSlow(): Promise<void> {
  const load = loadOf({ clients: 50, jobs: 1_000, rate: 1_000, seconds: 20 }, 8)
  for (const format of formats) {
    const side = { name: 'sightline', args: ['uws'], format, clients: load.clients, jobs: load.jobs }
    report.add({
      id: `slow-${format}`,
      ...(await besideASleeper({ side, perSecond: load.rate, seconds: load.seconds })),
    })
  }
}

async function benchDelay(): Promise<void> {
  const { rate: perSecond, ...load } = loadOf({ clients: 20, jobs: 200, rate: 100, seconds: 15 }, 8)
  for (const format of formats) {
    const rows: Row[] = []
    for (const intervalMs of INTERVALS_MS) {
      rows.push(...(await endToEnd({ ...load, perSecond, format, intervalMs, restEveryMs: REST_EVERY_MS })))
    }
    const title = `${load.clients} typed clients of the topic jobs, ${load.jobs} jobs, ${perSecond} posts/s, through VMA and OMA (${format})`
    const notes = [
      'A post counts as heard when the reader holds it or a newer one of its job. The OMA polls: the interval is most of the delay.',
      'The sample was in the OMA: what the stream adds, 100 ms of gathering included.',
    ]
    report.add({ id: `delay-${format}`, title, rows, notes })
  }
}
