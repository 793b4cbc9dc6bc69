import type { JSX } from 'preact'
import type { LiveJob, VmContextDetail } from '../../../src/client/index.ts'
import type { Live } from '../connection/live.ts'
import { formatMibps, formatMoved, formatPercent } from '../format/amounts.ts'
import { formatClock, formatEta, formatSpan, timeOf } from '../format/times.ts'
import { isRunning, spoken, stateOf, STATES } from '../model/state.ts'
import { Bar } from '../ui/bar.tsx'
import { StateBadge } from '../ui/state-badge.tsx'

interface Props {
  readonly live: Live
  readonly name: string
  readonly detail: VmContextDetail | undefined
  readonly job: LiveJob | undefined
}

/** The head of a VM's page: its state, and how far its job is. */
export function Summary({ live, name, detail, job }: Props): JSX.Element {
  const state = stateOf(job, detail?.context)
  const since = timeOf(job?.verdict_since)
  return (
    <section class={`summary${STATES[state].isStale ? ' is-old' : ''}`} aria-label="State">
      <div class="summary-head">
        <h1>{name}</h1>
        <StateBadge state={state} />
        {since !== undefined && <span class="nums muted">{sinceText(job, since, live.shownAt)}</span>}
      </div>
      <p class="muted">{place(job, detail)}</p>
      {job !== undefined && <Progress live={live} job={job} />}
      {job !== undefined && job.error_message !== '' && (
        <p class="notice tone-bad">
          <span>{job.error_message}</span>
        </p>
      )}
    </section>
  )
}

function sinceText(job: LiveJob | undefined, since: number, now: number): string {
  const span = formatSpan((now - since) / 1_000)
  const isOver = job !== undefined && !isRunning(job)
  return isOver ? `${span} ago, at ${formatClock(since)}` : `for ${span}, since ${formatClock(since)}`
}

function place(job: LiveJob | undefined, detail: VmContextDetail | undefined): string {
  const status = job?.status ?? detail?.context.current_status ?? ''
  const stage = job !== undefined && isRunning(job) ? job.current_operation : ''
  return [job?.vcenter_host ?? detail?.context.vcenter_host ?? '', spoken(status), stage].filter(Boolean).join(' · ')
}

function Progress({ live, job }: { readonly live: Live; readonly job: LiveJob }): JSX.Element {
  const { asOf } = live.truth
  const { tone, isStale } = STATES[stateOf(job, undefined)]
  const isLive = asOf === undefined && !isStale
  const eta = isLive ? formatEta(job.eta_low_seconds, job.eta_high_seconds) : undefined
  return (
    <div class="summary-progress">
      <Bar
        label={`${job.vm_name}, progress`}
        percent={job.progress_percent}
        bytes={job.bytes_transferred}
        total={job.total_bytes}
        tone={tone}
        isStale={!isLive}
      />
      <dl class="summary-figures nums">
        <Figure name="Done" value={formatPercent(job.progress_percent)} />
        <Figure name="Moved" value={formatMoved(job.bytes_transferred, job.total_bytes)} />
        {isRunning(job) && <Figure name="Speed" value={`${formatMibps(job.transfer_speed_bps)} MiB/s`} />}
        {isRunning(job) && <Figure name="Time left" value={eta ?? '–'} />}
        {asOf !== undefined && <Figure name="As of" value={formatClock(asOf)} />}
      </dl>
    </div>
  )
}

function Figure({ name, value }: { readonly name: string; readonly value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
