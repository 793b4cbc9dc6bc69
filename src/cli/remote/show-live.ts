/** `watch` on a terminal: redrawn in place a few times a second, with the size that the terminal has at the moment. */

import { isTerminal } from '../../model/words.ts'
import { paced } from '../paced.ts'
import { Screen, type Terminal } from '../screen.ts'
import { byInterest, renderTable, type Paint } from '../table.ts'
import { wrapSegments } from '../text.ts'
import { formatCoarse } from '../format.ts'
import type { ConnectionState, LiveJob } from '../../client/index.ts'
import { agesText, jobLines, labelled } from './detail.ts'
import type { Look } from './look.ts'
import { stateText, type Scene, type Show } from './show.ts'
import { totalsOf, totalSegments } from './totals.ts'
import { lastErrorText, whyText } from './why.ts'

const FRAME_MS = 250
const AT_LEAST_EVERY_MS = 2_000

export interface LiveParts {
  readonly terminal: Terminal
  /** But the width, which changes. */
  readonly look: Omit<Look, 'width'>
  readonly now: () => number
  readonly eachJob: boolean
  readonly scene: () => Scene | undefined
}

export function liveShow({ terminal, look, now, eachJob, scene }: LiveParts): Show {
  const screen = new Screen(terminal)
  let before: ConnectionState = { name: 'connecting' }
  const frame = (): void => {
    const { columns: width, rows } = terminal
    const view = { ...look, width, height: Math.max(1, rows - 1), now: now() }
    const seen = scene()
    const lines = seen === undefined ? [stateText(before)] : (eachJob ? detailFrame : tableFrame)(seen, view)
    screen.draw(lines.slice(0, view.height))
  }
  const resized = (): void => {
    screen.reset([])
    frame()
  }
  terminal.on('resize', resized)
  const stop = paced(frame, FRAME_MS, AT_LEAST_EVERY_MS)
  return {
    connection: (state) => {
      before = state
      frame()
    },
    update: () => undefined,
    close: () => {
      stop()
      terminal.off('resize', resized)
      frame()
      screen.close()
    },
  }
}

interface FrameView extends Look {
  readonly height: number
  readonly now: number
}

/** How true what stands below is, in words: not everybody sees colours. */
function stateSegments(scene: Scene): readonly string[] {
  if (scene.isLive) return ['live']
  // Connected, and what was missed is still on its way.
  const text = scene.state.name === 'live' ? 'catching up' : stateText(scene.state)
  if (scene.jobs.size === 0) return [text]
  return ['NOT LIVE', text, `as it was ${formatCoarse(scene.staleFor)} ago`]
}

function stateLines(scene: Scene, { glyphs, width, paint }: Look): readonly string[] {
  const lines = wrapSegments(stateSegments(scene), glyphs.dot, width)
  return lines.map((line) => paint(scene.isLive ? 'dim' : 'yellow', line))
}

export function tableFrame(scene: Scene, view: FrameView): readonly string[] {
  const jobs = [...scene.jobs.values()]
  const { isLive } = scene
  if (!isLive && jobs.length === 0) return stateLines(scene, view)
  const paint: Paint = isLive ? view.paint : (style, text) => view.paint(style === 'bold' ? 'yellow' : 'dim', text)
  const shown = isLive ? jobs : jobs.map(stale)
  return renderTable(shown, [...stateSegments(scene), ...totalSegments(totalsOf(shown))], { ...view, paint })
}

/** A speed and an ETA are of now, or of no use. */
function stale(job: LiveJob): LiveJob {
  return { ...job, transfer_speed_bps: 0, eta_seconds: null, eta_low_seconds: null, eta_high_seconds: null }
}

export function detailFrame(scene: Scene, view: FrameView): readonly string[] {
  const { isLive } = scene
  const jobs = byInterest([...scene.jobs.values()])
  const body = jobs.flatMap((job) => {
    const agedBy = scene.agedBy(job.job_id)
    const detail = { ...view, agedBy, isLive }
    const error = isLive ? lastErrorText(job, view.now) : undefined
    if (isTerminal(job.status)) {
      const failure = job.status === 'completed' ? [] : labelled('why', whyText(job), view)
      return ['', ...jobLines(job, detail), ...failure]
    }
    const why = isLive && job.verdict !== 'moving' ? labelled('why', whyText(job), view) : []
    return [
      '',
      ...jobLines(job, detail),
      ...why,
      ...labelled('ages', agesText(job, agedBy), view),
      ...(error === undefined ? [] : labelled('last error', error, view)),
    ]
  })
  return [...stateLines(scene, view), ...(jobs.length === 0 && isLive ? ['', 'no job is running yet'] : body)]
}
