/** The OMA as `sightline oma` runs it, in a process of its own that tells whose turn came when. */

import { loadSettings } from '../../config/load.ts'
import { startOma, type Oma } from '../../src/compose-oma.ts'
import type { Delays } from '../../src/telemetry/delays.ts'
import { createLogger } from '../../src/telemetry/log.ts'
import { measure, type PollFigures } from '../poll/measure.ts'
import { obey } from '../support/parent.ts'
import { Turns, type Fairness } from './fairness.ts'

export type OmaQuestion =
  | { readonly ask: 'start'; readonly settings: Readonly<Record<string, string>> }
  | { readonly ask: 'active' | 'begin' | 'end' | 'lateness' | 'rss' | 'stop' }

export interface SpanFigures extends PollFigures {
  readonly fairness: Fairness
  /** Samples that reached their job, asked for or told. */
  readonly heardPerSecond: number
  /** Results that a newer one of the same job replaced before they were read, and rows before they were written. */
  readonly conflated: number
  readonly replacedRows: number
  readonly mailboxDepth: number
  readonly rowsWaiting: number
}

let oma: Oma | undefined
let end: (() => SpanFigures) | undefined
let turns: Turns | undefined

obey(async (question: OmaQuestion) => {
  if (question.ask === 'start') {
    oma = await start(question.settings)
    return oma.url
  }
  if (oma === undefined) throw new Error('start comes first')
  switch (question.ask) {
    case 'active':
      return liveIds(oma).length
    case 'begin':
      end = begin(oma)
      return undefined
    case 'end':
      return end?.()
    case 'lateness':
      return lateness(oma)
    case 'rss':
      return process.memoryUsage.rss()
    case 'stop':
      return await oma.close()
  }
})

async function start(settings: Readonly<Record<string, string>>): Promise<Oma> {
  const loaded = loadSettings({ env: settings })
  if ('faults' in loaded) throw new Error(JSON.stringify(loaded.faults))
  const log = createLogger({ level: 'error', format: 'json', service: 'oma' })
  const started = await startOma(loaded.settings, { log, migrate: true })
  started.runtime.publisher.listen((job, change) => {
    if (change !== 'adopted' && change !== 'removed') turns?.polled(job.jobId, performance.now())
  })
  return started
}

function begin(running: Oma): () => SpanFigures {
  const before = liveIds(running)
  const at = running.stats()
  const measured = measure(running)
  const beganAt = performance.now()
  const began = (turns = new Turns(beganAt))
  return () => {
    const figures = measured()
    turns = undefined
    const now = running.stats()
    const left = new Set(liveIds(running))
    return {
      ...figures,
      fairness: began.read(
        before.filter((id) => left.has(id)),
        performance.now(),
      ),
      heardPerSecond: began.total / ((performance.now() - beganAt) / 1_000),
      conflated: now.conflated - at.conflated,
      replacedRows: now.writes.replaced - at.writes.replaced,
      mailboxDepth: now.mailboxDepth,
      rowsWaiting: now.writesQueued,
    }
  }
}

function liveIds({ runtime }: Oma): string[] {
  return [...runtime.supervisor.jobs.all()].filter(({ phase }) => phase === 'live').map(({ jobId }) => jobId)
}

/** Since it was asked last. */
function lateness({ runtime }: Oma): Delays {
  const delays = runtime.read().lateness
  runtime.stats.resetLateness()
  return delays
}
