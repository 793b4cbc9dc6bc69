/** The OMA as `sightline oma` runs it, in a process of its own that tells what it did and cost. */

import { loadSettings } from '../../config/load.ts'
import { startOma, type Oma } from '../../src/compose-oma.ts'
import { createLogger } from '../../src/telemetry/log.ts'
import { obey, settledMemory } from '../support/parent.ts'
import { discoveryCost } from './discovery-cost.ts'
import { KindsOfLateness, watchLateness } from './lateness.ts'
import { measure, type PollFigures } from './measure.ts'
import type { Slowness } from './slowness.ts'

export type PollerQuestion =
  | {
      readonly ask: 'start'
      readonly settings: Readonly<Record<string, string>>
      /** vCenter to the name of a VMA. */
      readonly vcenters?: Readonly<Record<string, string>>
      /** Told apart in the lateness. */
      readonly slow?: Slowness
    }
  /** `discovery`: DiscoveryCost. `memory`: after a collection, which needs --expose-gc. */
  | { readonly ask: 'active' | 'begin' | 'end' | 'stop' | 'discovery' | 'memory' }

let oma: Oma | undefined
let end: (() => PollFigures) | undefined
let kinds: KindsOfLateness | undefined

async function start({ settings, vcenters = {}, slow }: Extract<PollerQuestion, { ask: 'start' }>): Promise<string> {
  const files = [{ path: 'bench', text: JSON.stringify({ vcenters }) }]
  const loaded = loadSettings({ env: settings, files })
  if ('faults' in loaded) throw new Error(JSON.stringify(loaded.faults))
  const log = createLogger({ level: 'error', format: 'json', service: 'oma' })
  oma = await startOma(loaded.settings, { log, migrate: true })
  if (slow !== undefined) {
    kinds = new KindsOfLateness(slow)
    watchLateness(oma, kinds)
  }
  return oma.url
}

function begin(on: Oma): void {
  end = measure(on)
  kinds?.reset()
}

function figures(): PollFigures | undefined {
  const taken = end?.()
  return taken === undefined || kinds === undefined ? taken : { ...taken, lateness: kinds.read() }
}

obey(async (question: PollerQuestion) => {
  if (question.ask === 'start') return await start(question)
  if (oma === undefined) throw new Error('not started')
  switch (question.ask) {
    case 'active':
      return oma.stats().active
    case 'begin':
      return begin(oma)
    case 'end':
      return figures()
    case 'discovery':
      return await discoveryCost(oma)
    case 'memory':
      return settledMemory()
    case 'stop':
      return await oma.close()
  }
})
