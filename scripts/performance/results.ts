/** The figures that the benches left in bench/results, by bench. */

import { readdirSync, readFileSync } from 'node:fs'
import type { BenchResult, Row, Section } from '../../bench/support/result.ts'

export type Results = ReadonlyMap<string, BenchResult>

const FOLDER = new URL('../../bench/results/', import.meta.url)

export function readResults(): Results {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))
  const all = files.map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as BenchResult)
  return new Map(all.map((result) => [result.bench, result]))
}

/** Throws a sentence that says which bench to run. */
export function resultOf(results: Results, bench: string): BenchResult {
  const result = results.get(bench)
  if (result === undefined) throw new Error(`no figures of the bench ${bench}: run \`npm run bench -- ${bench}\``)
  return result
}

/** `path`: `BENCH/SECTION`. */
export function sectionOf(results: Results, path: string): Section {
  const [bench = '', id] = path.split('/')
  const section = resultOf(results, bench).sections.find((one) => one.id === id)
  if (section === undefined) throw new Error(`no section ${path} in bench/results: run \`npm run bench -- ${bench}\``)
  return section
}

/** The first row of a table in which all of `wanted` stands. */
export function rowOf(section: Section, wanted: Row): Row {
  const row = section.rows.find((one) => Object.entries(wanted).every(([column, value]) => one[column] === value))
  if (row === undefined) throw new Error(`the section ${section.id} has no row with ${JSON.stringify(wanted)}`)
  return row
}

export function numberIn(row: Row, column: string): number {
  const value = row[column]
  if (typeof value !== 'number') throw new Error(`${column} is no number: ${JSON.stringify(row)}`)
  return value
}
