/** Figures as text for people. */

import type { Row } from './result.ts'

/** Columns as the first row names them; numbers to the right. */
export function tableOf(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {})
  const texts = rows.map((row) => names.map((name) => format(row[name] ?? '')))
  const widths = names.map((name, i) => Math.max(name.length, ...texts.map((cells) => cells[i]?.length ?? 0)))
  const isNumber = names.map((name) => rows.every((row) => typeof row[name] !== 'string'))
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (isNumber[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  ')
  return [line(names), line(widths.map((width) => '-'.repeat(width))), ...texts.map(line)].join('\n')
}

/** 1 000 and more without fractions, in groups of three. */
export function format(value: string | number): string {
  if (typeof value === 'string') return value
  return Math.abs(value) >= 1_000 ? Math.round(value).toLocaleString('en-GB').replaceAll(',', ' ') : String(value)
}
