import { Component, type JSX } from 'preact'
import type { LiveJob } from '../../../src/client/index.ts'
import { formatMibps, formatMoved, formatPercent } from '../format/amounts.ts'
import { formatClock, formatEta, timeOf } from '../format/times.ts'
import type { Row } from '../model/fleet.ts'
import { isRunning, spoken, STATES, type StateName } from '../model/state.ts'
import { vmHash } from '../session/route.ts'
import { Bar } from '../ui/bar.tsx'
import { Icon } from '../ui/icon.tsx'
import { StateBadge } from '../ui/state-badge.tsx'
import { Disks } from './disks.tsx'

export interface RowProps {
  readonly row: Row
  readonly index: number
  /** CSS pixels from the list's top. */
  readonly top: number
  readonly since: string
  /** The connection is gone: numbers are as of then. */
  readonly asOf: number | undefined
  readonly isOpen: boolean
  /** The one row that Tab leads to. */
  readonly isActive: boolean
  readonly toggle: (key: string) => void
}

/** Drawn anew only when one of its properties changed: of thousands of rows a few dozen are here, and of those few change. */
export class FleetRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return (Object.keys(next) as (keyof RowProps)[]).some((name) => next[name] !== this.props[name])
  }

  override render({ row, index, top, since, asOf, isOpen, isActive, toggle }: RowProps): JSX.Element {
    const { job } = row
    const disks = job?.disks ?? []
    // A second job of a VM: its page would show the newest.
    const ownJob = row.key.startsWith('job:') ? job?.job_id : undefined
    const isOld = asOf !== undefined || STATES[row.state].isStale
    return (
      <div
        class={`row-box${isOpen ? ' is-open' : ''}${isOld ? ' is-old' : ''}`}
        style={{ transform: `translateY(${top}px)` }}
        role="presentation"
      >
        <div
          class="row"
          role="row"
          aria-rowindex={index + 2}
          aria-level={1}
          aria-expanded={disks.length > 0 ? isOpen : undefined}
          tabIndex={isActive ? 0 : -1}
          data-key={row.key}
          data-state={row.state}
          onClick={(event) => onRowClick(event, row.key, toggle)}
        >
          <div class="cell-name" role="rowheader">
            {disks.length > 0 ? <Icon name="chevron" /> : <span />}
            <a href={vmHash(row.name, row.vcenter, ownJob)} title={row.name} tabIndex={-1}>
              {row.name}
            </a>
            <small>{subline(row)}</small>
          </div>
          <div class="cell-state" role="gridcell">
            <StateBadge state={row.state} />
            <small class="nums">{since}</small>
          </div>
          <Numbers row={row} asOf={asOf} />
        </div>
        {isOpen && <Disks name={row.name} disks={disks} isOld={isOld} />}
      </div>
    )
  }
}

function onRowClick(event: MouseEvent, key: string, toggle: (key: string) => void): void {
  const isText = (getSelection()?.toString() ?? '') !== ''
  if (!isText && event.target instanceof Element && event.target.closest('a') === null) toggle(key)
}

function subline({ job, status }: Row): string {
  const parts = [spoken(status)]
  if (job !== undefined && job.current_operation !== '' && isRunning(job)) parts.push(stageOf(job))
  if (job !== undefined && job.disks_total > 1) parts.push(`${job.disks_total} disks`)
  return parts.join(' · ')
}

/** Set-up has a percent of its own, which is none of the bytes; the OMA keeps the last one. */
function stageOf({ current_operation: stage, setup_progress_percent: percent, status }: LiveJob): string {
  return percent === null || !SETUP.has(status) ? stage : `${stage} ${Math.floor(percent)} %`
}

const SETUP: ReadonlySet<LiveJob['status']> = new Set([
  'pending',
  'queued',
  'initializing',
  'preparing',
  'snapshotting',
])

function Numbers({ row, asOf }: { readonly row: Row; readonly asOf: number | undefined }): JSX.Element {
  const { job, state } = row
  if (job === undefined) return <div class="cell-none" role="gridcell" aria-colspan={3} />
  const { tone, isStale } = STATES[state]
  const isOld = asOf !== undefined || isStale
  return (
    <>
      <div class="cell-bar" role="gridcell">
        <Bar
          label={`${row.name}, progress`}
          percent={job.progress_percent}
          bytes={job.bytes_transferred}
          total={job.total_bytes}
          tone={tone}
          isStale={isOld}
        />
        <span class="cell-moved nums">{formatMoved(job.bytes_transferred, job.total_bytes)}</span>
        <span class="cell-percent nums">{formatPercent(job.progress_percent)}</span>
      </div>
      {isRunning(job) ? <Pace row={row} job={job} asOf={asOf} /> : <Outcome job={job} />}
    </>
  )
}

function Pace({ row, job, asOf }: { readonly job: LiveJob } & Pick<RowProps, 'row' | 'asOf'>): JSX.Element {
  return (
    <>
      <div class="cell-speed nums" role="gridcell">
        <span>{formatMibps(job.transfer_speed_bps)}</span>
        <small> MiB/s</small>
      </div>
      <div class="cell-eta nums" role="gridcell">
        {etaText(job, row.state, asOf)}
      </div>
    </>
  )
}

/** A job that is over has neither: there is room for why it failed. */
function Outcome({ job: { error_message: error } }: { readonly job: LiveJob }): JSX.Element {
  return (
    <div class="cell-outcome" role="gridcell" aria-colspan={2} title={error}>
      {error}
    </div>
  )
}

/** An estimate that is not true now is not shown: instead of it, how old the numbers are. */
function etaText(job: LiveJob, state: StateName, asOf: number | undefined): string {
  if (asOf !== undefined) return `as of ${formatClock(asOf)}`
  if (!STATES[state].isStale) return formatEta(job.eta_low_seconds, job.eta_high_seconds) ?? '–'
  const heardAt = timeOf(state === 'source_silent' ? job.source_updated_at : job.poller.last_contact_at)
  return heardAt === undefined ? 'never heard of' : `as of ${formatClock(heardAt)}`
}
