/** Figures for people (a table) and for machines (one line of JSON, and the file that docs/performance.md is made of). */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commit, loadAverage, machine, type Machine } from './proc.ts'
import type { BenchResult, Section } from './result.ts'
import { tableOf } from './table.ts'

export type { Row, Section } from './result.ts'

export interface Outcome {
  readonly arguments: Readonly<Record<string, string>>
  /** Absent: `bench/results/NAME.json`, unless it is partial. */
  readonly out?: string
  readonly isPartial: boolean
}

const RESULTS = new URL('../results/', import.meta.url)

export class Report {
  readonly #bench: string
  readonly #machine: Machine = machine()
  readonly #at = new Date().toISOString()
  readonly #startedAt = performance.now()
  readonly #sections: Section[] = []
  /** As the server tells it; of benches with one. */
  mariaDb: string | undefined

  constructor(bench: string) {
    this.#bench = bench
  }

  /** Printed at once, so that a run that is cut off has told what it knew. */
  add(section: Section): void {
    this.#sections.push(section)
    console.log(`\n${section.title}\n${tableOf(section.rows)}`)
    for (const note of section.notes ?? []) console.log(note)
  }

  get sections(): readonly Section[] {
    return this.#sections
  }

  /** `headline`: what the summary of a run of all benches says. */
  finish({ arguments: given, out, isPartial }: Outcome, headline = ''): void {
    const result: BenchResult = {
      bench: this.#bench,
      at: this.#at,
      commit: commit(),
      machine: {
        ...this.#machine,
        ...(this.mariaDb === undefined ? {} : { mariaDb: this.mariaDb }),
        loadAfter: loadAverage(),
      },
      seconds: Math.round((performance.now() - this.#startedAt) / 1_000),
      arguments: given,
      headline,
      sections: this.#sections,
    }
    console.log(`\n${JSON.stringify(result)}`)
    const file = out ?? (isPartial ? undefined : fileURLToPath(new URL(`${this.#bench}.json`, RESULTS)))
    if (file === undefined) {
      console.log('Not kept, being a part of the bench only: --out FILE keeps it.')
      return
    }
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`)
    console.log(`Kept in ${relative('.', file)}.`)
  }
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
