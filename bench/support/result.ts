/** The file that a bench leaves in bench/results: what scripts/performance makes docs/performance.md of. */

import type { Machine } from './proc.ts'

export type Row = Readonly<Record<string, string | number>>

export interface Section {
  /** By which the documents name it; unique within its bench. */
  readonly id: string
  readonly title: string
  /** The columns are the first row's. */
  readonly rows: readonly Row[]
  /** Sentences beside the figures: what they mean, what limits them. */
  readonly notes?: readonly string[]
}

export interface BenchResult {
  readonly bench: string
  /** RFC 3339, UTC; when it began. */
  readonly at: string
  /** Of the code that was measured; ends in `+` where files differed from it. */
  readonly commit: string
  readonly machine: Machine & {
    readonly mariaDb?: string
    readonly loadAfter: number
  }
  readonly seconds: number
  readonly arguments: Readonly<Record<string, string>>
  readonly headline: string
  readonly sections: readonly Section[]
}
