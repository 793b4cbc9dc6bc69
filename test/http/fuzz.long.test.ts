/** A minute of hostile input against both services. */

import t from 'tap'
import { fuzzServices, seedOfRun } from './fuzz/services.ts'

t.setTimeout(180_000)
t.test('[SEC-1] a minute of whatever strangers send leaves both services as they were', async (t) => {
  await fuzzServices(t, seedOfRun(), { forMs: 60_000, maxGrowthMib: 64 })
})
