/**
 * One job in full as lines of text. Pure. Of a job that is not heard of at the moment (`isLive: false`) speed and ETA are left out and
 * nothing has the colour of what moves: an old number never looks like a new one.
 */

import type { LiveJob } from '../../client/index.ts'
import { isTerminal } from '../../model/words.ts'
import { renderBar } from '../bar.ts'
import { formatCoarse, formatMibps, formatMoved, formatPercent, formatRange } from '../format.ts'
import { styleOf, verdictWords } from '../table.ts'
import { cutTo, displayWidth, fit, printable, wrapSegments } from '../text.ts'
import type { Look } from './look.ts'
import { lastErrorText, nextPollText, secondsBetween, whyText } from './why.ts'

export interface DetailView extends Look {
  /** Epoch ms. */
  readonly now: number
  /** What has come since the job's ages were told, seconds. */
  readonly agedBy: number
  readonly isLive: boolean
}

type Disk = LiveJob['disks'][number]

const MOST_BAR = 40
const DISK_NAME = 12
const DISK_BAR = 20

/** Head, bar and disks: what `watch` shows of one job. */
export function jobLines(job: LiveJob, view: DetailView): readonly string[] {
  const { paint, width, glyphs } = view
  const name = [printable(job.vm_name), printable(job.job_id), kindText(job)].filter((part) => part !== '')
  const doing = [job.status, printable(job.current_operation), verdictText(job, view)].filter((part) => part !== '')
  const style = view.isLive ? styleOf(job) : 'dim'
  return [
    ...wrapSegments(name, '  ', width).map((line) => paint('bold', line)),
    ...wrapSegments(doing, glyphs.dot, width).map((line) => (style === undefined ? line : paint(style, line))),
    ...barLines(job, view),
    ...(job.disks.length > 1 ? job.disks.map((disk) => diskLine(disk, view)) : []),
  ]
}

/** What `job` tells besides: why it is so, how old each number is, what went wrong, when it is asked again. */
export function whyLines(job: LiveJob, view: DetailView): readonly string[] {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['why', whyText(job)],
    ['ages', agesText(job, view.agedBy)],
    ['last error', lastErrorText(job, view.now)],
    ['next poll', nextPollText(job, view.now)],
    ['polling', printable(job.poller.state)],
    ['vCenter', printable(job.vcenter_host)],
    ['context', printable(job.vm_context_id)],
    ['created', printable(job.created_at)],
    ['started', printable(job.started_at ?? '')],
    ['ended', printable(job.completed_at ?? '')],
  ]
  return rows.flatMap(([name, value]) => (value === undefined || value === '' ? [] : labelled(name, value, view)))
}

const LABEL = 12

/** Wrapped by words behind its label. */
export function labelled(name: string, value: string, { width, paint }: Look): readonly string[] {
  const room = Math.max(16, width - LABEL)
  return wrapSegments(value.split(' '), ' ', room).map(
    (line, at) => paint('dim', fit(at === 0 ? name : '', LABEL)) + line,
  )
}

function kindText({ replication_type: type }: LiveJob): string {
  return type === 'initial' ? 'full' : printable(type)
}

function verdictText({ verdict, verdict_since, status }: LiveJob, { now }: DetailView): string {
  if (isTerminal(status)) return ''
  return `${verdictWords(verdict)} for ${formatCoarse(secondsBetween(verdict_since, now))}`
}

export function agesText(job: LiveJob, agedBy: number): string {
  const ages = [
    ['source', job.source_update_age_seconds],
    ['contact', job.contact_age_seconds],
    ['written', job.write_age_seconds],
  ] as const
  return ages.map(([name, age]) => `${name} ${age === null ? 'never' : `${formatCoarse(age + agedBy)} ago`}`).join(', ')
}

function barLines(job: LiveJob, view: DetailView): readonly string[] {
  const { width, glyphs, paint, isLive } = view
  const figures = figuresOf(job, isLive)
  const [percent = '', ...rest] = figures
  // Beside the bar where there is room for one worth looking at, else below it.
  const beside = figures.join('  ')
  const room = width - displayWidth(beside) - 2
  const style = isLive ? (styleOf(job) ?? 'cyan') : 'dim'
  if (room >= 16)
    return [`${paint(style, renderBar(job.progress_percent, Math.min(room, MOST_BAR), glyphs))}  ${beside}`]
  const bar = renderBar(
    job.progress_percent,
    Math.max(4, Math.min(width - displayWidth(percent) - 2, MOST_BAR)),
    glyphs,
  )
  return [`${paint(style, bar)}  ${percent}`, ...wrapSegments(rest, '  ', width)]
}

function figuresOf(job: LiveJob, isLive: boolean): readonly string[] {
  const moved = job.total_bytes > 0 ? formatMoved(job.bytes_transferred, job.total_bytes) : 'size not known'
  const figures = [formatPercent(job.progress_percent), moved]
  if (!isLive || isTerminal(job.status)) return figures
  if (job.transfer_speed_bps > 0) figures.push(`${formatMibps(job.transfer_speed_bps)} MiB/s`)
  const eta = formatRange(job.eta_low_seconds, job.eta_high_seconds)
  return eta === undefined ? figures : [...figures, `ETA ${eta}`]
}

function diskLine(disk: Disk, view: DetailView): string {
  const { width, glyphs, paint, isLive } = view
  const speed = isLive && disk.transfer_speed_bps > 0 && disk.sync_status !== 'completed'
  const parts = [
    fit(formatPercent(disk.progress_percent), 6, 'right'),
    stateOf(disk),
    disk.total_bytes > 0 ? formatMoved(disk.bytes_transferred, disk.total_bytes) : '',
    speed ? `${formatMibps(disk.transfer_speed_bps)} MiB/s` : '',
  ].filter((part) => part !== '')
  const name = fit(disk.disk_id, Math.min(DISK_NAME, Math.max(4, width - 32)), 'left', glyphs.ellipsis)
  const room = width - 2 - displayWidth(name) - 1
  const bar = renderBar(disk.progress_percent, Math.max(0, Math.min(DISK_BAR, room - 10)), glyphs)
  const rest = cutTo(parts.join('  '), Math.max(0, room - displayWidth(bar) - 1), glyphs.ellipsis)
  return `  ${name} ${paint(isLive ? diskStyle(disk) : 'dim', bar)} ${rest}`
}

/** Nothing of what moves: its bar and speed say that. */
function stateOf({ reporting, sync_status: status }: Disk): string {
  if (!reporting && status !== 'completed') return 'not heard of'
  return status === 'syncing' ? '' : printable(status)
}

function diskStyle({ sync_status: status }: Disk): 'green' | 'red' | 'cyan' {
  return status === 'completed' ? 'green' : status === 'failed' ? 'red' : 'cyan'
}
