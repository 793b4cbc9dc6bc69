/**
 * Charts as SVG, pure. Greys and mid-tones on nothing: they are read on white (4.5 : 1) and on a dark page (4.2 : 1) alike,
 * whichever of them a page is shown on, without asking what the system prefers.
 */

export interface Bar {
  readonly label: string
  readonly value: number
  /** By place in `series` of the chart; 0 where there is one only. */
  readonly series?: number
}

export interface BarChart {
  readonly title: string
  readonly unit: string
  readonly bars: readonly Bar[]
  /** Names of the colours; a single one needs none. */
  readonly series?: readonly string[]
}

export interface Line {
  readonly name: string
  /** One for each place on the axis; undefined where there is none. */
  readonly values: readonly (number | undefined)[]
}

/** The vertical axis is logarithmic: values are above 0. */
export interface LineChart {
  readonly title: string
  readonly unit: string
  readonly x: { readonly name: string; readonly labels: readonly string[] }
  readonly lines: readonly Line[]
}

const WIDTH = 760
const TEXT = '#767676'
const GRID = '#80808055'
const COLOURS = ['#3b82c4', '#d9822b', '#4a9e5c', '#a06cc0', '#c4536b', '#8a8a3c']
const FONT = 'font-family="system-ui, sans-serif" font-size="13"'
const ROW = 24
const HEAD = 34
const LABEL_WIDTH = 340
const VALUE_WIDTH = 90

/** Horizontal bars, one below the other, each with its value. */
export function barChart({ title, unit, bars, series = [] }: BarChart): string {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE)
  const room = WIDTH - LABEL_WIDTH - VALUE_WIDTH
  const top = HEAD + legendHeight(series)
  const drawn = bars.map(({ label, value, series: of = 0 }, i) => {
    const y = top + i * ROW
    const length = tenth((Math.max(0, value) / most) * room)
    return [
      text(LABEL_WIDTH - 8, y + 16, label, 'end'),
      `<rect x="${LABEL_WIDTH}" y="${y + 4}" width="${length}" height="${ROW - 8}" fill="${colour(of)}"/>`,
      text(LABEL_WIDTH + length + 6, y + 16, shown(value)),
    ].join('')
  })
  const height = top + bars.length * ROW + 8
  return svg(height, `${title}, ${unit}`, [...legend(series), ...drawn])
}

const PLOT = { left: 60, right: 20, height: 240, below: 44 }

/** Lines over places that stand at even distances, with a logarithmic axis. */
export function lineChart({ title, unit, x, lines }: LineChart): string {
  const values = lines.flatMap((line) => line.values.filter((value) => value !== undefined))
  const from = Math.floor(Math.log10(Math.min(...values)))
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...values))))
  const names = lines.map(({ name }) => name)
  const top = HEAD + legendHeight(names)
  const bottom = top + PLOT.height
  const across = (place: number): number =>
    tenth(PLOT.left + ((place + 0.5) * (WIDTH - PLOT.left - PLOT.right)) / x.labels.length)
  const up = (value: number): number => tenth(bottom - ((Math.log10(value) - from) / (to - from)) * PLOT.height)
  const powers = Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i))
  const grid = powers.flatMap((power) => [
    `<line x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${up(power)}" y2="${up(power)}" stroke="${GRID}"/>`,
    text(PLOT.left - 8, up(power) + 4, shown(power), 'end'),
  ])
  const places = x.labels.map((label, i) => text(across(i), bottom + 18, label, 'middle'))
  const drawn = lines.map((line, i) => drawnLine(line, colour(i), across, up))
  return svg(bottom + PLOT.below, `${title}, ${unit}`, [
    ...legend(names),
    ...grid,
    ...places,
    text(WIDTH / 2, bottom + 36, x.name, 'middle'),
    ...drawn,
  ])
}

function drawnLine(
  { values }: Line,
  stroke: string,
  across: (place: number) => number,
  up: (value: number) => number,
): string {
  const points = values.flatMap((value, i) => (value === undefined ? [] : [[across(i), up(value)] as const]))
  const dots = points.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="4" fill="${stroke}"/>`)
  const path = points.map(([px, py]) => `${px},${py}`).join(' ')
  return `<polyline points="${path}" fill="none" stroke="${stroke}" stroke-width="2"/>${dots.join('')}`
}

function svg(height: number, title: string, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" ${FONT} fill="${TEXT}">
<title>${escaped(title)}</title>
<text x="0" y="18" font-weight="600">${escaped(title)}</text>
${parts.join('\n')}
</svg>
`
}

function legendHeight(names: readonly string[]): number {
  return names.length > 1 ? 20 * Math.ceil(names.length / 2) + 4 : 0
}

/** Two names in a line. */
function legend(names: readonly string[]): readonly string[] {
  if (names.length < 2) return []
  return names.map((name, i) => {
    const left = (i % 2) * (WIDTH / 2)
    const y = HEAD + Math.floor(i / 2) * 20
    return `<rect x="${left}" y="${y}" width="12" height="12" fill="${colour(i)}"/>${text(left + 18, y + 11, name)}`
  })
}

function text(x: number, y: number, of: string, anchor: 'start' | 'middle' | 'end' = 'start'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped(of)}</text>`
}

function colour(at: number): string {
  return COLOURS[at % COLOURS.length] ?? TEXT
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10
}

/** Three digits are all that a bar can tell. */
function shown(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-GB').replaceAll(',', ' ')
  return String(Number(value.toPrecision(3)))
}

function escaped(raw: string): string {
  return raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
