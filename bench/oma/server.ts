/**
 * Entry of the OMA's process, on a database that stands: `node server.ts`. It tells the delay of its event loop, whose
 * histogram starts anew with each question.
 */

import { loadSettings } from '../../config/load.ts'
import { startOma, type Oma } from '../../src/compose-oma.ts'
import type { Delays } from '../../src/telemetry/delays.ts'
import { createLogger } from '../../src/telemetry/log.ts'
import { obey } from '../support/parent.ts'

export type OmaQuestion =
  | {
      readonly ask: 'start'
      readonly database: string
      readonly vma: string
      readonly token: string
      readonly interval: string
    }
  | { readonly ask: 'jobs' | 'delays' }

let oma: Oma | undefined

obey(async (question: OmaQuestion) => {
  if (question.ask === 'start') {
    oma = await start(question)
    return oma.url
  }
  if (oma === undefined) throw new Error('start comes first')
  return question.ask === 'jobs' ? trackedJobs(oma) : delaysOf(oma)
})

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
