/**
 * A progress bar as text. cli-progress was weighed and not taken: its bars own the stream and redraw on their own timer,
 * they know nothing of a table's columns, height or width, and their steps are whole characters; this is one function.
 */

export interface Glyphs {
  readonly full: string
  /** From empty to nearly full, for the character at the edge; none: whole characters only. */
  readonly partial: readonly string[]
  readonly empty: string
  readonly ellipsis: string
  readonly dot: string
}

export const UNICODE: Glyphs = {
  full: '█',
  partial: ['▏', '▎', '▍', '▌', '▋', '▊', '▉'],
  empty: '·',
  ellipsis: '…',
  dot: ' · ',
}
export const ASCII: Glyphs = { full: '#', partial: [], empty: '.', ellipsis: '~', dot: ' | ' }

/** Exactly `width` columns. Full only at 100. */
export function renderBar(percent: number, width: number, glyphs: Glyphs): string {
  const steps = glyphs.partial.length + 1
  const share = Math.min(100, Math.max(0, Number.isFinite(percent) ? percent : 0)) / 100
  const filled = Math.floor(share * width * steps)
  const whole = Math.floor(filled / steps)
  const edge = whole < width ? (glyphs.partial[(filled % steps) - 1] ?? '') : ''
  return glyphs.full.repeat(whole) + edge + glyphs.empty.repeat(width - whole - edge.length)
}
