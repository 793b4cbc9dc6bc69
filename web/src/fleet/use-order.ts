import { useEffect, useRef, useState } from 'preact/hooks'
import type { Live } from '../connection/live.ts'
import { select, statusesOf, type Query } from '../model/query.ts'
import { totalsOf, type Totals } from '../model/totals.ts'

/** Rows change ten times a second; an order that did would let nobody read, and cost most of the processor's time. */
const EVERY_MS = 500

export interface Order {
  readonly keys: readonly string[]
  readonly totals: Totals
  readonly statuses: readonly string[]
}

/** The order and the totals: anew at once with another query, and every half second while the fleet changes. */
export function useOrder(live: Live, query: Query): Order {
  const made = useRef<{ readonly query: Query; readonly order: Order }>(undefined)
  const [, again] = useState(0)
  useEffect(() => {
    let version = -1
    const timer = setInterval(() => {
      if (version === live.fleet.version) return
      version = live.fleet.version
      made.current = undefined
      again((count) => count + 1)
    }, EVERY_MS)
    return () => clearInterval(timer)
  }, [live])
  if (made.current?.query !== query) made.current = { query, order: orderOf(live, query) }
  return made.current.order
}

function orderOf(live: Live, query: Query): Order {
  const { rows } = live.fleet
  return {
    keys: select(rows.values(), query).map((row) => row.key),
    totals: totalsOf(rows.values()),
    statuses: statusesOf(rows.values()),
  }
}
