import type { JSX } from 'preact'
import type { LiveJob } from '../../../src/client/index.ts'
import type { Live } from '../connection/live.ts'
import { formatClock, formatSpan, timeOf } from '../format/times.ts'
import { isRunning, stateOf } from '../model/state.ts'
import { ageNow, whyOf } from '../model/why.ts'
import { StateBadge } from '../ui/state-badge.tsx'
import { Orders } from './orders.tsx'
import { Panel } from './panel.tsx'

interface Props {
  readonly live: Live
  readonly job: LiveJob | undefined
  readonly jobId: string
}

/** Why the job is where it is: the verdict, how old everything is that it rests on, and what comes next. */
export function WhyPanel({ live, job, jobId }: Props): JSX.Element {
  if (job === undefined) {
    return (
      <Panel title="Why">
        <p>{jobId === '' ? 'No job of this VM has run yet.' : 'This job is over and not in memory any more.'}</p>
      </Panel>
    )
  }
  const { means, look } = whyOf(job)
  const since = timeOf(job.verdict_since)
  return (
    <Panel title="Why" class="why">
      <p>
        <StateBadge state={stateOf(job, undefined)} />
        {since !== undefined && <span class="nums muted"> since {formatClock(since)}</span>}
      </p>
      <p>{means}</p>
      {look !== undefined && <p class="why-look">{look}</p>}
      <Ages live={live} job={job} />
      {isRunning(job) && <Orders live={live} jobId={job.job_id} state={job.poller.state} />}
    </Panel>
  )
}

function Ages({ live, job }: { readonly live: Live; readonly job: LiveJob }): JSX.Element {
  const { asOf } = live.truth
  const since = asOf === undefined ? live.secondsSinceTold(job.job_id) : undefined
  const age = (told: number | null): string => {
    const seconds = ageNow(told, since)
    if (seconds === undefined) return 'never'
    return asOf === undefined ? `${formatSpan(seconds)} ago` : `${formatSpan(seconds)} before ${formatClock(asOf)}`
  }
  const { poller } = job
  return (
    <dl class="facts nums">
      <Fact name="Last source update" value={age(job.source_update_age_seconds)} data="source" />
      <Fact name="Last contact with the VMA" value={age(job.contact_age_seconds)} data="contact" />
      <Fact name="Last write to the database" value={age(job.write_age_seconds)} data="write" />
      {isRunning(job) && <Fact name="Next poll" value={nextPoll(job, live)} data="next" />}
      <Fact name="Poller" value={POLLER_WORDS[poller.state] ?? poller.state} data="poller" />
      <Fact name="Errors in a row" value={String(poller.consecutive_errors)} data="errors" />
      {poller.last_error !== null && (
        <Fact
          name="Last error"
          value={`${poller.last_error.code}, ${formatClock(timeOf(poller.last_error.at) ?? 0)}: ${poller.last_error.message}`}
          data="error"
        />
      )}
    </dl>
  )
}

const POLLER_WORDS: Readonly<Record<string, string>> = {
  waiting: 'waits for its turn',
  polling: 'asks',
  backingOff: 'backs off after an error',
  suspended: 'suspended after too many errors',
  paused: 'stopped by hand',
  held: 'held until the VMA answers',
}

function nextPoll(job: LiveJob, live: Live): string {
  if (live.truth.asOf !== undefined) return 'not known while not live'
  const at = timeOf(job.poller.next_poll_at)
  if (at === undefined) return 'none is due'
  const seconds = (at - live.serverNow) / 1_000
  return seconds <= 1 ? 'now' : `in ${formatSpan(seconds)}`
}

function Fact({
  name,
  value,
  data,
}: {
  readonly name: string
  readonly value: string
  readonly data: string
}): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-fact={data}>{value}</dd>
    </div>
  )
}
