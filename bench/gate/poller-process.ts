/** The OMA of a checkout, `node poller-process.ts ROOT`, and what a number of its polls costs. */

import { setTimeout as after } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type * as Load from '../../config/load.ts'
import type * as Compose from '../../src/compose-oma.ts'
import type * as Log from '../../src/telemetry/log.ts'
import { obey } from '../support/parent.ts'

/** Runs an OMA, and answers what a poll cost between the `warm`-th and the `warm + polls`-th of them. */
export interface GateQuestion {
  readonly settings: Readonly<Record<string, string>>
  readonly warm: number
  readonly polls: number
}

export interface GateAnswer {
  /** Processor time of all threads, user and system. */
  readonly usPerPoll: number
  readonly failed: number
}

const [, , root = ''] = process.argv
const LOOK_MS = 50
const WAIT_MS = 60_000

async function load<T>(file: string): Promise<T> {
  return (await import(pathToFileURL(`${root}/${file}`).href)) as T
}

async function polled(oma: Compose.Oma, count: number): Promise<number> {
  const end = performance.now() + WAIT_MS
  for (;;) {
    const { ok } = oma.stats().polls
    if (ok >= count) return ok
    if (performance.now() > end) throw new Error(`${ok} polls of ${count} after ${WAIT_MS / 1_000} s`)
    await after(LOOK_MS)
  }
}

obey(async ({ settings, warm, polls }: GateQuestion): Promise<GateAnswer> => {
  const { loadSettings } = await load<typeof Load>('config/load.ts')
  const { startOma } = await load<typeof Compose>('src/compose-oma.ts')
  const { createLogger } = await load<typeof Log>('src/telemetry/log.ts')
  const loaded = loadSettings({ env: settings })
  if ('faults' in loaded) throw new Error(JSON.stringify(loaded.faults))
  const log = createLogger({ level: 'error', format: 'json', service: 'oma' })
  const oma = await startOma(loaded.settings, { log, migrate: true })
  const from = await polled(oma, warm)
  const cpu = process.cpuUsage()
  const to = await polled(oma, warm + polls)
  const { user, system } = process.cpuUsage(cpu)
  const { failed } = oma.stats().polls
  await oma.close()
  return {
    usPerPoll: (user + system) / (to - from),
    failed: Object.values(failed).reduce<number>((sum, count) => sum + (count ?? 0), 0),
  }
})
