/** How text is to look where it goes: width, characters, colours. */

import type { Glyphs } from '../bar.ts'
import { glyphsFor, painter } from '../display.ts'
import type { Paint } from '../table.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What is used of stdout; a pipe has none of the optional ones. */
export interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  hasColors?(): boolean
}

export interface Look {
  readonly width: number
  readonly glyphs: Glyphs
  readonly paint: Paint
}

/** Of an output that is no terminal: wide enough for every column. */
const PIPE_WIDTH = 160

export function lookOf(output: Output, env: Environment): Look {
  return { width: output.columns ?? PIPE_WIDTH, glyphs: glyphsFor(env), paint: painter(wantsColours(output, env)) }
}

/** FORCE_COLOR before NO_COLOR (any value but none) before what the terminal can. */
export function wantsColours(output: Output, env: Environment): boolean {
  const forced = env['FORCE_COLOR']
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  if (env['NO_COLOR']) return false
  return output.isTTY === true && output.hasColors?.() === true
}
