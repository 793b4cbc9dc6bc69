/**
 * The live table of jobs as lines of text. Pure: jobs, figures and the size of the terminal in; lines out that never
 * exceed it. Columns leave in the order of their worth as the terminal narrows; VM, bar and percent stay.
 */

import type { LiveJobJson } from '../model/live.ts'
import { isTerminal } from '../model/words.ts'
import { renderBar, type Glyphs } from './bar.ts'
import { formatCoarse, formatEta, formatMibps, formatMoved, formatPercent, formatRange } from './format.ts'
import { cutTo, displayWidth, fit, printable, wrapSegments, type Align } from './text.ts'

export type TableJob = Pick<
  LiveJobJson,
  | 'job_id'
  | 'vm_name'
  | 'status'
  | 'replication_type'
  | 'current_operation'
  | 'progress_percent'
  | 'bytes_transferred'
  | 'total_bytes'
  | 'transfer_speed_bps'
  | 'eta_seconds'
  | 'disks_total'
  | 'disks_reporting'
> &
  Partial<Pick<LiveJobJson, 'verdict' | 'verdict_since' | 'error_message' | 'eta_low_seconds' | 'eta_high_seconds'>>

export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan'
export type Paint = (style: Style, text: string) => string

export interface View {
  readonly width: number
  readonly height: number
  readonly glyphs: Glyphs
  readonly paint: Paint
  /** Epoch ms; with it a verdict says since when. */
  readonly now?: number
}

type Group = 'moving' | 'setup' | 'waiting' | 'failed' | 'done'
const GROUPS: readonly Group[] = ['moving', 'setup', 'waiting', 'failed', 'done']
/** Verdicts that a person should see instead of the stage. */
const TROUBLES: ReadonlySet<string> = new Set(['slow', 'stalled', 'source_silent', 'vma_unreachable', 'suspended'])

interface Column {
  readonly title: string
  readonly width: number
  /** May take up to this many columns where there is room. */
  readonly most: number
  /** No wider than this before the others have what they may take. */
  readonly early?: number
  readonly align: Align
  /** Comes only where this many columns are left to the others besides. */
  readonly spare?: number
  /** The column with the greatest number leaves first; 0 stays. */
  readonly leaves: number
  readonly text: (job: TableJob, width: number, view: Pick<View, 'glyphs' | 'now'>) => string
}

const GAP = 2
/** Up to here there is room for one time only. */
const ETA_WIDTH = 6

const COLUMNS: readonly Column[] = [
  { title: 'VM', width: 9, most: 18, align: 'left', leaves: 0, text: (job) => job.vm_name },
  { title: 'JOB', width: 31, most: 31, align: 'left', leaves: 8, spare: 14, text: (job) => job.job_id },
  { title: 'TYPE', width: 4, most: 4, align: 'left', leaves: 7, text: typeText },
  { title: 'STAGE', width: 12, most: 19, align: 'left', leaves: 3, text: stateText },
  { title: 'PROGRESS', width: 8, most: 32, early: 16, align: 'left', leaves: 0, text: barText },
  { title: '%', width: 6, most: 6, align: 'right', leaves: 0, text: percentText },
  { title: 'MOVED', width: 13, most: 15, align: 'right', leaves: 5, text: movedText },
  { title: 'MiB/s', width: 6, most: 6, align: 'right', leaves: 2, text: speedText },
  { title: 'ETA', width: ETA_WIDTH, most: 11, align: 'right', leaves: 4, text: etaText },
  { title: 'DISKS', width: 5, most: 5, align: 'right', leaves: 6, text: disksText },
]

/** Summary first, then the header and as many jobs as fit, the most interesting first; the rest as a number. */
export function renderTable(jobs: readonly TableJob[], summary: readonly string[], view: View): readonly string[] {
  const { width, height, glyphs, paint } = view
  const top = wrapSegments(summary, glyphs.dot, width).slice(0, Math.max(1, height - 2))
  const room = height - top.length - 1
  const sorted = byInterest(jobs)
  const shown = sorted.length <= room ? sorted : sorted.slice(0, Math.max(0, room - 1))
  const columns = columnsFor(
    width,
    shown.map((job) => job.vm_name),
  )
  if (room < 1 || columns.length === 0) return top.slice(0, height).map((line) => paint('bold', line))
  const more = sorted.length - shown.length
  return [
    ...top.map((line) => paint('bold', line)),
    paint('dim', columns.map((column) => fit(column.title, column.width, column.align)).join(' '.repeat(GAP))),
    ...shown.map((job) => renderRow(job, columns, view)),
    ...(more > 0 ? [paint('dim', cutTo(`${glyphs.ellipsis} ${more} more`, width, glyphs.ellipsis))] : []),
  ]
}

function renderRow(job: TableJob, columns: readonly Column[], view: View): string {
  const { glyphs, paint } = view
  const style = styleOf(job)
  return columns
    .map((column) => {
      const text = fit(column.text(job, column.width, view), column.width, column.align, glyphs.ellipsis)
      return style !== undefined && (column.title === 'STAGE' || column.title === 'PROGRESS')
        ? paint(style, text)
        : text
    })
    .join(' '.repeat(GAP))
}

/** The columns that fit a width, widened where there is room left; the first one no further than the names need. */
function columnsFor(width: number, names: readonly string[]): readonly Column[] {
  let columns = COLUMNS
  while (isTooWide(columns, width)) {
    const first = columns.reduce((worst, column) => (column.leaves > worst.leaves ? column : worst))
    if (first.leaves === 0) return []
    columns = columns.filter((column) => column !== first)
  }
  const longest = Math.max(0, ...names.map((name) => displayWidth(printable(name))))
  const named = Math.min(columns[0]?.most ?? 0, Math.max(columns[0]?.width ?? 0, longest))
  const caps = columns.map((column, at) => (at === 0 ? named : column.most))
  const first = columns.map((column, at) => Math.min(caps[at] ?? 0, column.early ?? caps[at] ?? 0))
  return widened(widened(columns, first, width), caps, width)
}

/** From left to right, each up to its cap, as far as there is room. */
function widened(columns: readonly Column[], caps: readonly number[], width: number): readonly Column[] {
  let left = width - widthOf(columns)
  return columns.map((column, at) => {
    const more = Math.max(0, Math.min(left, (caps[at] ?? 0) - column.width))
    left -= more
    return { ...column, width: column.width + more }
  })
}

function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, column) => sum + column.width, GAP * (columns.length - 1))
}

function isTooWide(columns: readonly Column[], width: number): boolean {
  return widthOf(columns) + columns.reduce((sum, column) => sum + (column.spare ?? 0), 0) > width
}

/** Moving ones first, then what starts, waits, has failed, is done; within these by job id, so that rows keep their places. */
export function byInterest<T extends TableJob>(jobs: readonly T[]): readonly T[] {
  const ranked = jobs.map((job) => ({ job, rank: GROUPS.indexOf(groupOf(job)) }))
  ranked.sort((a, b) => a.rank - b.rank || (a.job.job_id < b.job.job_id ? -1 : 1))
  return ranked.map(({ job }) => job)
}

function groupOf(job: TableJob): Group {
  if (job.status === 'completed') return 'done'
  if (isTerminal(job.status)) return 'failed'
  if (job.bytes_transferred > 0 || job.transfer_speed_bps > 0) return 'moving'
  return job.status === 'pending' || job.status === 'queued' ? 'waiting' : 'setup'
}

export function styleOf(job: TableJob): Style | undefined {
  if (isTerminal(job.status)) return job.status === 'completed' ? 'green' : 'red'
  if (TROUBLES.has(job.verdict ?? '')) return 'yellow'
  return groupOf(job) === 'moving' ? 'cyan' : undefined
}

function stateText(job: TableJob, width: number, { now }: Pick<View, 'now'>): string {
  if (isTerminal(job.status)) return job.status
  if (TROUBLES.has(job.verdict ?? '')) return troubleText(job, width, now)
  return job.current_operation === '' ? job.status : job.current_operation
}

/** `stalled 3m` where it fits. */
function troubleText({ verdict = 'waiting', verdict_since }: TableJob, width: number, now: number | undefined): string {
  const word = verdictWords(verdict)
  const since = Date.parse(verdict_since ?? '')
  if (now === undefined || Number.isNaN(since)) return word
  const whole = `${word} ${formatCoarse(Math.max(0, (now - since) / 1_000))}`
  return whole.length <= width ? whole : word
}

export function verdictWords(verdict: string): string {
  return verdict.replaceAll('_', ' ')
}

function typeText(job: TableJob): string {
  return job.replication_type === 'incremental' ? 'incr' : job.replication_type === 'initial' ? 'full' : ''
}

function barText(job: TableJob, width: number, { glyphs }: Pick<View, 'glyphs'>): string {
  return renderBar(job.progress_percent, width, glyphs)
}

function percentText(job: TableJob): string {
  const started = isTerminal(job.status) || groupOf(job) === 'moving'
  return started ? formatPercent(job.progress_percent) : '-'
}

function movedText(job: TableJob): string {
  return job.total_bytes > 0 ? formatMoved(job.bytes_transferred, job.total_bytes) : '-'
}

function speedText(job: TableJob): string {
  return job.transfer_speed_bps > 0 && !isTerminal(job.status) ? formatMibps(job.transfer_speed_bps) : '-'
}

function etaText(job: TableJob, width: number): string {
  if (isTerminal(job.status)) return formatEta(null)
  const range = formatRange(job.eta_low_seconds ?? null, job.eta_high_seconds ?? null)
  return range !== undefined && range.length <= width && width > ETA_WIDTH ? range : formatEta(job.eta_seconds)
}

function disksText(job: TableJob): string {
  return job.disks_total === 0 ? '-' : `${job.disks_reporting}/${job.disks_total}`
}
