/** The pictures of docs/performance.md: which figures of which bench. To add one: a line here and a marker in the template. */

import type { Row } from '../../bench/support/result.ts'
import { numberIn, sectionOf, type Results } from './results.ts'
import { barChart, lineChart, type Bar } from './svg.ts'

export interface Plot {
  /** Of the file `docs/img/perf-NAME.svg`. */
  readonly name: string
  readonly title: string
  readonly draw: (results: Results) => string
}

interface Bars {
  readonly name: string
  readonly title: string
  readonly unit: string
  /** `BENCH/SECTION`, one or several. */
  readonly of: readonly string[]
  /** The column of the rows' names, and those of the bars. */
  readonly label: (row: Row, section: string) => string
  readonly columns: readonly string[]
}

const named =
  (column: string) =>
  (row: Row): string =>
    String(row[column])

const BARS: readonly Bars[] = [
  {
    name: 'budget',
    title: 'One poll, stage by stage',
    unit: 'CPU µs',
    of: ['budget/stages'],
    label: (row) => shortened(String(row['stage'])),
    columns: ['CPU µs'],
  },
  {
    name: 'poll',
    title: 'Polling by plain GETs: who is at work',
    unit: 'cores',
    of: ['poll/poll'],
    label: named('poller'),
    columns: ['main thread', 'fetch threads', 'database thread', 'MariaDB cores', 'VMA cores'],
  },
  {
    name: 'intake',
    title: 'VMA: processor time of a request',
    unit: 'µs',
    of: ['intake/post-autocannon', 'intake/post-raw', 'intake/get-autocannon', 'intake/get-raw'],
    label: (row, section) => `${section.replace('-', ', ')}: ${row['server']}`,
    columns: ['CPU µs/request'],
  },
  {
    name: 'feed',
    title: 'From the POST to GUI and row, with the feed and without',
    unit: 'ms',
    of: ['feed/feed'],
    label: (row) => `feed ${row['feed']}`,
    columns: ['GUI p50 ms', 'GUI p99 ms', 'row p50 ms', 'row p99 ms'],
  },
  {
    name: 'slow',
    title: 'A fifth of the jobs slow: how late the healthy ones are',
    unit: 'ms',
    of: ['slow/slow'],
    label: (row) => `${row['poller']}, slow VMA ${row['VMA of the slow']}`,
    columns: ['late p50 ms', 'late p99 ms', 'latest ms'],
  },
  {
    name: 'memory',
    title: 'OMA: memory of a job',
    unit: 'KB',
    of: ['memory/oma'],
    label: (row) => `${row['process']}, ${row['jobs']} jobs`,
    columns: ['heap KB/job', 'RSS KB/job'],
  },
  {
    name: 'http',
    title: 'OMA: processor time of an answer under ten thousand jobs',
    unit: 'µs',
    of: ['http/contexts-page', 'http/context', 'http/job'],
    label: (row, section) => `${section}: ${row['server']}`,
    columns: ['CPU µs/request'],
  },
  {
    name: 'stream',
    title: 'Stream at saturation: processor time of 1 000 frames',
    unit: 'ms',
    of: ['stream/saturation-small', 'stream/saturation-ticks', 'stream/saturation-large'],
    label: (row, section) => `${section.replace('saturation-', '')}: ${row['server']}`,
    columns: ['CPU ms/1000 frames'],
  },
]

export const PLOTS: readonly Plot[] = [
  ...BARS.map((bars) => ({ name: bars.name, title: bars.title, draw: (results: Results) => barsOf(bars, results) })),
  { name: 'write', title: 'MariaDB: processor time of a written row by batch', draw: writes },
]

function barsOf({ title, unit, of, label, columns }: Bars, results: Results): string {
  const bars = of.flatMap((path) => {
    const { id, rows } = sectionOf(results, path)
    return rows.flatMap((row) =>
      columns.map((column, series): Bar => {
        const name = label(row, id)
        const what = columns.length > 1 && series > 0 ? '' : name
        return { label: what, value: numberIn(row, column), series }
      }),
    )
  })
  return barChart({ title, unit, bars, series: columns.length > 1 ? columns : [] })
}

function writes(results: Results): string {
  const { rows } = sectionOf(results, 'write/mariadb')
  const batches = [...new Set(rows.map((row) => numberIn(row, 'batch')))]
  const ways = [...new Set(rows.map((row) => String(row['way'])))]
  return lineChart({
    title: 'MariaDB: client and server, for the rows of a job and its disk',
    unit: 'CPU µs',
    x: { name: 'rows in a batch', labels: batches.map(String) },
    lines: ways.map((way) => ({
      name: way,
      values: batches.map((batch) => {
        const row = rows.find((one) => one['way'] === way && one['batch'] === batch)
        return row === undefined ? undefined : numberIn(row, 'CPU µs/row')
      }),
    })),
  })
}

/** As much as has room before a bar. */
function shortened(label: string): string {
  return label.length <= 46 ? label : `${label.slice(0, 45)}…`
}
