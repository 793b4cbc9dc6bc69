import t from 'tap'
import { returningClients } from './returning-clients.ts'

t.test('[WS-2, CLIENT-1] clients that are cut off at random, and a killed OMA: all end with its state', async (t) => {
  await returningClients(t, { clients: 12, jobs: 60, cutMs: 3_000, roundMs: 250, seed: 20 })
})
