import type { JSX } from 'preact'
import type { JobLogEventJson } from '../../../src/model/wire/job-log.ts'
import type { Live } from '../connection/live.ts'
import { formatClock, timeOf } from '../format/times.ts'
import { Panel } from './panel.tsx'
import { useLoaded } from './use-loaded.ts'

interface Props {
  readonly live: Live
  readonly name: string
  readonly jobId: string
}

const LINES = 300

/** The job's lines of the JobLog, newest first. */
export function JobLog({ live, name, jobId }: Props): JSX.Element {
  const { value, fault } = useLoaded(live, name, `log/${jobId}`, () => live.client.rest.log(jobId, { limit: LINES }))
  const lines = value?.events.toReversed() ?? []
  return (
    <Panel title="Log" note={jobId} class="vm-log">
      {fault !== undefined && fault.status !== 404 && <p class="notice tone-warn">{fault.message}</p>}
      {lines.length === 0 ? (
        <p class="nothing">
          {value === undefined && fault === undefined
            ? 'Asking the OMA…'
            : (value?.details ?? 'No line has been kept.')}
        </p>
      ) : (
        <div class="scroll log" role="region" aria-label="Log lines" tabIndex={0}>
          <ul>
            {lines.map((line, at) => (
              <Line key={lines.length - at} line={line} />
            ))}
          </ul>
        </div>
      )}
    </Panel>
  )
}

function Line({ line: { ts, level, message, attrs } }: { readonly line: JobLogEventJson }): JSX.Element {
  const at = timeOf(ts)
  const details = Object.keys(attrs).length === 0 ? '' : JSON.stringify(attrs)
  return (
    <li class={`log-line level-${level.toLowerCase()}`}>
      <time class="nums">{at === undefined ? ts : formatClock(at)}</time>
      <span class="log-level">{level.toLowerCase()}</span>
      <span class="log-text">
        {message}
        {details !== '' && <code>{details}</code>}
      </span>
    </li>
  )
}
