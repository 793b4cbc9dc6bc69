/** What every bench takes: its own flags, `--short` for the profile of `npm run bench`, `--out FILE` for its figures. */

import { parseArgs } from 'node:util'
import type { Outcome } from './report.ts'

/** By flag: the default, and where it differs that of `--short`. Neither: absent unless given. */
export type Flags = Readonly<Record<string, { readonly usual?: string; readonly short?: string }>>

export interface Arguments<F extends Flags> {
  readonly values: { readonly [K in keyof F]: F[K] extends { readonly usual: string } ? string : string | undefined }
  readonly isShort: boolean
  /** For `Report.finish`. */
  readonly outcome: Outcome
}

/** A flag that is not known ends the process with a sentence. */
export function benchArguments<const F extends Flags>(flags: F, args = process.argv.slice(2)): Arguments<F> {
  const options = Object.fromEntries(Object.keys(flags).map((name) => [name, { type: 'string' as const }]))
  const { values } = parseArgs({
    args,
    options: { ...options, out: { type: 'string' }, short: { type: 'boolean', default: false } },
  })
  const { out, short, ...given } = values as { out?: string; short: boolean } & Record<string, string | undefined>
  const all = Object.fromEntries(
    Object.entries(flags).flatMap(([name, { usual, short: brief }]) => {
      const value = given[name] ?? (short ? (brief ?? usual) : usual)
      return value === undefined ? [] : [[name, value]]
    }),
  )
  // Some of its parts only: that is not what the committed figures of the bench are.
  const isPartial = given['only'] !== undefined || given['sides'] !== undefined
  return {
    values: all as Arguments<F>['values'],
    isShort: short,
    outcome: { arguments: all, ...(out === undefined ? {} : { out }), isPartial },
  }
}
