/** The OMA as `sightline oma` runs it, in a process of its own that tells what it did and cost. */

import { loadSettings } from '../../config/load.ts'
import { startOma, type Oma } from '../../src/compose-oma.ts'
import { createLogger } from '../../src/telemetry/log.ts'
import { obey } from '../support/parent.ts'
import { measure, type PollFigures } from './measure.ts'

export type PollerQuestion =
  | { readonly ask: 'start'; readonly settings: Readonly<Record<string, string>> }
  | { readonly ask: 'active' | 'begin' | 'end' | 'stop' }

let oma: Oma | undefined
let end: (() => PollFigures) | undefined

obey(async (question: PollerQuestion) => {
  if (question.ask === 'start') {
    const loaded = loadSettings({ env: question.settings })
    if ('faults' in loaded) throw new Error(JSON.stringify(loaded.faults))
    const log = createLogger({ level: 'error', format: 'json', service: 'oma' })
    oma = await startOma(loaded.settings, { log, migrate: true })
    return oma.url
  }
  if (oma === undefined) throw new Error('not started')
  if (question.ask === 'active') return oma.stats().active
  if (question.ask === 'begin') {
    end = measure(oma)
    return undefined
  }
  if (question.ask === 'end') return end?.()
  await oma.close()
  return undefined
})
