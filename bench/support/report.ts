/** Figures for people (a table) and for machines (one line of JSON, and a file where one is asked for). */

import { writeFileSync } from 'node:fs'
import { machine, type Machine } from './proc.ts'

export type Row = Readonly<Record<string, string | number>>

export interface Section {
  readonly title: string
  readonly rows: readonly Row[]
  /** Sentences beside the figures: what they mean, what limits them. */
  readonly notes?: readonly string[]
}

export class Report {
  readonly #bench: string
  readonly #machine: Machine = machine()
  readonly #startedAt = performance.now()
  readonly #sections: Section[] = []

  constructor(bench: string) {
    this.#bench = bench
  }

  /** Printed at once, so that a run that is cut off has told what it knew. */
  add(section: Section): void {
    this.#sections.push(section)
    console.log(`\n${section.title}\n${tableOf(section.rows)}`)
    for (const note of section.notes ?? []) console.log(note)
  }

  finish(file: string | undefined): void {
    const seconds = Math.round((performance.now() - this.#startedAt) / 1_000)
    const json = JSON.stringify({ bench: this.#bench, machine: this.#machine, seconds, sections: this.#sections })
    console.log(`\n${json}`)
    if (file !== undefined) writeFileSync(file, `${json}\n`)
  }
}

/** Columns as the first row names them; numbers to the right. */
function tableOf(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {})
  const texts = rows.map((row) => names.map((name) => format(row[name] ?? '')))
  const widths = names.map((name, i) => Math.max(name.length, ...texts.map((cells) => cells[i]?.length ?? 0)))
  const isNumber = names.map((name) => rows.every((row) => typeof row[name] !== 'string'))
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (isNumber[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  ')
  return [line(names), line(widths.map((width) => '-'.repeat(width))), ...texts.map(line)].join('\n')
}

function format(value: string | number): string {
  if (typeof value === 'string') return value
  return Math.abs(value) >= 1_000 ? Math.round(value).toLocaleString('en-GB').replaceAll(',', ' ') : String(value)
}

/** To three significant digits, whole numbers from 1 000 on. */
export function rounded(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(3))
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}
