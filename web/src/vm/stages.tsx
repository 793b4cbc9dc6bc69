import type { JSX } from 'preact'
import type { ProgressHistoryJson } from '../../../src/model/wire/history.ts'
import { formatClock, formatSpan, timeOf } from '../format/times.ts'
import { Panel } from './panel.tsx'

interface Props {
  readonly history: ProgressHistoryJson
  /** Epoch ms. */
  readonly now: number
}

/** The stages one after the other, as wide as they took. */
export function Stages({ history, now }: Props): JSX.Element {
  const stages = history.stages.map((stage) => {
    const start = timeOf(stage.started_at) ?? now
    const seconds = Math.max(0, (timeOf(stage.ended_at) ?? now) - start) / 1_000
    return { ...stage, start, seconds, isNow: stage.ended_at === null }
  })
  const dropped = history.stages_dropped
  return (
    <Panel title="Stages" note={dropped > 0 ? `${dropped} more did not fit` : undefined}>
      <div class="strip" aria-hidden="true">
        {stages.map(({ stage, start, seconds, isNow }) => (
          <span key={start + stage} class={isNow ? 'is-now' : ''} style={{ flexGrow: Math.max(0.5, seconds) }} />
        ))}
      </div>
      <ol class="stages">
        {stages.map(({ stage, status, start, seconds, isNow }) => (
          <li key={start + stage} class={isNow ? 'is-now' : ''} aria-current={isNow ? 'step' : undefined}>
            <span class="stage-name">{stage === '' ? status : stage}</span>
            <span class="nums muted">{formatClock(start)}</span>
            <span class="nums">{formatSpan(seconds)}</span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}
