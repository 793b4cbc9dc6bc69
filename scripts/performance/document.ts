/**
 * docs/performance.md out of its template, in which a comment stands for what the benches measured:
 *   `<!-- table: BENCH/SECTION -->`, or `<!-- table: BENCH/SECTION | column, column -->` for some of its columns
 *   `<!-- machine: BENCH -->`: when, what and where it was measured
 *   `<!-- plot: NAME -->`: a picture of scripts/performance/plots.ts
 *   `<!-- targets -->`: what is wanted beside what was measured
 */

import type { BenchResult, Section } from '../../bench/support/result.ts'
import { format } from '../../bench/support/table.ts'
import type { Plot } from './plots.ts'
import { resultOf, sectionOf, type Results } from './results.ts'
import { targetTable } from './targets.ts'

const NOTE =
  '<!-- Generated from docs/performance.template.md and bench/results by `npm run docs`. Change the template, or measure. -->'
const MARKER = /^<!-- (table|machine|plot|targets)(?:: ([^|]*?))?(?: \| (.*))? -->$/gm

/** Throws a sentence where a marker names what there is not. */
export function performanceDocument(template: string, results: Results, plots: readonly Plot[]): string {
  const [title = '', ...rest] = template.split('\n')
  const filled = rest.join('\n').replaceAll(MARKER, (_, kind: string, name: string = '', columns?: string) => {
    switch (kind) {
      case 'table':
        return table(sectionOf(results, name), columns?.split(', '))
      case 'machine':
        return machine(resultOf(results, name))
      case 'plot':
        return picture(name, plots)
      default:
        return targetTable(results)
    }
  })
  return `${title}\n\n${NOTE}\n${filled}`
}

function table({ title, rows, notes = [] }: Section, only?: readonly string[]): string {
  const all = Object.keys(rows[0] ?? {})
  const unknown = only?.filter((name) => !all.includes(name)) ?? []
  if (unknown.length > 0) throw new Error(`the table "${title}" has no column ${unknown.join(', ')}: ${all.join(', ')}`)
  const names = only ?? all
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const lines = [
    line(names),
    line(names.map((name) => (rows.every((row) => typeof row[name] === 'string') ? '---' : '---:'))),
    ...rows.map((row) => line(names.map((name) => format(row[name] ?? '').replaceAll('|', '\\|')))),
  ]
  return [`*${title}*`, '', ...lines, ...(notes.length === 0 ? [] : ['', notes.join(' ')])].join('\n')
}

function machine({ bench, at, commit, machine: on, seconds, arguments: given }: BenchResult): string {
  const flags = Object.entries(given).map(([name, value]) => ` --${name} ${value}`)
  const database = on.mariaDb === undefined ? '' : `, MariaDB ${on.mariaDb.split('-')[0] ?? ''}`
  return (
    `    npm run bench -- ${bench}${flags.join('')}\n\n` +
    `${at.slice(0, 10)}, commit \`${commit}\`, ${seconds} s. ${on.cores} cores of ${on.cpu}, ${on.memoryGib} GiB, Linux ${on.kernel}, ` +
    `Node ${on.node}${database}; load average ${on.loadBefore} before, ${on.loadAfter} after.`
  )
}

function picture(name: string, plots: readonly Plot[]): string {
  const plot = plots.find((one) => one.name === name)
  if (plot === undefined) throw new Error(`no plot ${name} in scripts/performance/plots.ts`)
  return `![${plot.title}](img/perf-${name}.svg)`
}
