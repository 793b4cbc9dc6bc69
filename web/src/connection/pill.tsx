import type { JSX } from 'preact'
import { Icon } from '../ui/icon.tsx'
import { useChange } from '../ui/hooks.ts'
import { formatClock } from '../format/times.ts'
import type { Live } from './live.ts'
import type { Truth } from './truth.ts'

/** Always there: whether what is on the screen is true now. */
export function Pill({ live }: { readonly live: Live }): JSX.Element {
  useChange(live.linked, live.ticked, live.changed)
  const { truth } = live
  const { word, shape, tone } = LOOKS[truth.name]
  return (
    <p class={`pill tone-${tone} pill-${truth.name}`} role="status" data-truth={truth.name}>
      <Icon name={shape} />
      <span>{word}</span>
      {/* The countdown is seen in the banner; it is not to be read out each second. */}
      {truth.asOf !== undefined && <span class="unseen">, numbers are as of {formatClock(truth.asOf)}</span>}
    </p>
  )
}

const LOOKS = {
  starting: { word: 'Connecting', shape: 'clock', tone: 'quiet' },
  live: { word: 'Live', shape: 'play', tone: 'good' },
  reconnecting: { word: 'Reconnecting', shape: 'slow', tone: 'warn' },
  stale: { word: 'Stale', shape: 'unplugged', tone: 'bad' },
} as const satisfies Record<Truth['name'], unknown>
