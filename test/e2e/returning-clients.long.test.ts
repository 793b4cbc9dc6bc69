import t from 'tap'
import { returningClients } from './returning-clients.ts'

t.setTimeout(180_000)
t.test('[WS-2, CLIENT-1] fifty clients, five hundred jobs, half a minute of cuts and a killed OMA', async (t) => {
  await returningClients(t, { clients: 50, jobs: 500, cutMs: 30_000, roundMs: 250, seed: 21 })
})
