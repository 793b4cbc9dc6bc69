/** Some seconds of hostile input against both services; a failure names the seed, and FUZZ_SEED runs it again. */

import t from 'tap'
import { fuzzServices, seedOfRun } from './fuzz/services.ts'

t.setTimeout(60_000)
t.test('[SEC-1] whatever strangers send, both services go on, and let in no one', async (t) => {
  await fuzzServices(t, seedOfRun(), { forMs: 5_000, maxGrowthMib: 64 })
})
