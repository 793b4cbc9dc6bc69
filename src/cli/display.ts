/** Shows the live jobs of a running OMA: a table redrawn in place on a terminal, lines anywhere else. */

import { ASCII, UNICODE, type Glyphs } from './bar.ts'
import { figuresOf, summarySegments, type Figures, type StatsView } from './figures.ts'
import { paced } from './paced.ts'
import { eventLine, timeOfDay } from './plain.ts'
import { Screen, type Terminal } from './screen.ts'
import { renderTable, type Paint, type Style, type TableJob } from './table.ts'
import { Tally } from './tally.ts'
import { displayWidth, printable } from './text.ts'
import { Meter } from '../telemetry/meter.ts'

export interface Watched {
  jobs(): readonly TableJob[]
  stats(): StatsView
}

export interface Display {
  /** Something that a person should know, outside the order of the lines. */
  note(text: string): void
  /** The last look and the last frame; the figures as they are then. */
  close(): Figures
}

const FRAME_MS = 250
const LOOK_MS = 500
const AT_LEAST_EVERY_MS = 5_000
const SUMMARY_MS = 5_000
const METER_SPAN_MS = 5_000
const NOTES_KEPT = 3

const CODES: Readonly<Record<Style, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 }

/** NO_COLOR (any value) and terminals without colours get plain text; so does the rest of the terminal's state. */
export function paintFor(stream: Terminal): Paint {
  return painter(stream.hasColors())
}

export function painter(inColour: boolean): Paint {
  if (!inColour) return (_, text) => text
  return (style, text) => `\x1b[${CODES[style]}m${text}\x1b[0m`
}

/** Block characters need a UTF-8 locale, and more than the console of a bare Linux. */
export function glyphsFor(env: Readonly<Record<string, string | undefined>>): Glyphs {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return /utf-?8/i.test(locale) && env['TERM'] !== 'linux' ? UNICODE : ASCII
}

/** A table in place needs a terminal that moves its cursor. */
export function canDraw(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}

/** Lines to paste are not cut: they take as many rows as they need. */
function rowsOf(lines: readonly string[], width: number): number {
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / width)), 0)
}

export function liveDisplay(watched: Watched, stream: Terminal, banner: readonly string[]): Display {
  const screen = new Screen(stream)
  const view = { glyphs: glyphsFor(process.env), paint: paintFor(stream) }
  const tally = new Tally()
  const meter = new Meter(METER_SPAN_MS)
  const notes: string[] = []
  const above = (): readonly string[] => [...banner, ...notes]
  const frame = (): void => {
    const jobs = watched.jobs()
    tally.look(jobs)
    const figures = figuresOf(jobs, watched.stats(), tally, meter, Date.now())
    const { columns: width, rows } = stream
    // What stands above stays in sight where there is room for it and a few jobs.
    const height = Math.max(rows - rowsOf(above(), width) - 1, Math.min(rows - 1, 10))
    screen.draw(renderTable(jobs, summarySegments(figures), { ...view, width, height }))
  }
  const resized = (): void => {
    screen.reset(above())
    frame()
  }
  screen.reset(above())
  stream.on('resize', resized)
  const stop = paced(frame, FRAME_MS, AT_LEAST_EVERY_MS)
  return {
    note: (text) => {
      if (notes.at(-1) === noteLine(text)) return
      notes.push(noteLine(text))
      if (notes.length > NOTES_KEPT) notes.shift()
      resized()
    },
    close: () => {
      stop()
      stream.off('resize', resized)
      frame()
      screen.close()
      return figuresOf(watched.jobs(), watched.stats(), tally, meter, Date.now())
    },
  }
}

/** One line whatever the text: it may be an error of several. */
function noteLine(text: string): string {
  return `  note: ${printable(text)}`
}

export function plainDisplay(watched: Watched, write: (line: string) => void, banner: readonly string[]): Display {
  const tally = new Tally()
  const meter = new Meter(METER_SPAN_MS)
  for (const line of banner) write(line)
  const look = (): Figures => {
    const jobs = watched.jobs()
    const now = Date.now()
    for (const event of tally.look(jobs)) write(eventLine(event, timeOfDay(now)))
    return figuresOf(jobs, watched.stats(), tally, meter, now)
  }
  let summaryAt = Date.now() + SUMMARY_MS
  const tell = (): void => {
    const figures = look()
    if (Date.now() < summaryAt) return
    summaryAt += SUMMARY_MS
    write([timeOfDay(Date.now()), ...summarySegments(figures)].join('  '))
  }
  const stop = paced(tell, LOOK_MS, AT_LEAST_EVERY_MS)
  return {
    note: (text) => write(timeOfDay(Date.now()) + noteLine(text)),
    close: () => {
      stop()
      return look()
    },
  }
}
