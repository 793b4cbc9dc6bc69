import type { JSX } from 'preact'
import { formatMoved, formatPercent } from '../format/amounts.ts'
import type { Tone } from '../model/state.ts'

interface Props {
  /** Whose progress. */
  readonly label: string
  readonly percent: number
  readonly bytes: number
  readonly total: number
  readonly tone: Tone
  /** The numbers were heard long ago: said, and hatched. */
  readonly isStale: boolean
}

export function Bar({ label, percent, bytes, total, tone, isStale }: Props): JSX.Element {
  const moved = formatMoved(bytes, total)
  return (
    <div
      class={`bar tone-${tone}${isStale ? ' is-stale' : ''}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(percent * 10) / 10}
      aria-valuetext={`${formatPercent(percent)}, ${moved}${isStale ? ', not live' : ''}`}
    >
      <div class="bar-fill" style={{ transform: `translateX(${percent - 100}%)` }} />
    </div>
  )
}
