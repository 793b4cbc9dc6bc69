/**
 * Entry of a server's process: `node server.ts KIND [ROOT]`. KIND: `sightline`, out of the checkout ROOT (default: this one),
 * so that the code of before and after can be measured in one run; or a rival.
 */

import { pathToFileURL } from 'node:url'
import type { startVma as StartVma } from '../../src/compose-vma.ts'
import { DEFAULT_LIMITS, RunStore } from '../../src/vma/store.ts'
import { obey, settledMemory } from '../support/parent.ts'
import { fastifyApp } from './fastify.ts'
import { MapDocumentSchema, MapStore } from './map-store.ts'

export type ServerQuestion = 'start' | 'memory'

const [, , kind = 'sightline', root] = process.argv

/** More than any bench posts: nothing is evicted. */
const MAX_JOBS = 1_000_000

/** As long as the usual document. */
const FLOOR_BYTES = 2_100

obey((question: ServerQuestion) => (question === 'start' ? start() : settledMemory()))

/** uWebSockets.js with no work of ours at all: it reads no body and gives one answer. The floor. */
async function startFloor(): Promise<string> {
  const uWS = await import('uWebSockets.js')
  const document = ' '.repeat(FLOOR_BYTES)
  const app = uWS.App()
  app.post('/api/v1/progress/:jobId/update', (res) => {
    res.onAborted(() => undefined)
    res.onData((_chunk, isLast) => {
      if (isLast) res.end('{"status":"success"}')
    })
  })
  app.get('/api/v1/progress/:jobId', (res) => {
    res.writeHeader('Content-Type', 'application/json').end(document)
  })
  return await new Promise((resolve) => {
    app.listen('127.0.0.1', 0, (socket) => {
      if (socket !== false) resolve(`http://127.0.0.1:${uWS.us_socket_local_port(socket)}`)
    })
  })
}

async function start(): Promise<string> {
  if (kind === 'uws-floor') return await startFloor()
  if (kind !== 'sightline') return await fastifyOf(kind).listen({ host: '127.0.0.1', port: 0 })
  const file =
    root === undefined
      ? new URL('../../src/compose-vma.ts', import.meta.url)
      : pathToFileURL(`${root}/src/compose-vma.ts`)
  const { startVma } = (await import(file.href)) as { startVma: typeof StartVma }
  const vma = await startVma(
    { host: '127.0.0.1', port: 0, tokens: [], limits: { maxJobs: MAX_JOBS } },
    { clock: { now: Date.now }, onFault: (error) => console.error(error) },
  )
  return `http://127.0.0.1:${vma.port}`
}

function fastifyOf(name: string) {
  if (name === 'fastify') return fastifyApp(new RunStore({ ...DEFAULT_LIMITS, maxJobs: MAX_JOBS }))
  if (name === 'fastify-map') return fastifyApp(new MapStore(), MapDocumentSchema)
  throw new Error(`unknown server ${name}`)
}
