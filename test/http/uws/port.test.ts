/** The port of a service that was killed, and one that somebody has. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { listen } from '../../../src/http/uws/server.ts'
import { freePort } from '../../support/mariadb-server.ts'

const SERVER = new URL('../../../src/http/uws/server.ts', import.meta.url)

const options = (port: number) => ({
  host: '127.0.0.1',
  port,
  routes: [],
  clock: { now: () => 0 },
  authorize: () => undefined,
  onFault: () => undefined,
})

/** A service as a process of its own, to be killed. */
async function serviceOn(t: Test, port: number) {
  const code = `import { listen } from '${SERVER.href}'; const server = await listen({ host: '127.0.0.1', port: ${port}, routes: [], clock: { now: () => 0 }, authorize: () => undefined, onFault: () => undefined }); console.log(server.port)`
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  t.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  return child
}

t.test('[SEC-1] a service that was killed with connections open has its port again at once', async (t) => {
  const port = await freePort()
  const killed = await serviceOn(t, port)
  // Its own end closes first, and the other does not: the kernel keeps such a connection for a minute.
  const client = createConnection({ port, host: '127.0.0.1', allowHalfOpen: true })
  client.on('error', () => undefined)
  t.teardown(() => client.destroy())
  // Answered, so accepted: one that still waits for that is reset and not closed.
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(client, 'data')
  const ended = once(client, 'end')
  client.resume()
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  await ended
  const server = await listen(options(port))
  t.equal(server.port, port)
  await server.close(0)
})

t.test('[SEC-1] a port that somebody has is refused, whatever he listens with', async (t) => {
  const port = await freePort()
  const other = await serviceOn(t, port)
  await t.rejects(listen(options(port)), /cannot listen on 127\.0\.0\.1:\d+: port in use/)
  other.kill('SIGKILL')
  await once(other, 'exit')
  const foreign = createServer().listen(0, '127.0.0.1')
  t.teardown(() => foreign.close())
  await once(foreign, 'listening')
  const address = foreign.address()
  const taken = typeof address === 'object' && address !== null ? address.port : 0
  await t.rejects(listen(options(taken)), /port in use/)
})
