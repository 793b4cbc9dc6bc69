/** The OMA as `sightline oma` runs it, in a process that tells what it holds and in which a thread can be made to die. */

import { queryObjects } from 'node:v8'
import type { Worker } from 'node:worker_threads'
import { loadSettings } from '../../config/load.ts'
import { obey } from '../../bench/support/parent.ts'
import { Job } from '../../src/actors/job.ts'
import { startOma, type Oma } from '../../src/compose-oma.ts'
import { createLogger } from '../../src/telemetry/log.ts'
import { processFigures, type Figures } from './probe.ts'

export type OmaQuestion =
  | {
      readonly ask: 'start'
      readonly settings: Readonly<Record<string, string>>
      readonly vcenters: Readonly<Record<string, string>>
    }
  | { readonly ask: 'figures' | 'stats' | 'killThread' | 'close' }

let oma: Oma | undefined
/** In the order of their start: the first one is the database's. */
const threads: Worker[] = []

process.on('worker', (worker: Worker) => {
  threads.push(worker)
  worker.once('exit', () => threads.splice(threads.indexOf(worker), 1))
})

obey(async (question: OmaQuestion) => {
  if (question.ask === 'start') {
    oma = await start(question)
    return oma.url
  }
  if (oma === undefined) throw new Error('start comes first')
  if (question.ask === 'figures') return figuresOf(oma)
  if (question.ask === 'stats') return { ...oma.stats(), stream: oma.streamStats() }
  if (question.ask === 'killThread') return await killFetchThread()
  await oma.close()
  return undefined
})

async function start({ settings, vcenters }: Extract<OmaQuestion, { ask: 'start' }>): Promise<Oma> {
  const loaded = loadSettings({ env: settings })
  if ('faults' in loaded) throw new Error(JSON.stringify(loaded.faults))
  const log = createLogger({ level: 'warn', format: 'json', service: 'oma' })
  return await startOma({ ...loaded.settings, vcenters }, { log, migrate: true })
}

function figuresOf(running: Oma): Figures {
  const { active, mailboxDepth, writesQueued, jobLog, inFlight } = running.stats()
  const { clients, topics } = running.streamStats()
  return {
    ...processFigures(),
    actors: active,
    // Also those that nothing leads to any more but a reference that was forgotten.
    'job objects': queryObjects(Job, { format: 'count' }),
    histories: running.runtime.histories.size,
    clients,
    topics,
    'polls out': inFlight,
    mailbox: mailboxDepth,
    'rows waiting': writesQueued,
    'log waiting': jobLog.queued,
    threads: threads.length,
  }
}

/** As an exhausted heap of its own would end it. */
async function killFetchThread(): Promise<boolean> {
  const [, fetching] = threads
  await fetching?.terminate()
  return fetching !== undefined
}
