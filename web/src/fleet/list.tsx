import type { JSX, RefObject } from 'preact'
import { useCallback, useMemo, useRef, useState } from 'preact/hooks'
import type { Live } from '../connection/live.ts'
import { formatSpan, timeOf } from '../format/times.ts'
import type { Row } from '../model/fleet.ts'
import { Layout } from '../model/layout.ts'
import type { Query } from '../model/query.ts'
import { useChange } from '../ui/hooks.ts'
import { ListHead } from './list-head.tsx'
import { stepOf, type Move } from './moves.ts'
import { FleetRow } from './row.tsx'
import { useDrawn } from './use-drawn.ts'
import { useFocus } from './use-focus.ts'
import { useHeights } from './use-heights.ts'
import { useSight } from './use-sight.ts'

interface Props {
  readonly live: Live
  readonly keys: readonly string[]
  readonly query: Query
  readonly ask: (query: Query) => void
  readonly lastKey: { current: string | undefined }
}

/** Every row of the selection, of which only those in sight are there. */
export function List({ live, keys, query, ask, lastKey }: Props): JSX.Element {
  useChange(live.changed, live.ticked, live.linked)
  const [open, toggle] = useOpen()
  const isOpen = (row: Row): boolean => open.has(row.key) && (row.job?.disks.length ?? 0) > 0
  const probe = useRef<HTMLDivElement>(null)
  const body = useRef<HTMLDivElement>(null)
  const heights = useHeights(probe)
  const places = useMemo(() => new Map(keys.map((key, index) => [key, index] as const)), [keys])
  const extras = [...open].flatMap((key) => {
    const index = places.get(key)
    return index === undefined ? [] : [{ index, extra: extraOf(live.fleet.rows.get(key), heights) }]
  })
  const layout = new Layout(keys.length, heights.row, extras)
  const [first, end] = useDrawn(layout, useSight(body))
  const focus = useFocus(body, keys, places, lastKey)
  const onKeyDown = (event: KeyboardEvent): void => {
    const active = focus.key === undefined ? undefined : live.fleet.rows.get(focus.key)
    const move = stepOf(event.key, Math.floor(innerHeight / heights.row / 2))
    // With another key they are the browser's: Alt and ← goes back.
    if (event.altKey || event.ctrlKey || event.metaKey || move === undefined || active === undefined) return
    event.preventDefault()
    obey(move, active, isOpen(active), { toggle, step: focus.step })
  }
  const indices = rangeWith(first, end, places.get(focus.key ?? ''))
  const asOf = live.truth.asOf
  const now = live.shownAt
  return (
    <div class="list" role="treegrid" aria-label="VMs" aria-rowcount={keys.length + 1}>
      <Probe of={probe} />
      <ListHead query={query} ask={ask} />
      <div
        class="rows"
        role="rowgroup"
        ref={body}
        style={{ height: `${layout.height}px` }}
        onKeyDown={onKeyDown}
        onFocusIn={(event) => focus.follow(event.target)}
      >
        {indices.map((index) => {
          const row = live.fleet.rows.get(keys[index] ?? '')
          return row === undefined ? null : (
            <FleetRow
              key={row.key}
              row={row}
              index={index}
              top={layout.top(index)}
              since={sinceText(row, now)}
              asOf={asOf}
              isOpen={isOpen(row)}
              isActive={row.key === (focus.key ?? keys[0])}
              toggle={toggle}
            />
          )
        })}
      </div>
    </div>
  )
}

/** What `useHeights` measures. */
function Probe({ of }: { readonly of: RefObject<HTMLDivElement | null> }): JSX.Element {
  return (
    <div class="probe" ref={of} aria-hidden="true" role="presentation">
      <div class="probe-row" />
      <div class="probe-disk" />
      <div class="probe-gap" />
    </div>
  )
}

function useOpen(): readonly [ReadonlySet<string>, (key: string) => void] {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set())
  const toggle = useCallback((key: string) => {
    setOpen((before) => {
      const after = new Set(before)
      if (!after.delete(key)) after.add(key)
      return after
    })
  }, [])
  return [open, toggle]
}

interface Means {
  readonly toggle: (key: string) => void
  readonly step: (by: number) => void
}

function obey(move: Move, row: Row, isOpen: boolean, { toggle, step }: Means): void {
  if (typeof move === 'number') return step(move)
  if (move === 'enter') {
    document.querySelector<HTMLElement>(`[data-key="${CSS.escape(row.key)}"] a`)?.click()
  } else if (move === 'leave') {
    document.querySelector<HTMLElement>('.search input')?.focus()
  } else if (move === 'turn' || isOpen !== (move === 'open')) {
    toggle(row.key)
  }
}

/** The row that has the focus stays, wherever it is: without it the focus would be lost while one scrolls. */
function rangeWith(first: number, end: number, kept: number | undefined): readonly number[] {
  const range = Array.from({ length: end - first }, (_, at) => first + at)
  if (kept === undefined || (kept >= first && kept < end)) return range
  return kept < first ? [kept, ...range] : [...range, kept]
}

function extraOf(row: Row | undefined, { disk, gap }: { readonly disk: number; readonly gap: number }): number {
  const count = row?.job?.disks.length ?? 0
  return count === 0 ? 0 : count * disk + gap
}

function sinceText({ job, context, state }: Row, now: number): string {
  if (job !== undefined) {
    const at = timeOf(job.completed_at) ?? timeOf(job.verdict_since)
    if (at === undefined) return ''
    const span = formatSpan((now - at) / 1_000)
    return job.completed_at === null ? `for ${span}` : `${span} ago`
  }
  const at = timeOf(state === 'failed' ? context?.last_status_change : context?.last_job_at)
  return at === undefined ? 'never ran' : `last ${formatSpan((now - at) / 1_000)} ago`
}
