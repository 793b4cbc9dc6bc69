/**
 * Entry of the OMA's process, on a database that stands: `node server.ts`. It tells the delay of its event loop, whose
 * histogram starts anew with each question.
 */

import { loadSettings } from '../../config/load.ts'
import { startOma, type Oma } from '../../src/compose-oma.ts'
import type { Delays } from '../../src/telemetry/delays.ts'
import { createLogger } from '../../src/telemetry/log.ts'
import { monotonicMs } from '../support/monotonic.ts'
import { obey } from '../support/parent.ts'

export type OmaQuestion =
  | {
      readonly ask: 'start'
      readonly database: string
      readonly vma: string
      readonly token: string
      readonly interval: string
    }
  /** `watch`: from now on every new sample of a job is kept; `samples` gives and forgets them. */
  | { readonly ask: 'jobs' | 'tracked' | 'delays' | 'watch' | 'samples' }

/** A job's bytes and when the stream was told of them, on the clock that all processes share. */
export interface Sample {
  readonly jobId: string
  readonly bytes: number
  readonly at: number
}

let oma: Oma | undefined

obey(async (question: OmaQuestion) => {
  if (question.ask === 'start') {
    oma = await start(question)
    return oma.url
  }
  if (oma === undefined) throw new Error('start comes first')
  switch (question.ask) {
    case 'jobs':
      return trackedJobs(oma)
    case 'tracked':
      return [...oma.runtime.list()].filter((job) => job.contact_age_seconds !== null).length
    case 'delays':
      return delaysOf(oma)
    case 'watch':
      return watch(oma)
    case 'samples':
      return samples.splice(0)
  }
})

const samples: Sample[] = []

/** Behind the stream's own listener: what it is told is kept a moment later. */
function watch({ runtime }: Oma): void {
  const newest = new Map<string, number>()
  runtime.publisher.listen((job) => {
    const bytes = job.progress?.bytes ?? 0
    if (newest.get(job.jobId) === bytes) return
    newest.set(job.jobId, bytes)
    samples.push({ jobId: job.jobId, bytes, at: monotonicMs() })
  })
}

async function start(question: Extract<OmaQuestion, { ask: 'start' }>): Promise<Oma> {
  const { database, vma, token, interval } = question
  const env = {
    DATABASE_URL: database,
    VMA_PROGRESS_CLIENT_URL: vma,
    VMA_PROGRESS_POLL_INTERVAL: interval,
    OMA_API_TOKENS: token,
    OMA_HTTP_PORT: '0',
  }
  const loaded = loadSettings({ env })
  if ('faults' in loaded) throw new Error(JSON.stringify(loaded.faults))
  return await startOma(loaded.settings, { log: createLogger({ level: 'warn', format: 'json', service: 'oma' }) })
}

/** That have been heard of. */
function trackedJobs({ runtime }: Oma): number {
  let heard = 0
  for (const job of runtime.list()) if (job.bytes_transferred > 0) heard += 1
  return heard
}

function delaysOf({ runtime }: Oma): Delays {
  const delays = runtime.stats.loop.read()
  runtime.stats.loop.reset()
  return delays
}
