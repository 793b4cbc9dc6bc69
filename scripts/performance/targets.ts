/** What performance was asked for, beside what `npm run bench` measured. Only what the run's own load can tell. */

import { format } from '../../bench/support/table.ts'
import { numberIn, resultOf, rowOf, sectionOf, type Results } from './results.ts'

interface Target {
  readonly what: string
  /** `BENCH/SECTION`. */
  readonly of: string
  /** What stands in the row. */
  readonly row: Readonly<Record<string, string | number>>
  readonly column: string
  readonly limit: { readonly most: number } | { readonly least: number }
  /** The load that the target names: with another one it is not told. */
  readonly load?: Readonly<Record<string, string>>
}

const POLL = { of: 'poll/poll', row: { poller: 'sightline' }, load: { jobs: '10000', interval: '2s' } } as const
const FEED = { of: 'feed/feed', row: { feed: 'on' }, load: { changes: '2000' } } as const
const START = { of: 'start/start', row: { poller: 'sightline' } } as const

const TARGETS: readonly Target[] = [
  { ...POLL, what: '10 000 jobs by plain GETs: polls/s', column: 'polls/s', limit: { least: 4_950 } },
  { ...POLL, what: '… late p99, ms', column: 'late p99 ms', limit: { most: 30 } },
  { ...POLL, what: '… cores of the OMA', column: 'cores', limit: { most: 0.35 } },
  { ...POLL, what: '… cores of MariaDB', column: 'MariaDB cores', limit: { most: 0.15 } },
  {
    what: 'OMA: RSS of a job over the empty process at 10 000, KB',
    of: 'memory/oma',
    row: { process: 'sightline', jobs: 10_000 },
    column: 'RSS KB/job',
    limit: { most: 15 },
  },
  { ...FEED, what: 'Feed, 2 000 changes/s: POST to a GUI, p99 ms', column: 'GUI p99 ms', limit: { most: 250 } },
  { ...FEED, what: '… POST to the row, p99 ms', column: 'row p99 ms', limit: { most: 250 } },
  { ...FEED, what: '… cores of the OMA', column: 'OMA cores', limit: { most: 0.5 } },
  {
    what: 'VMA: POST, Fastify’s CPU ÷ ours (raw sockets)',
    of: 'intake/post-raw',
    row: { server: 'fastify' },
    column: 'ours is × in CPU',
    limit: { least: 3 },
  },
  {
    what: 'VMA: POST, × Fastify in requests/s (raw sockets)',
    of: 'intake/post-raw',
    row: { server: 'fastify' },
    column: 'ours is × in requests/s',
    limit: { least: 3 },
  },
  {
    what: 'VMA: GET, Fastify’s CPU ÷ ours (raw sockets)',
    of: 'intake/get-raw',
    row: { server: 'fastify' },
    column: 'ours is × in CPU',
    limit: { least: 3 },
  },
  {
    what: 'VMA: GET, × Fastify in requests/s (raw sockets)',
    of: 'intake/get-raw',
    row: { server: 'fastify' },
    column: 'ours is × in requests/s',
    limit: { least: 3 },
  },
  {
    what: 'VMA: 10 000 posts/s, p99 ms',
    of: 'intake/pace-bursts',
    row: { server: 'sightline' },
    column: 'p99 ms',
    limit: { most: 5 },
  },
  {
    what: 'VMA: RSS of a live job at 100 000, bytes',
    of: 'memory/live-jobs',
    row: { server: 'sightline' },
    column: 'RSS bytes/job',
    limit: { most: 1_536 },
  },
  {
    what: 'Stream: 1 000 clients × 1 000 changes/s, p99 ms',
    of: 'stream/hub',
    row: { server: 'sightline json' },
    column: 'p99 ms',
    limit: { most: 250 },
  },
  {
    what: 'Stream: × `ws` in frames/s, ticks of eleven frames',
    of: 'stream/saturation-ticks',
    row: { server: 'ws json, unbatched' },
    column: 'ours is × in frames/s',
    limit: { least: 5 },
  },
  { ...START, what: 'Start: jobs followed a second (40 000 in 10 s)', column: 'jobs/s', limit: { least: 4_000 } },
  { ...START, what: '… /healthz p99 meanwhile, ms', column: 'healthz p99 ms', limit: { most: 50 } },
  { ...START, what: '… a round of discovery, main thread ms', column: 'main thread ms a round', limit: { most: 50 } },
  {
    what: 'A fifth of the jobs slow: latest healthy poll, ms',
    of: 'slow/slow',
    row: { 'VMA of the slow': 'own' },
    column: 'latest ms',
    limit: { most: 250 },
    load: { jobs: '5000' },
  },
]

export function targetTable(results: Results): string {
  const lines = TARGETS.map((target) => {
    const measured = measuredOf(target, results)
    const { limit } = target
    const wanted = 'most' in limit ? `≤ ${format(limit.most)}` : `≥ ${format(limit.least)}`
    if (measured === undefined) return `| ${target.what} | ${wanted} | | not measured with this load |`
    const isMet = 'most' in limit ? measured <= limit.most : measured >= limit.least
    return `| ${target.what} | ${wanted} | ${format(measured)} | ${isMet ? 'met' : '**missed**'} |`
  })
  return ['| Target | wanted | measured | |', '|---|---:|---:|---|', ...lines].join('\n')
}

function measuredOf({ of, row, column, load = {} }: Target, results: Results): number | undefined {
  const given = resultOf(results, of.split('/')[0] ?? '').arguments
  if (Object.entries(load).some(([name, wanted]) => given[name] !== wanted)) return undefined
  return numberIn(rowOf(sectionOf(results, of), row), column)
}
