import type { ComponentChildren, JSX } from 'preact'
import type { Live } from '../connection/live.ts'
import { formatMibps, formatMoved, formatPercent } from '../format/amounts.ts'
import { formatClock, formatEta } from '../format/times.ts'
import type { Totals } from '../model/totals.ts'
import { useChange } from '../ui/hooks.ts'

/** The fleet in three numbers. */
export function Headline({ totals, live }: { readonly totals: Totals; readonly live: Live }): JSX.Element {
  useChange(live.linked, live.ticked)
  const { bytesMoved, bytesTotal, bytesPerSecond } = totals
  const percent = bytesTotal > 0 ? formatPercent((bytesMoved / bytesTotal) * 100) : '–'
  const { asOf } = live.truth
  return (
    <dl class="headline">
      <Figure name="Rate" note={asOf === undefined ? 'all that moves' : `as of ${formatClock(asOf)}`}>
        <span class="nums" data-total="rate">
          {formatMibps(bytesPerSecond)}
        </span>
        <small> MiB/s</small>
      </Figure>
      <Figure name="Until all is done" note={etaNote(totals, asOf)}>
        <span class="nums" data-total="eta">
          {(asOf === undefined ? formatEta(totals.etaLow, totals.etaHigh) : undefined) ?? '–'}
        </span>
      </Figure>
      <Figure name="Moved" note={`${formatMoved(bytesMoved, bytesTotal)} of what runs`}>
        <span class="nums" data-total="percent">
          {percent}
        </span>
      </Figure>
    </dl>
  )
}

function etaNote({ counts, withoutEta }: Totals, asOf: number | undefined): string {
  if (asOf !== undefined) return 'not known while not live'
  if (counts.running === 0) return 'nothing runs'
  return withoutEta === 0 ? 'the last job' : `${withoutEta} of ${counts.running} jobs without an estimate`
}

interface FigureProps {
  readonly name: string
  readonly note: string
  readonly children: ComponentChildren
}

function Figure({ name, note, children }: FigureProps): JSX.Element {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd class="figure-value">{children}</dd>
      <dd class="figure-note nums">{note}</dd>
    </div>
  )
}
