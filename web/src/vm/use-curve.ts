import { useEffect, useReducer, useRef } from 'preact/hooks'
import type { ProgressHistoryJson } from '../../../src/model/wire/history.ts'
import type { Live } from '../connection/live.ts'
import { curveOf, type Point } from '../model/curve.ts'
import type { Series } from '../model/series.ts'
import { isRunning } from '../model/state.ts'

/** Points heard since the page was opened, one a second at most; what the OMA keeps is read anew every 20 s anyway. */
const MAX_HEARD = 600

/** The rate of a job over its whole run, going on while it is watched. */
export function useCurve(live: Live, jobId: string, kept: ProgressHistoryJson | undefined): Series {
  const heard = useRef<Point[]>([])
  const [count, again] = useReducer((count: number, _: undefined) => count + 1, 0)
  useEffect(() => {
    heard.current = []
    return live.ticked.on(() => {
      const job = live.fleet.job(jobId)
      if (job === undefined || !isRunning(job)) return
      const isLive = live.truth.name === 'live'
      heard.current.push({ at: live.serverNow / 1_000, rate: isLive ? job.transfer_speed_bps : null })
      if (heard.current.length > MAX_HEARD) heard.current.shift()
      again(undefined)
    })
  }, [live, jobId])
  const made = useRef<{ readonly kept: unknown; readonly count: number; readonly series: Series }>(undefined)
  if (made.current?.kept !== kept || made.current?.count !== count) {
    made.current = { kept, count, series: curveOf(kept?.points ?? [], heard.current) }
  }
  return made.current?.series ?? { times: [], rates: [] }
}
