/** What one round of discovery takes, while everything else goes on. */

import { setTimeout as after } from 'node:timers/promises'
import type { Oma } from '../../src/compose-oma.ts'
import { median } from '../support/report.ts'

export interface DiscoveryCost {
  /** Of the query, from the question to the answer in the main thread. */
  readonly queryMs: number
  /** Processor time of the main thread for the round, what it has besides taken off. */
  readonly mainMs: number
}

const ROUNDS = 10
const BASE_MS = 3_000

function mainMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

export async function discoveryCost({ runtime, database }: Oma): Promise<DiscoveryCost> {
  const base = { cpu: mainMs(), at: performance.now() }
  await after(BASE_MS)
  const busy = (mainMs() - base.cpu) / (performance.now() - base.at)
  const queries: number[] = []
  const activeJobs = database.activeJobs.bind(database)
  database.activeJobs = async (statuses) => {
    const askedAt = performance.now()
    const jobs = await activeJobs(statuses)
    queries.push(performance.now() - askedAt)
    return jobs
  }
  const from = { cpu: mainMs(), at: performance.now() }
  for (let round = 0; round < ROUNDS; round += 1) await runtime.discoverNow()
  const took = performance.now() - from.at
  const own = mainMs() - from.cpu - busy * took
  database.activeJobs = activeJobs
  return { queryMs: median(queries), mainMs: Math.max(0, own) / ROUNDS }
}
