/** What is known of one setting, and the units that the table's bounds are written in. */

import type { Kind } from './kinds.ts'

export const GROUPS = [
  'Polling',
  'Way to the VMAs',
  'VMA service',
  'OMA service',
  'Database',
  'Logs and metrics',
] as const

export interface Setting<T> {
  readonly group: (typeof GROUPS)[number]
  readonly env: string
  /** With its two dashes. */
  readonly flag: string
  readonly kind: Kind<T>
  /** As a person would write it. */
  readonly defaultText: string
  readonly doc: string
  /** Never shown, not even in part (SEC-2). */
  readonly secret?: true
}

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Gives a line its value type, which the table as a whole would lose. */
export function setting<T>(line: Setting<T>): Setting<T> {
  return line
}
