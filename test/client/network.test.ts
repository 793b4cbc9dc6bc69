/** The client over real HTTP, with the WebSocket of this Node. */

import t from 'tap'
import { SightlineClient, type ConnectionState } from '../../src/client/index.ts'
import { streamServer, TOKEN } from '../support/stream-server.ts'

async function became(client: SightlineClient, name: ConnectionState['name']): Promise<ConnectionState> {
  return await new Promise((resolve) => {
    client.onConnection((state) => {
      if (state.name === name) resolve(state)
    })
  })
}

t.test('[CLIENT-1] a wrong token is told apart from a service that is away', async (t) => {
  const server = await streamServer(t)
  const client = new SightlineClient({ url: `http://127.0.0.1:${server.port}`, token: 'wrong', random: () => 0 })
  t.teardown(() => client.close())
  client.topic('jobs')
  t.match(await became(client, 'unauthorized'), { reason: 'Authentication required' })
  const other = new SightlineClient({ url: `http://127.0.0.1:${server.port}`, token: TOKEN, random: () => 0 })
  t.teardown(() => other.close())
  other.topic('jobs')
  await became(other, 'live')
  await server.close()
  t.match(await became(other, 'reconnecting'), { reason: 'the service is going away' })
  await became(other, 'connecting')
  t.match(await became(other, 'reconnecting'), { attempt: Number })
})

t.test('[CLIENT-1, WS-5] a token that no subprotocol can carry goes by ticket', async (t) => {
  const token = 'aGVsbG8/d29ybGQ+/=='
  const server = await streamServer(t, {}, [], [token])
  server.stream.set('a')
  const client = new SightlineClient({ url: `http://127.0.0.1:${server.port}`, token })
  t.teardown(() => client.close())
  const [update] = await Promise.all([client.topic('jobs').updates().next(), became(client, 'live')])
  t.match(update.value, { type: 'snapshot', jobs: [{ job_id: 'a' }] })
})
