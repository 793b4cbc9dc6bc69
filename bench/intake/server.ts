/**
 * Entry of a server's process: `node server.ts KIND [ROOT]`. KIND: `sightline`, out of the checkout ROOT (default: this one),
 * so that the code of before and after can be measured in one run; or a rival.
 */

import { pathToFileURL } from 'node:url'
import type { startVma as StartVma } from '../../src/compose-vma.ts'
import { ProgressDocumentSchema } from '../../src/model/wire/progress-document.ts'
import { DEFAULT_LIMITS, RunStore } from '../../src/vma/store.ts'
import { obey, settledMemory } from '../support/parent.ts'
import { fastifyApp } from './fastify.ts'
import { MapStore } from './map-store.ts'

export type ServerQuestion = 'start' | 'memory'

const [, , kind = 'sightline', root] = process.argv

/** More than any bench posts: nothing is evicted. */
const MAX_JOBS = 1_000_000

obey((question: ServerQuestion) => (question === 'start' ? start() : settledMemory()))

async function start(): Promise<string> {
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
  const ours = (): RunStore => new RunStore({ ...DEFAULT_LIMITS, maxJobs: MAX_JOBS })
  if (name === 'fastify') return fastifyApp(ours())
  if (name === 'fastify-serializer') return fastifyApp(ours(), ProgressDocumentSchema)
  if (name === 'fastify-map') return fastifyApp(new MapStore())
  throw new Error(`unknown server ${name}`)
}
