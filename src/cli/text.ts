/**
 * Text on a terminal: how many columns it takes, and cutting or padding it to a number of columns. VM names come from
 * elsewhere: they may hold wide characters, combining marks, or control characters that would move the cursor.
 */

const PLAIN = /^[\x20-\x7e]*$/
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g
const COMBINING_ONLY = /^[\p{Mn}\p{Me}\p{Cf}]+$/u
const EMOJI = /\p{Emoji_Presentation}|\ufe0f/u
/** East Asian Wide and Fullwidth (Unicode UAX #11). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Control characters and those that turn the direction of writing become `?`: a name cannot paint over the table. */
export function printable(text: string): string {
  return PLAIN.test(text) ? text : text.replace(CONTROL, '?')
}

/** Columns that a printable text takes. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment)
  return width
}

function graphemeWidth(segment: string): number {
  if (COMBINING_ONLY.test(segment)) return 0
  return EMOJI.test(segment) || WIDE.test(segment) ? 2 : 1
}

export type Align = 'left' | 'right'

/** Exactly `width` columns: cut with an ellipsis where it is longer, padded where it is shorter. */
export function fit(text: string, width: number, align: Align = 'left', ellipsis = '…'): string {
  const cut = cutTo(printable(text), width, ellipsis)
  const padding = ' '.repeat(width - displayWidth(cut))
  return align === 'left' ? cut + padding : padding + cut
}

/** At most `width` columns of a printable text. */
export function cutTo(text: string, width: number, ellipsis = '…'): string {
  if (displayWidth(text) <= width) return text
  if (width <= 0) return ''
  const room = width - displayWidth(ellipsis)
  let kept = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    used += graphemeWidth(segment)
    if (used > room) break
    kept += segment
  }
  return kept + ellipsis
}

/** Joins segments into as few lines of at most `width` columns as hold them, in order; a longer segment is cut. */
export function wrapSegments(segments: readonly string[], separator: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const segment of segments) {
    const longer = line === '' ? segment : line + separator + segment
    if (line !== '' && displayWidth(longer) > width) {
      lines.push(line)
      line = cutTo(segment, width)
    } else {
      line = cutTo(longer, width)
    }
  }
  return line === '' ? lines : [...lines, line]
}
