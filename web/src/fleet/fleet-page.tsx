import type { JSX } from 'preact'
import { RateChart } from '../charts/rate-chart.tsx'
import type { Live } from '../connection/live.ts'
import { grouped } from '../format/amounts.ts'
import { EVERYTHING, type Query } from '../model/query.ts'
import { useChange } from '../ui/hooks.ts'
import { Groups } from './groups.tsx'
import { List } from './list.tsx'
import { Headline } from './headline.tsx'
import { Toolbar } from './toolbar.tsx'
import { useOrder } from './use-order.ts'

interface Props {
  readonly live: Live
  readonly query: Query
  readonly ask: (query: Query) => void
}

export function FleetPage({ live, query, ask }: Props): JSX.Element {
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
      {isEmpty ? <Nothing live={live} ask={ask} /> : <List live={live} keys={keys} query={query} ask={ask} />}
    </>
  )
}

const CHART_HEIGHT = 132
const CHART_SECONDS = 600

function FleetChart({ live }: { readonly live: Live }): JSX.Element {
  useChange(live.ticked)
  const last = live.series.times.at(-1) ?? Date.now() / 1_000
  return (
    <figure class="hero-chart">
      <figcaption>MiB/s of the fleet, last 10 minutes</figcaption>
      <RateChart
        label="Rate of the fleet"
        series={live.series}
        height={CHART_HEIGHT}
        from={last - CHART_SECONDS}
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
