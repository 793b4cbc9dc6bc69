import type { JSX } from 'preact'
import { formatClock } from '../format/times.ts'
import { Icon } from '../ui/icon.tsx'
import { useChange } from '../ui/hooks.ts'
import type { Live } from './live.ts'

/** What is wrong with the connection, since when, and when it is tried again. */
export function Banner({ live }: { readonly live: Live }): JSX.Element | null {
  useChange(live.linked, live.ticked, live.changed)
  const { name, asOf, retryInSeconds, reason } = live.truth
  if (name === 'live' || name === 'starting') return null
  const next = retryInSeconds === undefined ? 'Trying now…' : `Next try in ${retryInSeconds} s.`
  return (
    <section aria-label="Connection" class={`banner tone-${name === 'stale' ? 'bad' : 'warn'}`} data-banner={name}>
      <Icon name={name === 'stale' ? 'unplugged' : 'slow'} />
      <p>
        <strong>{name === 'stale' ? 'Stale: the OMA is out of reach.' : 'Reconnecting to the OMA.'}</strong>{' '}
        {asOf !== undefined && (
          <>
            Every number is as of <time class="nums">{formatClock(asOf)}</time>.{' '}
          </>
        )}
        <span class="nums">{next}</span>
        {reason !== undefined && <small> ({reason})</small>}
      </p>
      <button type="button" class="button" onClick={() => live.client.retry()}>
        Try now
      </button>
    </section>
  )
}
