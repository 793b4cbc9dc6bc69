import type { JSX } from 'preact'
import { RateChart } from '../charts/rate-chart.tsx'
import type { Live } from '../connection/live.ts'
import { grouped } from '../format/amounts.ts'
import { EVERYTHING, type Query } from '../model/query.ts'
import { useChange, useMedia } from '../ui/hooks.ts'
import { Groups } from './groups.tsx'
import { List } from './list.tsx'
import { Headline } from './headline.tsx'
import { Toolbar } from './toolbar.tsx'
import { useOrder } from './use-order.ts'

interface Props {
  readonly live: Live
  readonly query: Query
  readonly ask: (query: Query) => void
  readonly lastKey: { current: string | undefined }
}

export function FleetPage({ live, query, ask, lastKey }: Props): JSX.Element {
  const { keys, totals, statuses } = useOrder(live, query)
  const isEmpty = keys.length === 0
  return (
    <>
      <section class="hero" aria-label="The whole fleet">
        <h1 class="unseen">Fleet</h1>
        <Headline totals={totals} live={live} />
        <FleetChart live={live} />
      </section>
      <Groups counts={totals.counts} query={query} ask={ask} />
      <Toolbar query={query} ask={ask} statuses={statuses} />
      <p class="found" role="status">
        {grouped(keys.length)} of {grouped(totals.counts.all)} VMs
      </p>
      {live.listFault !== undefined && <p class="notice tone-warn">VMs without a job are missing: {live.listFault}</p>}
      {isEmpty ? (
        <Nothing live={live} ask={ask} />
      ) : (
        <List live={live} keys={keys} query={query} ask={ask} lastKey={lastKey} />
      )}
    </>
  )
}

const CHART_REMS = { wide: 8.5, narrow: 6 }
const CHART_SECONDS = 600
/** A page that was just opened has little to show: that little is not drawn as a hair at the edge. */
const LEAST_SECONDS = 120

function FleetChart({ live }: { readonly live: Live }): JSX.Element {
  useChange(live.ticked)
  const isNarrow = useMedia('(max-width: 759px)')
  const { times } = live.series
  const last = times.at(-1) ?? Date.now() / 1_000
  const from = Math.max(last - CHART_SECONDS, Math.min(times[0] ?? last, last - LEAST_SECONDS))
  return (
    <figure class="hero-chart">
      <figcaption>MiB/s of the fleet since this page was opened</figcaption>
      <RateChart
        label="Rate of the fleet"
        series={live.series}
        rems={isNarrow ? CHART_REMS.narrow : CHART_REMS.wide}
        from={from}
        to={last}
      />
    </figure>
  )
}

function Nothing({ live, ask }: { readonly live: Live; readonly ask: (query: Query) => void }): JSX.Element {
  useChange(live.linked, live.changed)
  if (live.fleet.rows.size === 0) {
    return <p class="nothing">{live.truth.name === 'live' ? 'The OMA knows no VM yet.' : 'Waiting for the OMA…'}</p>
  }
  return (
    <div class="nothing">
      <p>No VM matches.</p>
      <button type="button" class="button" onClick={() => ask(EVERYTHING)}>
        Show all VMs
      </button>
    </div>
  )
}
