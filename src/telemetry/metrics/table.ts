/**
 * What a table of metrics consists of (MET-1). The tables beside this file are the one place where a metric is made: what
 * `/metrics` offers, what has to be read for it, and docs/telemetry.md all follow from them.
 */

import type { BucketCounts } from '../buckets.ts'

export type MetricType = 'counter' | 'gauge' | 'histogram'

export interface MetricLine {
  readonly type: MetricType
  /** Each label → what it can say. All of them are bounded: words of ours, names of the settings, never what a client sent. */
  readonly labels: Readonly<Record<string, string>>
  readonly unit: string
  readonly help: string
  /** Where the number comes from. */
  readonly from: string
}

export type MetricTable = Readonly<Record<string, MetricLine>>

export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

/** A number where there are no labels. */
export type Reading = number | readonly Sample[] | BucketCounts

/** One reading for each metric of a table: none can be forgotten. */
export type Readings<Table extends MetricTable> = {
  readonly [Name in keyof Table]: Table[Name]['type'] extends 'histogram' ? BucketCounts : number | readonly Sample[]
}

export const NO_LABELS = {} as const

/** One sample for each word, also where nothing was counted: a series that appears late has no rate. */
export function perWord<Word extends string>(
  label: string,
  words: readonly Word[],
  valueOf: (word: Word) => number | undefined,
): readonly Sample[] {
  return words.map((word) => [{ [label]: word }, valueOf(word) ?? 0])
}

/** 1 for the word that holds, 0 for the others. */
export function oneOfWords<Word extends string>(
  labels: Readonly<Record<string, string>>,
  words: readonly Word[],
  present: Word,
): readonly Sample[] {
  return words.map((state) => [{ ...labels, state }, state === present ? 1 : 0])
}
